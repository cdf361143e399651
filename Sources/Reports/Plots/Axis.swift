import Foundation

/// One direction of a plot: which numbers it shows, and where.
struct Axis {
  let lower: Double
  let upper: Double
  let isLogarithmic: Bool

  /// An axis that shows all of the values that it can: finite ones, on a logarithmic axis above 0.
  init(showing values: [Double], isLogarithmic: Bool) {
    let shown = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
    var (low, high) = (shown.min() ?? 0, shown.max() ?? 1)
    if isLogarithmic {
      if low == high { (low, high) = (low / 2, high * 2) }
      // Half of the smallest number is 0, twice the greatest infinite.
      low = shown.isEmpty ? 0.1 : max(low, .leastNonzeroMagnitude)
      high = shown.isEmpty ? 1 : high
    } else if low == high {
      (low, high) = (low - (low == 0 ? 1 : abs(low) / 2), high + (high == 0 ? 1 : abs(high) / 2))
    }
    let greatest = Double.greatestFiniteMagnitude
    (lower, upper) = (max(low, -greatest), min(high, greatest))
    self.isLogarithmic = isLogarithmic
  }

  /// Where a number lies between the ends, 0 to 1; nil where it cannot be shown.
  func position(_ value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    let place =
      isLogarithmic ? log(value / lower) / log(upper / lower) : (value - lower) / (upper - lower)
    return place.isFinite && place >= -1e-9 && place <= 1 + 1e-9 ? min(max(place, 0), 1) : nil
  }

  /// Round numbers along the axis.
  var ticks: [Double] {
    if isLogarithmic, upper / lower >= 10 {
      let powers = (Int(floor(log10(lower)))...Int(floor(log10(upper) + 1e-9))).map { pow(10, Double($0)) }
      let shown = powers.filter { position($0) != nil }
      // Powers of ten alone would be one or two over so few of them.
      if shown.count < 3 { return powers.flatMap { [$0, 2 * $0, 5 * $0] }.filter { position($0) != nil } }
      let stride = max(1, shown.count / 6)
      return shown.indices.filter { $0.isMultiple(of: stride) }.map { shown[$0] }
    }
    let rough = (upper - lower) / 5
    let magnitude = pow(10, floor(log10(rough)))
    guard magnitude.isFinite, magnitude > 0 else { return [lower, upper] }
    let interval = ([1, 2, 5, 10].first { $0 * magnitude >= rough } ?? 10) * magnitude
    let first = ceil(lower / interval - 1e-9)
    return (0..<12).map { (first + Double($0)) * interval }.filter { position($0) != nil }
  }
}

/// A number on an axis or in a cell: few digits.
func label(_ value: Double, digits count: Int = 3) -> String {
  if value == 0 { return "0" }
  // No power of ten divides what is smaller than normal numbers.
  guard value.isFinite, abs(value) >= .leastNormalMagnitude else { return "\(value)" }
  let magnitude = abs(value)
  if magnitude >= 1e7 || magnitude < 1e-3 {
    var exponent = Int(floor(log10(magnitude)))
    var fraction = (value / pow(10, Double(exponent)) * 100).rounded() / 100
    if abs(fraction) >= 10 { (fraction, exponent) = (fraction / 10, exponent + 1) }
    return "\(plain(fraction))e\(exponent)"
  }
  let digits = max(0, count - Int(floor(log10(magnitude))) - 1)
  let scale = pow(10, Double(digits))
  return plain((value * scale).rounded() / scale)
}

private func plain(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
}

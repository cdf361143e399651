import CTables

/// The numbers that some rows have, without the missing ones, from the least to the greatest: sorted once for all that
/// is learned from them.
struct KnownNumbers {
  let sorted: [Double]
  /// 0 where there are none.
  let mean: Double
  let standardDeviation: Double
  /// The mean cube of the standardised numbers: 0 where both sides are alike.
  let skewness: Double

  init(_ values: [Double], rows: some Collection<Int>) {
    let known = [Double](unsafeUninitializedCapacity: rows.count) { known, count in
      values.withUnsafeBufferPointer { values in
        for row in rows where !values[row].isNaN {
          known[count] = values[row]
          count += 1
        }
      }
    }
    (mean, standardDeviation, skewness) = moments(known)
    sorted = ascending(known)
  }

  /// Of a column of numbers or dates; nil for text.
  init?(_ values: Table.Values, rows: some Collection<Int>) {
    guard let numbers = values.numbers else { return nil }
    self.init(numbers, rows: rows)
  }

  var count: Int { sorted.count }

  /// The number below which a share of them lies, between neighbours in proportion.
  func quantile(_ share: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let position = share * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return last }
    let part = position - Double(index)
    return sorted[index] * (1 - part) + sorted[index + 1] * part
  }

  /// Calls `body` with each different number, ascending, and the range of its places among all.
  func forEachDifferent(_ body: (Double, Range<Int>) -> Void) {
    sorted.withUnsafeBufferPointer { sorted in
      var start = 0
      while start < sorted.count {
        var end = start + 1
        while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
        body(sorted[start], start..<end)
        start = end
      }
    }
  }
}

/// Mean, standard deviation and skewness of numbers, none of which is NaN.
func moments(_ numbers: [Double]) -> (mean: Double, deviation: Double, skewness: Double) {
  let count = Double(max(numbers.count, 1))
  // Counted from the first number, equal numbers have it as their mean, and far from 0 no digits are lost.
  var origin = numbers.first ?? 0
  var rest = numbers.reduce(0) { $0 + ($1 - origin) } / count
  // Where the sum is beyond any number.
  if !rest.isFinite { (origin, rest) = (0, numbers.reduce(0) { $0 + $1 / count }) }
  func meanPower(_ exponent: Int, inUnitsOf unit: Double) -> Double {
    numbers.reduce(0) { sum, number in
      let distance = ((number - origin) - rest) / unit
      return sum + (exponent == 2 ? distance * distance : distance * distance * distance)
    } / count
  }
  var deviation = meanPower(2, inUnitsOf: 1).squareRoot()
  if !deviation.isNormal {
    // Squares of large distances are beyond any number, those of small ones are 0.
    let greatest = numbers.reduce(0) { max($0, abs(($1 - origin) - rest)) }
    if greatest > 0, greatest.isFinite { deviation = greatest * meanPower(2, inUnitsOf: greatest).squareRoot() }
  }
  return (origin + rest, deviation, deviation > 0 ? meanPower(3, inUnitsOf: deviation) : 0)
}

/// Numbers, none of which is NaN, from the least to the greatest.
private func ascending(_ numbers: consuming [Double]) -> [Double] {
  // What sorting by digits needs is not worth it for few.
  guard numbers.count > 2000 else { return numbers.sorted() }
  let count = numbers.count
  numbers.withUnsafeMutableBufferPointer { numbers in
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { scratch in
      chainrule_sort_numbers(numbers.baseAddress, scratch.baseAddress, count)
    }
  }
  return numbers
}

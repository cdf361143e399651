/// How long an exhaustive search takes.
public struct SearchEstimate: Hashable, Sendable, CustomStringConvertible {
  /// How many weights are searched.
  public let weightCount: Int
  /// How many values each may take.
  public let valueCount: Int
  /// How long one network evaluation takes, on all examples, in seconds.
  public let secondsPerEvaluation: Double

  /// A search of `valueCount` values for each of `weightCount` weights.
  public init(weightCount: Int, valueCount: Int, secondsPerEvaluation: Double) {
    self.weightCount = weightCount
    self.valueCount = valueCount
    self.secondsPerEvaluation = secondsPerEvaluation
  }

  /// The number of combinations; infinite where it is beyond any number.
  public var combinationCount: Double {
    (0..<weightCount).reduce(1.0) { product, _ in product.isFinite ? product * Double(valueCount) : product }
  }

  /// How long the whole search takes.
  public var seconds: Double { combinationCount * secondsPerEvaluation }

  public var description: String {
    let count = combinationCount.isFinite ? SearchEstimate.rounded(combinationCount) : "more than 1e308"
    return "\(valueCount) values for each of \(weightCount) weights are \(count) combinations; at "
      + "\(SearchEstimate.duration(secondsPerEvaluation)) each, measured on this machine, that takes "
      + SearchEstimate.duration(seconds)
  }

  /// A number of seconds in the unit that suits it.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "longer than can be said" }
    let units = [
      (1e-6, 1e-9, "ns"), (1e-3, 1e-6, "µs"), (1, 1e-3, "ms"), (120, 1, "seconds"), (7200, 60, "minutes"),
      (172_800, 3600, "hours"), (63_115_200, 86_400, "days"), (Double.infinity, 31_557_600, "years"),
    ]
    let (_, size, name) = units.first { seconds < $0.0 } ?? units[units.count - 1]
    return "\(rounded(seconds / size)) \(name)"
  }

  /// Three digits, and an exponent where a person would not count the zeros.
  private static func rounded(_ value: Double) -> String {
    guard value >= 1e6 else {
      let scale = value < 10 ? 100.0 : value < 100 ? 10.0 : 1.0
      let short = (value * scale).rounded() / scale
      return short == short.rounded() ? String(Int(short)) : String(short)
    }
    var (digits, exponent) = (value, 0)
    while digits >= 10 { (digits, exponent) = (digits / 10, exponent + 1) }
    return "\((digits * 100).rounded() / 100)e\(exponent)"
  }
}

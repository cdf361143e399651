#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a number becomes one of about -2 to 2, as learned from training examples.
public enum NumberScaling: Hashable, Sendable, Codable {
  /// `(x - center) / scale`, at most 10 from 0.
  case standard(center: Double, scale: Double)
  /// By the share of training examples below it, as a standard normal number of the same share: between the `knots`
  /// in proportion. For skewed numbers.
  case quantile(knots: [Double], scores: [Double])

  /// Which of the two to use.
  public enum Choice: String, Hashable, Sendable, Codable, CaseIterable {
    /// By quantiles where numbers are skewed.
    case automatic
    case standard
    case quantile
  }

  /// The skewness beyond which numbers are scaled by quantiles.
  static let greatestSkewness = 1.5
  private static let knotCount = 128

  /// - Parameter known: the training examples' numbers.
  init(learningFrom known: KnownNumbers, _ choice: Choice) {
    if choice == .quantile || (choice == .automatic && abs(known.skewness) > Self.greatestSkewness) {
      let (knots, scores) = Self.knots(known)
      if knots.count > 1 {
        self = .quantile(knots: knots, scores: scores)
        return
      }
    }
    let deviation = known.standardDeviation
    self = .standard(center: known.mean, scale: deviation > 0 && deviation.isFinite ? deviation : 1)
  }

  /// Some of the different numbers, and for each the score of the middle of its ranks.
  private static func knots(_ known: KnownNumbers) -> (knots: [Double], scores: [Double]) {
    var knots: [Double] = []
    var scores: [Double] = []
    var nextRank = 0.0
    known.forEachDifferent { number, places in
      guard Double(places.upperBound) > nextRank || places.upperBound == known.count else { return }
      knots.append(number)
      scores.append(score(Double(places.lowerBound + places.upperBound) / 2 / Double(known.count)))
      nextRank = Double(places.upperBound) + Double(known.count) / Double(knotCount)
    }
    return (knots, scores)
  }

  /// The standard normal number below which a share of them lies, approximated by the logistic distribution.
  ///
  /// Source: Bowling, Khasawneh, Kaewkuekool and Cho, "A logistic approximation to the cumulative normal distribution"
  /// (2009): the factor 1.702 keeps the distributions within 0.0095 of each other.
  private static func score(_ share: Double) -> Double {
    let bounded = min(max(share, 0.002), 0.998)
    return log(bounded / (1 - bounded)) / 1.702
  }

  /// What a number becomes.
  func callAsFunction(_ x: Double) -> Float {
    switch self {
    case .standard(let center, let scale): return Float(min(max((x - center) / scale, -10), 10))
    case .quantile(let knots, let scores):
      guard let first = knots.first, let last = knots.last, let low = scores.first, let high = scores.last else {
        return 0
      }
      if x <= first { return Float(low) }
      if x >= last { return Float(high) }
      var (start, end) = (0, knots.count - 1)
      while end - start > 1 {
        let middle = (start + end) / 2
        if knots[middle] <= x { start = middle } else { end = middle }
      }
      let share = (x - knots[start]) / (knots[end] - knots[start])
      return Float(scores[start] + share * (scores[end] - scores[start]))
    }
  }

  /// - Throws: `DatasetError` when it was changed to something that cannot be used.
  func validate(_ column: String) throws {
    let isUsable =
      switch self {
      case .standard(let center, let scale): center.isFinite && scale.isFinite && scale > 0
      case .quantile(let knots, let scores):
        knots.count > 1 && knots.count == scores.count && scores.allSatisfy(\.isFinite)
          && knots.allSatisfy(\.isFinite) && zip(knots, knots.dropFirst()).allSatisfy { $0 < $1 }
      }
    guard isUsable else {
      throw DatasetError(
        .invalidValue, "the scaling of column '\(column)' cannot be used", advice: "train the model again")
    }
  }
}

/// How good a network is on some data.
public struct Evaluation: Hashable, Sendable, Codable {
  /// The mean over the examples.
  public let loss: Double
  /// The number of examples.
  public let count: Int
  /// How many examples' classes are right; nil where numbers are predicted.
  public let correct: Int?
  /// How often each class (first index) was taken for each (second index); nil where numbers are predicted.
  public let confusionMatrix: [[Int]]?
  /// How long it took.
  public let seconds: Double

  /// The share of examples whose class is right, from 0 to 1; nil where numbers are predicted.
  public var accuracy: Double? { correct.map { Double($0) / Double(max(count, 1)) } }
}

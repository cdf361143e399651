/// How good a network is on some data.
public struct Evaluation: Hashable, Sendable, Codable {
  /// The mean over the examples, or over the places of sequences that have a target; weighted where the loss weights
  /// classes or the data examples.
  public let loss: Double
  /// The number of examples, or of places of sequences that have a target.
  public let count: Int
  /// How many of their classes are right; nil where numbers are predicted.
  public let correct: Int?
  /// How often each class (first index) was taken for each (second index); nil where numbers or sequences
  /// are predicted.
  public let confusionMatrix: [[Int]]?
  /// How long it took.
  public let seconds: Double

  /// The share of examples whose class is right, from 0 to 1; nil where numbers are predicted.
  public var accuracy: Double? { correct.map { Double($0) / Double(max(count, 1)) } }
}

extension Model {
  /// All that one pass over some data tells of a model.
  public struct Measurement: Sendable {
    /// The loss, and how many were right.
    public let evaluation: Evaluation
    /// The measures that suit what is predicted.
    public let scores: Scores
    /// What is predicted for each example, as by `Predictor.outputs(_:rows:)`; empty for sequences, whose outputs at
    /// every place would not fit into memory.
    public let predictions: [[Float]]
  }
}

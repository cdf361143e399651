/// What training makes small: one number for how far outputs are from targets, averaged over the examples of a batch.
///
/// Outputs are `[batch, outputs]` (losses on real targets accept any shape). Targets are real numbers of the same
/// shape, or class labels, int32 `[batch]` from 0; losses on real numbers turn labels into one-hot rows, so that a
/// network can learn classes by squared error as the classics do. Where there is one output, targets may be `[batch]`
/// too.
public enum Loss: Hashable, Sendable {
  /// The mean of `(o - t)²` over all elements.
  case meanSquaredError
  /// `½ Σ (o - t)²` over the outputs of an example: the quadratic cost of the classics.
  case halfSumSquaredError
  /// The mean of `|o - t|` over all elements.
  case meanAbsoluteError
  /// The mean over all elements of `½ e²` where `|e| <= delta`, else `delta (|e| - ½ delta)`, with `e = o - t`.
  /// Source: Huber, "Robust estimation of a location parameter" (1964).
  case huber(delta: Double)
  /// The mean over all elements of `-t log p - (1 - t) log(1 - p)`, where `p = sigmoid(o)`: outputs are logits.
  case binaryCrossEntropy
  /// The same summed over the outputs of an example: the cross-entropy cost of Nielsen's book, for a network whose last
  /// sigmoid is left to the loss.
  case sumBinaryCrossEntropy
  /// `-log p` of the labelled class, where `p = softmax(o)`: outputs are logits, targets class labels.
  case softmaxCrossEntropy
  /// With two outputs or more and class labels, `Σ max(0, 1 - o_label + o_j)` over the other classes `j`, divided by
  /// the number of classes. With real targets of ±1, or labels 0 and 1 for a single output, the mean of
  /// `max(0, 1 - t o)`. Source: Weston and Watkins, "Support vector machines for multi-class pattern recognition" (1999).
  case hinge

  /// The loss as a scalar of the graph.
  /// - Parameter weights: how much each example counts, `[batch]`, not negative; all the same where nil. The loss is the
  ///   weighted mean, and 0 where all weights are.
  /// - Throws: `LossError` that says which targets and weights fit.
  public func callAsFunction(outputs: Tensor, targets: Tensor, weights: Tensor? = nil) throws -> Tensor {
    try outputs.graph.checkFailure()
    try validate()
    try checkLogits(outputs)
    return try terms(outputs, targets).mean(weights: weights)
  }

  /// Whether the loss learns classes: accuracy is then a measure of success.
  public var isForClasses: Bool {
    switch self {
    case .binaryCrossEntropy, .sumBinaryCrossEntropy, .softmaxCrossEntropy, .hinge: true
    case .meanSquaredError, .halfSumSquaredError, .meanAbsoluteError, .huber: false
    }
  }

  /// What the outputs of a trained network mean: logits become probabilities, other outputs stay.
  public func predictions(from outputs: Tensor) -> Tensor {
    switch self {
    case .softmaxCrossEntropy: softmax(outputs)
    case .binaryCrossEntropy, .sumBinaryCrossEntropy: sigmoid(outputs)
    case .meanSquaredError, .halfSumSquaredError, .meanAbsoluteError, .huber, .hinge: outputs
    }
  }

  /// The output of a single unit above which it speaks for class 1: 0 for logits and margins, ½ for outputs that are
  /// fitted to 0 and 1.
  public var decisionThreshold: Double {
    isForClasses ? 0 : 0.5
  }

  /// - Throws: `LossError` when a setting cannot be used.
  public func validate() throws {
    if case .huber(let delta) = self, !(delta > 0 && delta.isFinite) {
      throw LossError("huber: delta must be positive and finite, not \(delta)")
    }
  }
}

/// A loss cannot be computed from these outputs and targets.
public struct LossError: Error, CustomStringConvertible, Equatable {
  /// What cannot be used, and what to use instead.
  public let message: String

  /// An error that says what cannot be used, and what to use instead.
  public init(_ message: String) { self.message = message }

  public var description: String { message }
}

/// What training makes small: one number for how far outputs are from targets, averaged over the examples of a batch.
///
/// Outputs are `[batch, outputs]` (losses on real targets accept any shape). Targets are real numbers of the same
/// shape, or class labels, int32 `[batch]` from 0; losses on real numbers turn labels into one-hot rows, so that a
/// network can learn classes by squared error as the classics do. Where there is one output, targets may be `[batch]`
/// too. Outputs `[batch, time, classes]` may have a label at each place, int32 `[batch, time]`; places with the label
/// -1 count for nothing.
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
  /// `max(0, 1 - t o)`. Source: Weston and Watkins, "Support vector machines for multi-class pattern recognition"
  /// (1999).
  case hinge
  /// `Σ max(0, -t o)` over the outputs of an example, with targets of ±1 for each class: what a wrong output is short
  /// of, so that its gradient is the perceptron's rule, `step(o) - t` with targets of 0 and 1. Source: Rosenblatt, "The
  /// perceptron" (1958).
  case perceptron

  /// `softmaxCrossEntropy` with a share of each target, the smoothing from 0 up to but not including 1, spread evenly
  /// over all classes, and each class counting by its weight, all the same where there are none: the mean is over
  /// weights. Written `.softmaxCrossEntropy(labelSmoothing: 0.1)`.
  /// Source: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception architecture" (2016).
  case adjustedSoftmaxCrossEntropy(labelSmoothing: Double, classWeights: [Double])
  /// `-(1 - p)^γ log p` of the labelled class, where `p = softmax(o)` and γ is the focusing: examples that are learned
  /// already count for less. Source: Lin, Goyal, Girshick, He and Dollár, "Focal loss" (2017).
  case focal(focusing: Double)
  /// `Σ t log(t / p)` over the outputs of an example, where `p = softmax(o)` and targets are probabilities, or labels.
  /// Source: Kullback and Leibler, "On information and sufficiency" (1951).
  case klDivergence
  /// 1 less the cosine of the angle between outputs and targets.
  case cosine

  /// The softmax cross-entropy with smoothed targets or weighted classes.
  /// - Parameters:
  ///   - labelSmoothing: the share of each target that is spread evenly over all classes.
  ///   - classWeights: how much each class counts; all the same where empty.
  public static func softmaxCrossEntropy(labelSmoothing: Double = 0, classWeights: [Double] = []) -> Loss {
    .adjustedSoftmaxCrossEntropy(labelSmoothing: labelSmoothing, classWeights: classWeights)
  }

  /// The loss as a scalar of the graph.
  ///
  /// ```swift
  /// let types = ["x": TensorType([32, 4]), "label": TensorType([32], .int32), "weight": TensorType([32])]
  /// let objective = try Objective(inputTypes: types, optimizer: .adam(learningRate: 0.01)) { context, inputs in
  ///   let logits = try context.apply(network, to: inputs["x"])
  ///   return try Loss.softmaxCrossEntropy(outputs: logits, targets: inputs["label"], weights: inputs["weight"])
  /// }
  /// ```
  ///
  /// - Parameter weights: how much each example counts, `[batch]`, not negative; all the same where nil. The loss is
  ///   the weighted mean, and 0 where all weights are.
  /// - Throws: `LossError` that says which targets and weights fit.
  public func callAsFunction(outputs: Tensor, targets: Tensor, weights: Tensor? = nil) throws -> Tensor {
    let (terms, weights) = try terms(outputs, targets, examples: weights)
    return try terms.mean(weights: weights)
  }

  /// The loss as a scalar of the graph, and what it is a mean over, so that the means of batches can be put together:
  /// the mean over several batches is the sum of each one's times its weight, divided by the sum of the weights.
  ///
  /// - Parameter factors: what each example's loss is multiplied by, `[batch]`. Unlike weights, they do not count in
  ///   what the sum is divided by.
  /// - Returns: two scalars. The weight is the number of examples, or of the places of sequences that have a label;
  ///   where classes have weights, the sum of those of the labels.
  /// - Throws: `LossError` that says which targets and factors fit.
  public func mean(
    outputs: Tensor, targets: Tensor, factors: Tensor? = nil
  ) throws -> (loss: Tensor, weight: Tensor) {
    let (terms, factors) = try terms(outputs, targets, examples: factors)
    let count = outputs.graph.constant(Double(outputs.shape.dimensions.first ?? 1))
    return (try terms.mean(factors: factors), terms.weight ?? count)
  }

  /// What the loss averages, over examples or places, and what is known of each example for each of them.
  private func terms(
    _ outputs: Tensor, _ targets: Tensor, examples: Tensor?
  ) throws -> (terms: LossTerms, examples: Tensor?) {
    try outputs.graph.checkFailure()
    try validate()
    try checkLogits(outputs)
    guard isSequence(outputs, targets) else { return (try terms(outputs, targets), examples) }
    let places = SequencePlaces(outputs, targets)
    return (try terms(places.outputs, places.labels).counting(places.isCounted), try places.spread(examples))
  }

  /// Whether the loss learns classes: accuracy is then a measure of success.
  public var isForClasses: Bool {
    switch self {
    case .binaryCrossEntropy, .sumBinaryCrossEntropy, .softmaxCrossEntropy, .hinge, .perceptron,
      .adjustedSoftmaxCrossEntropy, .focal, .klDivergence:
      true
    case .meanSquaredError, .halfSumSquaredError, .meanAbsoluteError, .huber, .cosine: false
    }
  }

  /// What the outputs of a trained network mean: logits become probabilities, other outputs stay.
  public func predictions(from outputs: Tensor) -> Tensor {
    switch self {
    case _ where takesSoftmaxLogits: softmax(outputs)
    case .binaryCrossEntropy, .sumBinaryCrossEntropy: sigmoid(outputs)
    default: outputs
    }
  }

  /// Whether the loss applies softmax to the outputs itself.
  public var takesSoftmaxLogits: Bool {
    switch self {
    case .softmaxCrossEntropy, .adjustedSoftmaxCrossEntropy, .focal, .klDivergence: true
    case .meanSquaredError, .halfSumSquaredError, .meanAbsoluteError, .huber, .binaryCrossEntropy,
      .sumBinaryCrossEntropy, .hinge, .perceptron, .cosine:
      false
    }
  }

  /// The output of a single unit above which it speaks for class 1: 0 for logits and margins, ½ for outputs that are
  /// fitted to 0 and 1.
  public var decisionThreshold: Double {
    isForClasses ? 0 : 0.5
  }

  /// - Throws: `LossError` when a setting cannot be used.
  public func validate() throws {
    switch self {
    case .huber(let delta) where !(delta > 0 && delta.isFinite):
      throw LossError("huber: delta must be positive and finite, not \(delta)")
    case .focal(let focusing) where !(focusing >= 0 && focusing.isFinite):
      throw LossError("focal: the focusing must be finite and not negative, not \(focusing)")
    case .adjustedSoftmaxCrossEntropy(let smoothing, _) where !(smoothing >= 0 && smoothing < 1):
      throw LossError("\(kind): labelSmoothing must be at least 0 and less than 1, not \(smoothing)")
    case .adjustedSoftmaxCrossEntropy(_, let weights)
    where !weights.isEmpty && !(weights.allSatisfy { $0 >= 0 && $0.isFinite } && weights.contains { $0 > 0 }):
      throw LossError("\(kind): classWeights must be finite, not negative and not all 0, not \(weights)")
    default: break
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

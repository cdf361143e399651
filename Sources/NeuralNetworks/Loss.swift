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
  /// `Σ max(0, -t o)` over the outputs of an example, with targets of ±1 for each class: what a wrong output is short
  /// of, so that its gradient is the perceptron's rule, `step(o) - t` with targets of 0 and 1. Source: Rosenblatt, "The
  /// perceptron" (1958).
  case perceptron

  /// The loss as a scalar of the graph.
  /// - Throws: `LossError` that says which targets fit.
  public func callAsFunction(outputs: Tensor, targets: Tensor) throws -> Tensor {
    try outputs.graph.checkFailure()
    try validate()
    try checkLogits(outputs)
    func realTargets() throws -> Tensor { try self.realTargets(targets, for: outputs) }
    func squares() throws -> Tensor {
      let error = try outputs - realTargets()
      return error * error
    }
    switch self {
    case .meanSquaredError: return try squares().mean()
    case .halfSumSquaredError: return try 0.5 * meanOfSums(squares())
    case .meanAbsoluteError: return try abs(outputs - realTargets()).mean()
    case .huber(let delta):
      let error = try outputs - realTargets()
      let bounded = clamp(error, from: -delta, to: delta)
      return (bounded * (error - 0.5 * bounded)).mean()
    case .binaryCrossEntropy: return try binaryCrossEntropies(outputs, realTargets()).mean()
    case .sumBinaryCrossEntropy: return try meanOfSums(binaryCrossEntropies(outputs, realTargets()))
    case .softmaxCrossEntropy:
      try checkLabels(outputs, targets)
      return Operations.softmaxCrossEntropy(logits: outputs, labels: targets).losses.mean()
    case .hinge where targets.elementType == .int32 && outputs.shape.dimensions.last != 1:
      return try multiClassHinge(outputs, targets)
    case .hinge: return try relu(1 - realTargets() * outputs).mean()
    case .perceptron: return try meanOfSums(relu(outputs) - realTargets() * outputs)
    }
  }

  /// Whether the loss learns classes: accuracy is then a measure of success.
  public var isForClasses: Bool {
    switch self {
    case .binaryCrossEntropy, .sumBinaryCrossEntropy, .softmaxCrossEntropy, .hinge, .perceptron: true
    case .meanSquaredError, .halfSumSquaredError, .meanAbsoluteError, .huber: false
    }
  }

  /// What the outputs of a trained network mean: logits become probabilities, other outputs stay.
  public func predictions(from outputs: Tensor) -> Tensor {
    switch self {
    case .softmaxCrossEntropy: softmax(outputs)
    case .binaryCrossEntropy, .sumBinaryCrossEntropy: sigmoid(outputs)
    case .meanSquaredError, .halfSumSquaredError, .meanAbsoluteError, .huber, .hinge, .perceptron: outputs
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

extension Loss {
  /// `(1 - t) o + softplus(-o)`, which is `-t log sigmoid(o) - (1 - t) log(1 - sigmoid(o))` without a difference of
  /// large numbers.
  private func binaryCrossEntropies(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
    (1 - targets) * outputs + softplus(-outputs)
  }

  /// The mean over the first axis of sums over the others.
  private func meanOfSums(_ tensor: Tensor) -> Tensor {
    tensor.rank == 0 ? tensor : tensor.sum(alongAxes: Array(1..<tensor.rank)).mean()
  }

  private func multiClassHinge(_ outputs: Tensor, _ labels: Tensor) throws -> Tensor {
    try checkLabels(outputs, labels)
    let truth = oneHot(labels, depth: outputs.shape[1])
    let labelled = (outputs * truth).sum(alongAxes: [1], keepsDimensions: true)
    return (relu(1 - labelled + outputs) * (1 - truth)).mean(alongAxes: [1]).mean()
  }

  /// A network that ends in the function that the loss applies itself would learn badly, without a word.
  private func checkLogits(_ outputs: Tensor) throws {
    let last = outputs.graph.definingNode(of: outputs.value).operation
    let isApplied =
      switch self {
      case .softmaxCrossEntropy: last is Softmax
      case .binaryCrossEntropy, .sumBinaryCrossEntropy: last is Sigmoid
      case .meanSquaredError, .halfSumSquaredError, .meanAbsoluteError, .huber, .hinge, .perceptron: false
      }
    guard !isApplied else {
      throw LossError(
        "\(kind): the loss takes logits and applies \(last.name) itself; leave the network's last activation out")
    }
  }

  private func checkLabels(_ outputs: Tensor, _ labels: Tensor) throws {
    guard outputs.rank == 2, outputs.elementType == .float32 else {
      throw LossError("\(kind): outputs must be float32 [batch, classes], but are \(outputs.type)")
    }
    guard labels.elementType == .int32, labels.shape == [outputs.shape[0]] else {
      throw LossError(
        "\(kind): targets must be class labels, int32[\(outputs.shape[0])] for outputs \(outputs.shape), "
          + "but are \(labels.type)")
    }
  }

  /// Targets as real numbers of the outputs' shape. Nothing else is repeated to fit: outputs `[batch, 1]` with targets
  /// `[batch]` would otherwise silently become `[batch, batch]`.
  private func realTargets(_ targets: Tensor, for outputs: Tensor) throws -> Tensor {
    let isColumn = outputs.rank == 2 && outputs.shape[1] == 1 && targets.shape == [outputs.shape[0]]
    switch targets.elementType {
    case .float32 where targets.shape == outputs.shape: return targets
    case .float32 where isColumn: return targets.reshaped(to: outputs.shape)
    case .int32 where isColumn || (targets.shape == outputs.shape && outputs.shape.dimensions.last == 1):
      let numbers = targets.cast(to: .float32).reshaped(to: outputs.shape)
      return self == .hinge ? 2 * numbers - 1 : numbers
    case .int32 where outputs.rank == 2 && targets.shape == [outputs.shape[0]]:
      return oneHot(targets, depth: outputs.shape[1])
    default:
      throw LossError(
        "\(kind): targets \(targets.type) do not fit outputs \(outputs.type); give real numbers of the outputs' shape, "
          + "or class labels, int32 with one label an example")
    }
  }
}

extension Loss: Codable {
  private static let plain: [String: Loss] = [
    "meanSquaredError": .meanSquaredError, "halfSumSquaredError": .halfSumSquaredError,
    "meanAbsoluteError": .meanAbsoluteError, "binaryCrossEntropy": .binaryCrossEntropy,
    "sumBinaryCrossEntropy": .sumBinaryCrossEntropy, "softmaxCrossEntropy": .softmaxCrossEntropy, "hinge": .hinge,
    "perceptron": .perceptron,
  ]

  /// The word for the loss in descriptions and on the command line.
  public var kind: String {
    Self.plain.first { $0.value == self }?.key ?? "huber"
  }

  /// Every word that describes a loss, in alphabetical order.
  public static var kinds: [String] { (plain.keys + ["huber"]).sorted() }

  /// The loss for a word, with default settings; nil when there is none.
  public init?(kind: String) {
    guard let loss = kind == "huber" ? .huber(delta: 1) : Self.plain[kind] else { return nil }
    self = loss
  }

  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let keys = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, $0 == "huber" ? ["delta"] : []) })
    let description = try DescriptionReader(decoder, of: "loss", keys: keys)
    if let loss = Self.plain[description.kind] {
      self = loss
    } else {
      self = .huber(delta: try description.value("delta", default: 1))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(kind)
    if case .huber(let delta) = self { description.set("delta", delta) }
    try description.write(to: encoder)
  }
}

/// Each channel with its mean taken away and divided by its standard deviation, then scaled and shifted by learned
/// numbers: while training over the examples (and places) of the batch, in use by running means of both.
///
/// Input and output `[batch, ..., channels]`; parameters `scale` and `shift`, state `mean` and `variance`, all
/// `[channels]`. The running mean moves by `momentum` towards that of each batch, and so does the variance, towards its
/// unbiased estimate, as PyTorch's do. A batch with a single value of each channel, which has no such estimate, leaves
/// both as they are; its output is the shift. Source: Ioffe and Szegedy, "Batch normalization" (2015).
public struct BatchNormalization: UnaryLayer {
  public static let kind = "batchNormalization"
  /// How far the running statistics move towards those of a batch, in (0, 1].
  public let momentum: Double
  /// What is added to the variance; positive.
  public let epsilon: Double
  /// Whether scale and shift are learned, rather than 1 and 0.
  public let isAffine: Bool
  /// nil for an automatic name.
  public let name: String?

  /// A layer with PyTorch's settings; they are checked when it is traced.
  public init(momentum: Double = 0.1, epsilon: Double = 1e-5, isAffine: Bool = true, name: String? = nil) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.isAffine = isAffine
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard momentum > 0, momentum <= 1 else {
      throw context.error("the momentum must be greater than 0 and at most 1, not \(momentum)")
    }
    try context.checkNormalized(input, kind, rank: 2, form: "[batch, ..., channels]", epsilon: epsilon)
    let channels = [input.shape[input.rank - 1]] as Shape
    let (scale, shift) = try context.affine(channels, learnsScale: isAffine, learnsShift: isAffine)
    let runningMean = try context.state("mean", shape: channels)
    let runningVariance = try context.state("variance", shape: channels, initialValue: 1)
    guard context.mode == .training else {
      return (input - runningMean) * (scale / sqrt(runningVariance + epsilon)) + shift
    }
    let (normalized, mean, variance) = normalize(
      input, alongAxes: Array(0..<input.rank - 1), scale: scale, shift: shift, epsilon: epsilon)
    let count = Double(input.shape.count) / Double(Swift.max(channels.count, 1))
    guard count > 1 else { return normalized }
    let unbiased = variance.reshaped(to: channels) * (count / (count - 1))
    try context.update(
      runningMean, to: runningMean * (1 - momentum) + mean.reshaped(to: channels) * momentum)
    try context.update(runningVariance, to: runningVariance * (1 - momentum) + unbiased * momentum)
    return normalized
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["momentum", "epsilon", "isAffine", "name"]])
    self.init(
      momentum: try description.value("momentum", default: 0.1),
      epsilon: try description.value("epsilon", default: 1e-5),
      isAffine: try description.value("isAffine", default: true), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("momentum", momentum == 0.1 ? nil : momentum)
    description.set("epsilon", epsilon == 1e-5 ? nil : epsilon)
    description.set("isAffine", isAffine ? nil : false)
    description.set("name", name)
    try description.write(to: encoder, asObject: true)
  }
}

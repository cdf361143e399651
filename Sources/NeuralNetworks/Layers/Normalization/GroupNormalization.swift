/// Each example's channels in groups, each with the mean of its channels and places taken away and divided by their
/// standard deviation, then scaled and shifted by learned numbers; the same while training and in use.
///
/// Input and output `[batch, ..., channels]`; parameters `scale` and `shift` `[channels]`. As many groups as channels
/// make it instance normalisation. Source: Wu and He, "Group normalization" (2018).
public struct GroupNormalization: UnaryLayer {
  public static let kind = "groupNormalization"
  /// The number of groups, which divides that of the channels.
  public let groups: Int
  /// What is added to the variance; positive.
  public let epsilon: Double
  /// Whether scale and shift are learned, rather than 1 and 0.
  public let isAffine: Bool
  /// nil for an automatic name.
  public let name: String?

  /// A layer with PyTorch's settings; they are checked when it is traced.
  public init(_ groups: Int, epsilon: Double = 1e-5, isAffine: Bool = true, name: String? = nil) {
    self.groups = groups
    self.epsilon = epsilon
    self.isAffine = isAffine
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try context.checkNormalized(input, kind, rank: 2, form: "[batch, ..., channels]", epsilon: epsilon)
    let channels = input.shape[input.rank - 1]
    guard groups >= 1, channels.isMultiple(of: groups) else {
      throw context.error("\(channels) channels cannot be divided into \(groups) groups; choose a divisor")
    }
    let (scale, shift) = try context.affine([channels], learnsScale: isAffine, learnsShift: isAffine)
    let grouped = [groups, channels / groups] as Shape
    let split = Shape(input.shape.dimensions.dropLast() + grouped.dimensions)
    return normalize(
      input.reshaped(to: split), alongAxes: Array(1..<input.rank - 1) + [input.rank],
      scale: scale.reshaped(to: grouped), shift: shift.reshaped(to: grouped), epsilon: epsilon
    ).normalized.reshaped(to: input.shape)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["groups", "epsilon", "isAffine", "name"]])
    self.init(
      try description.value("groups"), epsilon: try description.value("epsilon", default: 1e-5),
      isAffine: try description.value("isAffine", default: true), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("groups", groups)
    description.set("epsilon", epsilon == 1e-5 ? nil : epsilon)
    description.set("isAffine", isAffine ? nil : false)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

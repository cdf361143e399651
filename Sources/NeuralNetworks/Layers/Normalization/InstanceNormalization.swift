/// Each example's channels, each with the mean over its places taken away and divided by their standard deviation, and
/// if wanted scaled and shifted by learned numbers; the same while training and in use.
///
/// Input and output `[batch, ..., channels]` with places between; parameters, where it is affine, `scale` and `shift`
/// `[channels]`. Source: Ulyanov, Vedaldi and Lempitsky, "Instance normalization" (2016).
public struct InstanceNormalization: UnaryLayer {
  public static let kind = "instanceNormalization"
  /// What is added to the variance; positive.
  public let epsilon: Double
  /// Whether scale and shift are learned, rather than 1 and 0.
  public let isAffine: Bool
  /// nil for an automatic name.
  public let name: String?

  /// A layer with PyTorch's settings; they are checked when it is traced.
  public init(epsilon: Double = 1e-5, isAffine: Bool = false, name: String? = nil) {
    self.epsilon = epsilon
    self.isAffine = isAffine
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try context.checkNormalized(
      input, kind, rank: 3, form: "[batch, ..., channels] with places between", epsilon: epsilon)
    let (scale, shift) = try context.affine(
      [input.shape[input.rank - 1]], learnsScale: isAffine, learnsShift: isAffine)
    return normalize(
      input, alongAxes: Array(1..<input.rank - 1), scale: scale, shift: shift, epsilon: epsilon
    ).normalized
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["epsilon", "isAffine", "name"]])
    self.init(
      epsilon: try description.value("epsilon", default: 1e-5),
      isAffine: try description.value("isAffine", default: false), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("epsilon", epsilon == 1e-5 ? nil : epsilon)
    description.set("isAffine", isAffine ? true : nil)
    description.set("name", name)
    try description.write(to: encoder, asObject: true)
  }
}

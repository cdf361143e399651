/// Each example's features divided by the root of the mean of their squares, then scaled by learned numbers:
/// `x / sqrt(mean(x²) + ε) · scale`; the same while training and in use.
///
/// Input and output `[batch, ..., features]`; parameter `scale` `[features]`.
/// Source: Zhang and Sennrich, "Root mean square layer normalization" (2019).
public struct RMSNormalization: UnaryLayer {
  public static let kind = "rmsNormalization"
  /// What is added to the mean of squares; positive.
  public let epsilon: Double
  /// Whether a scale is learned.
  public let usesScale: Bool
  /// nil for an automatic name.
  public let name: String?

  /// A layer with the settings of the Llama models; they are checked when it is traced.
  public init(epsilon: Double = 1e-6, usesScale: Bool = true, name: String? = nil) {
    self.epsilon = epsilon
    self.usesScale = usesScale
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try context.checkNormalized(input, kind, rank: 2, form: "[batch, ..., features]", epsilon: epsilon)
    let last = input.rank - 1
    let (scale, shift) = try context.affine(
      [input.shape[last]], learnsScale: usesScale, learnsShift: false)
    return normalize(input, alongAxes: [last], scale: scale, shift: shift, epsilon: epsilon, isCentered: false)
      .normalized
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["epsilon", "usesScale", "name"]])
    self.init(
      epsilon: try description.value("epsilon", default: 1e-6),
      usesScale: try description.value("usesScale", default: true), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("epsilon", epsilon == 1e-6 ? nil : epsilon)
    description.set("usesScale", usesScale ? nil : false)
    description.set("name", name)
    try description.write(to: encoder, asObject: true)
  }
}

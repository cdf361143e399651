/// Each example's features with their mean taken away and divided by their standard deviation, then scaled and shifted
/// by learned numbers; the same while training and in use.
///
/// Input and output `[batch, ..., features]`; parameters `scale` and `shift` of the shape of the last `axisCount` axes.
/// Source: Ba, Kiros and Hinton, "Layer normalization" (2016).
public struct LayerNormalization: UnaryLayer {
  public static let kind = "layerNormalization"
  /// How many of the last axes are normalised together.
  public let axisCount: Int
  /// What is added to the variance; positive.
  public let epsilon: Double
  /// Whether a scale is learned.
  public let usesScale: Bool
  /// Whether a shift is learned.
  public let usesBias: Bool
  /// nil for an automatic name.
  public let name: String?

  /// A layer with PyTorch's settings; they are checked when it is traced.
  public init(
    axisCount: Int = 1, epsilon: Double = 1e-5, usesScale: Bool = true, usesBias: Bool = true, name: String? = nil
  ) {
    self.axisCount = axisCount
    self.epsilon = epsilon
    self.usesScale = usesScale
    self.usesBias = usesBias
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard axisCount >= 1, axisCount < Swift.max(input.rank, 2) else {
      throw context.error("the last \(axisCount) axes of \(input.type) cannot be normalised; leave the batch's out")
    }
    try context.checkNormalized(input, kind, rank: 2, form: "[batch, ..., features]", epsilon: epsilon)
    let axes = Array(input.rank - axisCount..<input.rank)
    let (scale, shift) = try context.affine(
      Shape(axes.map { input.shape[$0] }), learnsScale: usesScale, learnsShift: usesBias)
    return normalize(input, alongAxes: axes, scale: scale, shift: shift, epsilon: epsilon).normalized
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["axisCount", "epsilon", "usesScale", "usesBias", "name"]])
    self.init(
      axisCount: try description.value("axisCount", default: 1),
      epsilon: try description.value("epsilon", default: 1e-5),
      usesScale: try description.value("usesScale", default: true),
      usesBias: try description.value("usesBias", default: true),
      name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("axisCount", axisCount == 1 ? nil : axisCount)
    description.set("epsilon", epsilon == 1e-5 ? nil : epsilon)
    description.set("usesScale", usesScale ? nil : false)
    description.set("usesBias", usesBias ? nil : false)
    description.set("name", name)
    try description.write(to: encoder, asObject: true)
  }
}

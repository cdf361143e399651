/// `x` where it is positive, `slope · x` elsewhere, with a slope that is learned for each channel; the shape stays.
///
/// Input and output `[batch, ..., channels]`; parameter `slope`, `[channels]`, or `[1]` where all channels share one.
/// Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015).
public struct PReLU: UnaryLayer {
  public static let kind = "prelu"
  /// The slope that training starts from.
  public let initialSlope: Double
  /// Whether all channels have one slope.
  public let isShared: Bool
  /// nil for an automatic name.
  public let name: String?

  /// A layer with a slope for each channel, unless they share one; the first slope must be finite.
  public init(initialSlope: Double = 0.25, isShared: Bool = false, name: String? = nil) {
    self.initialSlope = initialSlope
    self.isShared = isShared
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard input.rank >= 2, input.elementType == .float32 else {
      throw context.error("a prelu layer takes float32 [batch, ..., channels], but its input is \(input.type)")
    }
    let slope = try context.parameter(
      "slope", shape: [isShared ? 1 : input.shape[input.rank - 1]], role: .bias,
      initializer: .constant(initialSlope), fanIn: 1, fanOut: 1)
    return select(input .> 0, input, slope * input)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["initialSlope", "isShared", "name"]])
    self.init(
      initialSlope: try description.value("initialSlope", default: 0.25),
      isShared: try description.value("isShared", default: false), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("initialSlope", initialSlope == 0.25 ? nil : initialSlope)
    description.set("isShared", isShared ? true : nil)
    description.set("name", name)
    try description.write(to: encoder, asObject: true)
  }
}

/// `x` where it is positive, `slope · x` elsewhere; the shape stays.
///
/// `ActivationFunction.leakyReLU` is the same with a slope of 0.01.
public struct LeakyReLU: UnaryLayer {
  public static let kind = "leakyReLU"
  /// What negative elements are multiplied by; finite.
  public let slope: Double
  /// nil for an automatic name.
  public let name: String?

  /// A layer without parameters; the slope is checked when it is traced.
  public init(slope: Double = 0.01, name: String? = nil) {
    self.slope = slope
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard slope.isFinite else { throw context.error("the slope must be finite, not \(slope)") }
    return leakyReLU(input, slope: slope)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["slope", "name"]])
    self.init(slope: try description.value("slope", default: 0.01), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("slope", slope)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

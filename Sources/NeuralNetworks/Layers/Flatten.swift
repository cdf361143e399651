/// Joins all axes but the first: `[batch, height, width]` becomes `[batch, height * width]`.
public struct Flatten: UnaryLayer {
  public static let kind = "flatten"
  /// nil for an automatic name.
  public let name: String?

  /// A layer that keeps the first axis, the batch, and has no parameters.
  public init(name: String? = nil) { self.name = name }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard input.rank >= 1 else { throw context.error("a flatten layer takes [batch, ...], but its input is a scalar") }
    return input.flattened(fromAxis: 1)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["name"]])
    name = try description.optional("name")
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("name", name)
    try description.write(to: encoder, asObject: true)
  }
}

/// Drops whole channels: sets every place of a channel of an example to zero with probability `rate` while training,
/// and divides the others by `1 - rate`; passes its input on in use.
///
/// Input and output `[batch, ..., channels]` with places between. Neighbouring places of an image say much the same, so
/// that dropping them one by one would hide little.
/// Source: Tompson, Goroshin, Jain, LeCun and Bregler, "Efficient object localization" (2015).
public struct SpatialDropout: UnaryLayer {
  public static let kind = "spatialDropout"
  /// The probability with which a channel is dropped, in [0, 1).
  public let rate: Double
  /// nil for an automatic name.
  public let name: String?

  /// A layer that drops channels at a rate in [0, 1), which is checked when it is traced.
  public init(_ rate: Double, name: String? = nil) {
    self.rate = rate
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard input.rank >= 3 else {
      throw context.error(
        "a spatialDropout layer takes [batch, ..., channels] with places between, but its input is \(input.type)")
    }
    let places = Array(repeating: 1, count: input.rank - 2)
    return try context.dropout(
      input, rate: rate, maskShape: Shape([input.shape[0]] + places + [input.shape[input.rank - 1]]))
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["rate", "name"]])
    self.init(try description.value("rate"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("rate", rate)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

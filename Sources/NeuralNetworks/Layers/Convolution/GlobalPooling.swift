/// The mean of each channel: `[batch, spatial..., channels]`, with 1 to 3 spatial axes, becomes `[batch, channels]`.
public struct GlobalAveragePooling: UnaryLayer {
  public static let kind = "globalAveragePooling"
  /// nil for an automatic name.
  public let name: String?

  /// A layer without parameters.
  public init(name: String? = nil) { self.name = name }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let input = try context.spatialInput(input, kind: kind)
    return input.mean(alongAxes: input.spatialAxes)
  }

  public init(from decoder: any Decoder) throws {
    name = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["name"]]).optional("name")
  }

  public func encode(to encoder: any Encoder) throws { try describe(to: encoder) }
}

/// The largest element of each channel: `[batch, spatial..., channels]`, with 1 to 3 spatial axes, becomes `[batch,
/// channels]`.
public struct GlobalMaxPooling: UnaryLayer {
  public static let kind = "globalMaxPooling"
  /// nil for an automatic name.
  public let name: String?

  /// A layer without parameters.
  public init(name: String? = nil) { self.name = name }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let input = try context.spatialInput(input, kind: kind)
    return input.max(alongAxes: input.spatialAxes)
  }

  public init(from decoder: any Decoder) throws {
    name = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["name"]]).optional("name")
  }

  public func encode(to encoder: any Encoder) throws { try describe(to: encoder) }
}

extension Layer {
  /// Writes the description of a layer that has nothing but settings that `body` adds, and its name.
  func describe(to encoder: any Encoder, _ body: (inout DescriptionWriter) -> Void = { _ in }) throws {
    var description = DescriptionWriter(Self.kind)
    body(&description)
    description.set("name", name)
    try description.write(to: encoder, asObject: true)
  }
}

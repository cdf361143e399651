/// Layers one after another, each fed by the one before it.
///
/// ```swift
/// let network = Sequential {
///   Dense(128, activation: .relu)
///   Dense(10)
/// }
/// ```
///
/// Its layers are called by their names, or by kind and number: here `dense1` and `dense2`, with the parameters
/// `dense1/weight`, `dense1/bias` and so on. Without layers it passes its input on.
public struct Sequential: Layer {
  public static let kind = "sequential"
  /// The layers, in order.
  public var layers: [any Layer] { boxes.map(\.layer) }
  /// nil for an automatic name.
  public let name: String?
  private let boxes: [AnyLayer]

  public init(name: String? = nil, @LayerBuilder layers: () -> [any Layer]) {
    self.init(layers(), name: name)
  }

  public init(_ layers: [any Layer], name: String? = nil) {
    boxes = layers.map { AnyLayer($0) }
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    var tensor = input
    for layer in layers { tensor = try context.apply(layer, to: tensor) }
    return tensor
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["layers", "name"]])
    boxes = try description.value("layers")
    name = try description.optional("name")
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("layers", boxes)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

/// Collects the layers written in a closure; `if` and `for` may choose and repeat them.
@resultBuilder
public enum LayerBuilder {
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}

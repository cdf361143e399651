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
public struct Sequential: UnaryLayer {
  public static let kind = "sequential"
  /// The layers, in order.
  public var layers: [any Layer] { boxes.map(\.layer) }
  /// nil for an automatic name.
  public let name: String?
  private let boxes: [AnyLayer]

  /// The layers that the closure lists, in order.
  public init(name: String? = nil, @LayerBuilder layers: () -> [any Layer]) {
    self.init(layers(), name: name)
  }

  /// The layers of a list, for networks that are put together by a program.
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
  /// One layer, as a list of one.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// A list of layers, written where a layer could be.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// The layers of all lines, in order.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  /// The layers of an `if` without `else`; none where it does not hold.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// The layers of an `if` that holds.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  /// The layers of an `else`.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  /// The layers of all rounds of a `for`, in order.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}

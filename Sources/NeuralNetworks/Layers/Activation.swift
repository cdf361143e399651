/// An activation function as a layer of its own; the shape stays.
public struct Activation: UnaryLayer {
  public static let kind = "activation"
  /// What is applied.
  public let function: ActivationFunction
  /// nil for an automatic name.
  public let name: String?

  /// A layer of elementwise `function`, without parameters.
  public init(_ function: ActivationFunction, name: String? = nil) {
    self.function = function
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor { function(input) }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["function", "name"]])
    let _: String = try description.value("function")
    self.init(
      try description.choice("function", default: .identity), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("function", function.rawValue)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

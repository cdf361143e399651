/// Layers one after another, as in `Sequential`, of which training keeps only the input and the output: what is between
/// is computed once more on the way back. A deep network then needs less memory, for the work of up to one more forward
/// pass; its gradients are the same.
///
/// ```swift
/// for _ in 0..<48 {
///   Recomputed { TransformerBlock(heads: 8) }
/// }
/// ```
///
/// Its parts are called as those of a sequence. Layers that keep much for their gradient gain most, and stretches of
/// several of them more than single ones. Source: Chen, Xu, Zhang and Guestrin, "Training deep nets with sublinear
/// memory cost" (2016).
public struct Recomputed: UnaryLayer {
  public static let kind = "recomputed"
  /// The layers, in order.
  public var layers: [any Layer] { sequence.layers }
  /// nil for an automatic name.
  public var name: String? { sequence.name }
  private let sequence: Sequential

  /// The layers that the closure lists, in order.
  public init(name: String? = nil, @LayerBuilder layers: () -> [any Layer]) {
    self.init(layers(), name: name)
  }

  /// The layers of a list, for networks that are put together by a program.
  public init(_ layers: [any Layer], name: String? = nil) { sequence = Sequential(layers, name: name) }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try context.graph.recomputing { [try sequence.apply(input, in: context)] }[0]
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["layers", "name"]])
    let boxes: [AnyLayer] = try description.value("layers")
    self.init(boxes.map(\.layer), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("layers", layers.map { AnyLayer($0) })
    description.set("name", name)
    try description.write(to: encoder)
  }
}

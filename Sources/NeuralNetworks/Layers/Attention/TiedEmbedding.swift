/// Layers between an embedding and its own transpose: tokens become vectors, the layers change them, and the product of
/// what comes out with each vector of the vocabulary is the logit of that token.
///
/// Input int32 `[batch, time]`, output `[batch, time, vocabulary]`; the only parameter besides those of the layers is
/// `weight`, `[vocabulary, features]`. The layers take and give `[batch, time, features]`.
///
/// Source: Press and Wolf, "Using the output embedding to improve language models" (2017).
public struct TiedEmbedding: UnaryLayer {
  public static let kind = "tiedEmbedding"
  /// The number of tokens.
  public let vocabulary: Int
  /// The length of each token's vector.
  public let features: Int
  /// How the vectors start.
  public let initializer: Initializer
  /// What lies between the two uses of the vectors.
  public var layers: [any Layer] { body.layers }
  /// nil for an automatic name.
  public let name: String?
  private let body: Sequential

  /// The first vectors of GPT-2, small ones because they make logits too.
  public static let standardInitializer = Initializer.normal(mean: 0, deviation: 0.02)

  /// The layers that the closure lists, between the embedding and its transpose.
  public init(
    _ vocabulary: Int, features: Int, initializer: Initializer = TiedEmbedding.standardInitializer,
    name: String? = nil, @LayerBuilder layers: () -> [any Layer]
  ) {
    self.init(vocabulary, features: features, initializer: initializer, name: name, layers: layers())
  }

  /// The layers of a list, for networks that are put together by a program.
  public init(
    _ vocabulary: Int, features: Int, initializer: Initializer = TiedEmbedding.standardInitializer,
    name: String? = nil, layers: [any Layer]
  ) {
    self.vocabulary = vocabulary
    self.features = features
    self.initializer = initializer
    self.name = name
    body = Sequential(layers)
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let table = try Embedding.table(vocabulary, features, initializer, for: input, in: context)
    let hidden = try body.apply(table.gathering(input), in: context)
    guard hidden.rank == input.rank + 1, hidden.shape.dimensions.last == features else {
      throw context.error("the layers of a tied embedding must end with \(features) features, but give \(hidden.type)")
    }
    let rows = hidden.reshaped(to: [hidden.shape.dimensions.dropLast().reduce(1, *), features])
    let logits = context.weightedSum(rows, table, fanIn: features) { matrixMultiply($0, $1, transposesRight: true) }
    return logits.reshaped(to: Shape(hidden.shape.dimensions.dropLast() + [vocabulary]))
  }

  private static let keys = ["vocabulary", "features", "initializer", "layers", "name"]

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: Self.keys])
    let boxes: [AnyLayer] = try description.value("layers")
    self.init(
      try description.value("vocabulary"), features: try description.value("features"),
      initializer: try description.value("initializer", default: Self.standardInitializer),
      name: try description.optional("name"), layers: boxes.map(\.layer))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("vocabulary", vocabulary)
    description.set("features", features)
    description.set("initializer", initializer == Self.standardInitializer ? nil : initializer)
    description.set("layers", layers.map { AnyLayer($0) })
    description.set("name", name)
    try description.write(to: encoder)
  }
}

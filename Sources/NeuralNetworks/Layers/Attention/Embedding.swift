/// A learned vector for each number of a vocabulary: int32 `[batch, ...]` becomes float32 `[batch, ..., features]`.
///
/// Its parameter is `weight`, `[vocabulary, features]`.
public struct Embedding: UnaryLayer {
  public static let kind = "embedding"
  /// The number of words, characters or categories, which are numbered from 0.
  public let vocabulary: Int
  /// The length of each vector.
  public let features: Int
  /// How the vectors start.
  public let initializer: Initializer
  /// nil for an automatic name.
  public let name: String?

  /// PyTorch's first vectors: standard normal numbers.
  public static let standardInitializer = Initializer.normal(mean: 0, deviation: 1)

  /// A layer of `vocabulary` vectors of `features` numbers, both at least 1, which is checked when it is traced.
  public init(
    _ vocabulary: Int, features: Int, initializer: Initializer = Embedding.standardInitializer, name: String? = nil
  ) {
    self.vocabulary = vocabulary
    self.features = features
    self.initializer = initializer
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try Self.table(vocabulary, features, initializer, for: input, in: context).gathering(input)
  }

  /// The vectors, `[vocabulary, features]`, for an input of numbers.
  static func table(
    _ vocabulary: Int, _ features: Int, _ initializer: Initializer, for input: Tensor, in context: LayerContext
  ) throws -> Tensor {
    guard vocabulary > 0, features > 0 else {
      throw context.error(
        "an embedding needs a vocabulary and features of at least 1, not \(vocabulary) and \(features)")
    }
    guard input.elementType == .int32, input.rank >= 1 else {
      throw context.error(
        "an embedding takes the numbers of words or categories, int32 [batch, ...], but its input is \(input.type)")
    }
    return try context.parameter(
      "weight", shape: [vocabulary, features], role: .weight, initializer: initializer, fanIn: vocabulary,
      fanOut: features)
  }

  private static let keys = ["vocabulary", "features", "initializer", "name"]

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: Self.keys])
    self.init(
      try description.value("vocabulary"), features: try description.value("features"),
      initializer: try description.value("initializer", default: Self.standardInitializer),
      name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("vocabulary", vocabulary)
    description.set("features", features)
    description.set("initializer", initializer == Self.standardInitializer ? nil : initializer)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

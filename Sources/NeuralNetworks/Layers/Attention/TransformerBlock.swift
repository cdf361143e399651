/// One block of a transformer: attention, then two dense layers at each place, each added to what it was given:
/// `x + attention(normalized(x))`, then `x + dense(f(dense(normalized(x))))`.
///
/// Input `[batch, time, features]`, perhaps with a padding mask as `MultiHeadAttention` takes it; the shape stays. The
/// normalisations come first (GPT-2), or after each sum (Vaswani et al., 2017). Source: Radford et al., "Language
/// models are unsupervised multitask learners" (2019).
public struct TransformerBlock: Layer {
  public static let kind = "transformerBlock"
  /// The number of heads.
  public let heads: Int
  /// The units of the first dense layer; four times the features when nil.
  public let hidden: Int?
  /// What the first dense layer applies.
  public let activation: ActivationFunction
  /// Whether a place attends only to those up to itself.
  public let isCausal: Bool
  /// Whether queries and keys are turned by their places, as in `MultiHeadAttention`.
  public let isRotary: Bool
  /// The share of the attention's weights and of what is added that is dropped while training, in [0, 1).
  public let dropout: Double
  /// Whether dense layers and normalisations have biases.
  public let usesBias: Bool
  /// Whether each part normalises what it is given, rather than the sum that it makes.
  public let normalizesFirst: Bool
  /// How the weights of dense layers start.
  public let initializer: Initializer
  /// How those start whose result is added to the input.
  public let outputInitializer: Initializer
  /// nil for an automatic name.
  public let name: String?

  /// Nothing is checked before the layer is traced.
  public init(
    heads: Int, hidden: Int? = nil, activation: ActivationFunction = .gelu, isCausal: Bool = false,
    isRotary: Bool = false, dropout: Double = 0, usesBias: Bool = true, normalizesFirst: Bool = true,
    initializer: Initializer = .glorotUniform, outputInitializer: Initializer? = nil, name: String? = nil
  ) {
    self.heads = heads
    self.hidden = hidden
    self.activation = activation
    self.isCausal = isCausal
    self.isRotary = isRotary
    self.dropout = dropout
    self.usesBias = usesBias
    self.normalizesFirst = normalizesFirst
    self.initializer = initializer
    self.outputInitializer = outputInitializer ?? initializer
    self.name = name
  }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    guard let input = inputs.first, input.rank == 3, input.elementType == .float32, inputs.count <= 2 else {
      throw context.error(
        "a transformer block takes float32 [batch, time, features], and perhaps a mask, but is given "
          + inputs.map { "\($0.type)" }.joined(separator: ", "))
    }
    let features = input.shape[2]
    let attention = MultiHeadAttention(
      heads: heads, isCausal: isCausal, isRotary: isRotary, dropout: dropout, usesBias: usesBias,
      initializer: initializer, outputInitializer: outputInitializer)
    let attended = try adding(to: input, in: context) {
      try context.apply(attention, to: [$0] + inputs.dropFirst())[0]
    }
    let first = Dense(
      hidden ?? 4 * features, activation: activation, usesBias: usesBias, weightInitializer: initializer)
    let second = Dense(features, usesBias: usesBias, weightInitializer: outputInitializer)
    return [
      try adding(to: attended, in: context) {
        try context.apply(second, to: context.apply(first, to: $0))
      }
    ]
  }

  private func adding(
    to input: Tensor, in context: LayerContext, _ part: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let normalization = LayerNormalization(usesBias: usesBias)
    let result = try part(normalizesFirst ? context.apply(normalization, to: input) : input)
    let sum = try input + context.apply(Dropout(dropout), to: result)
    return normalizesFirst ? sum : try context.apply(normalization, to: sum)
  }

  private static let keys = [
    "heads", "hidden", "activation", "isCausal", "isRotary", "dropout", "usesBias", "normalizesFirst", "initializer",
    "outputInitializer", "name",
  ]

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: Self.keys])
    self.init(
      heads: try description.value("heads"), hidden: try description.optional("hidden"),
      activation: try description.choice("activation", default: .gelu),
      isCausal: try description.value("isCausal", default: false),
      isRotary: try description.value("isRotary", default: false),
      dropout: try description.value("dropout", default: 0),
      usesBias: try description.value("usesBias", default: true),
      normalizesFirst: try description.value("normalizesFirst", default: true),
      initializer: try description.value("initializer", default: .glorotUniform),
      outputInitializer: try description.optional("outputInitializer"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("heads", heads)
    description.set("hidden", hidden)
    description.set("activation", activation == .gelu ? nil : activation.rawValue)
    description.set("isCausal", isCausal ? true : nil)
    description.set("isRotary", isRotary ? true : nil)
    description.set("dropout", dropout == 0 ? nil : dropout)
    description.set("usesBias", usesBias ? nil : false)
    description.set("normalizesFirst", normalizesFirst ? nil : false)
    description.set("initializer", initializer == .glorotUniform ? nil : initializer)
    description.set("outputInitializer", outputInitializer == initializer ? nil : outputInitializer)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

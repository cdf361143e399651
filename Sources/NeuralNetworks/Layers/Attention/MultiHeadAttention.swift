/// Attention in several heads, between two dense layers: each place asks a question (its query) and receives a mean of
/// the values of those places whose keys answer it.
///
/// Inputs: one sequence `[batch, time, features]`, which attends to itself; or the sequence that asks and another one,
/// which gives keys and values; or three, for queries, keys and values. A further input of numbers or truth values,
/// int32 or bool `[batch, keys]`, is a padding mask: keys where it is 0 are not attended to. Output
/// `[batch, time, outputs]`.
///
/// Its dense layers are `inputs` (queries, keys and values in one) for a sequence that attends to itself, else `query`,
/// `key` and `value`; and `output`. Source: Vaswani et al., "Attention is all you need" (2017).
public struct MultiHeadAttention: Layer {
  public static let kind = "multiHeadAttention"
  /// The number of heads.
  public let heads: Int
  /// The channels of all heads together; as many as the input's features when nil.
  public let width: Int?
  /// The features of the output; as many as the input's when nil.
  public let outputs: Int?
  /// Whether a place attends only to those up to itself.
  public let isCausal: Bool
  /// Whether queries and keys are turned by their places; see `rotary`.
  public let isRotary: Bool
  /// The share of the weights that is dropped while training, in [0, 1).
  public let dropout: Double
  /// Whether the dense layers have biases.
  public let usesBias: Bool
  /// How the weights of the dense layers start, save that of the last.
  public let initializer: Initializer
  /// How the weights of the last dense layer start.
  public let outputInitializer: Initializer
  /// nil for an automatic name.
  public let name: String?

  /// Nothing is checked before the layer is traced.
  /// - Parameter isRotary: whether queries and keys are turned by an angle in proportion to their places (Su et al.,
  ///   "RoFormer", 2021), so that a positional embedding is not needed.
  public init(
    heads: Int, width: Int? = nil, outputs: Int? = nil, isCausal: Bool = false, isRotary: Bool = false,
    dropout: Double = 0, usesBias: Bool = true, initializer: Initializer = .glorotUniform,
    outputInitializer: Initializer? = nil, name: String? = nil
  ) {
    self.heads = heads
    self.width = width
    self.outputs = outputs
    self.isCausal = isCausal
    self.isRotary = isRotary
    self.dropout = dropout
    self.usesBias = usesBias
    self.initializer = initializer
    self.outputInitializer = outputInitializer ?? initializer
    self.name = name
  }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    let isMasked = inputs.count > 1 && inputs[inputs.count - 1].elementType != .float32
    let sequences = isMasked ? Array(inputs.dropLast()) : inputs
    guard (1...3).contains(sequences.count),
      sequences.allSatisfy({ $0.rank == 3 && $0.elementType == .float32 })
    else {
      throw context.error(
        "attention takes one to three sequences, float32 [batch, time, features], and perhaps a mask, int32 or bool "
          + "[batch, keys], but is given " + inputs.map { "\($0.type)" }.joined(separator: ", "))
    }
    let features = sequences[0].shape[2]
    let width = width ?? features
    guard heads > 0, width > 0, width.isMultiple(of: heads) else {
      throw context.error("\(width) channels cannot be divided among \(heads) heads")
    }
    guard Shape([features, 3, width]).isValid else {
      throw context.error("attention cannot have \(width) channels; use fewer")
    }
    guard !isRotary || (width / heads).isMultiple(of: 2) else {
      throw context.error("rotary positions need an even number of channels in a head, not \(width / heads)")
    }
    guard dropout >= 0, dropout < 1 else {
      throw context.error("the dropout rate must be at least 0 and less than 1, not \(dropout)")
    }
    let mask = isMasked ? inputs.last.map { $0.elementType == .bool ? $0 : $0 .!= 0 } : nil
    let sources = try sources(sequences, width, in: context)
    if let place = context.place {
      return [try context.apply(last(features), to: means(sources, at: place, in: context))]
    }
    let means = scaledDotProductAttention(
      sources[0], Array(sources.dropFirst()), heads: heads, isCausal: isCausal, mask: mask,
      changingWeights: context.mode == .training && dropout > 0 ? { dropping($0, in: context) } : nil)
    return [try context.apply(last(features), to: means)]
  }

  private func last(_ features: Int) -> Dense {
    Dense(outputs ?? features, usesBias: usesBias, weightInitializer: outputInitializer, name: "output")
  }

  /// Attention of one place to itself and those before it, whose keys and values the runs before have left.
  private func means(_ sources: [Tensor], at place: SequencePlace, in context: LayerContext) throws -> Tensor {
    let width = sources[sources.count - 1].shape[2] / (sources.count == 1 ? 3 : 1)
    let parts =
      sources.count > 1 ? sources : (0..<3).map { sources[0].sliced(($0 * width)..<(($0 + 1) * width), alongAxis: 2) }
    let (batch, length) = (parts[0].shape[0], place.length)
    let places = context.graph.constant(ShapedArray((0..<length).map(Double.init)), .int32)
    func remembered(_ name: String, _ row: Tensor) throws -> Tensor {
      let before = try context.carried(name, TensorType([batch, length, width]))
      let after = select((places .== place.number).reshaped(to: [1, length, 1]), row, before)
      context.carry(before, to: after)
      return after
    }
    let mask = (places .<= place.number).reshaped(to: [1, length]).broadcast(to: [batch, length])
    return scaledDotProductAttention(
      parts[0], [try remembered("keys", parts[1]), try remembered("values", parts[2])], heads: heads, mask: mask)
  }

  /// Queries, keys and values; in one tensor where one product makes them.
  private func sources(_ sequences: [Tensor], _ width: Int, in context: LayerContext) throws -> [Tensor] {
    func dense(_ units: Int, _ name: String) -> Dense {
      Dense(units, usesBias: usesBias, weightInitializer: initializer, name: name)
    }
    if sequences.count == 1 {
      let packed = try context.apply(dense(3 * width, "inputs"), to: sequences[0])
      guard isRotary else { return [packed] }
      let parts = (0..<3).map { packed.sliced(($0 * width)..<(($0 + 1) * width), alongAxis: 2) }
      return [rotated(parts[0], heads: heads, in: context), rotated(parts[1], heads: heads, in: context), parts[2]]
    }
    let query = try context.apply(dense(width, "query"), to: sequences[0])
    let key = try context.apply(dense(width, "key"), to: sequences[1])
    let value = try context.apply(dense(width, "value"), to: sequences[sequences.count - 1])
    guard isRotary else { return [query, key, value] }
    return [rotated(query, heads: heads, in: context), rotated(key, heads: heads, in: context), value]
  }

  private func dropping(_ weights: Tensor, in context: LayerContext) -> Tensor {
    weights * dropoutMask(
      weights.shape, rate: dropout, step: context.step, seed: context.seed, stream: context.randomStream)
  }

  private static let keys = [
    "heads", "width", "outputs", "isCausal", "isRotary", "dropout", "usesBias", "initializer", "outputInitializer",
    "name",
  ]

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: Self.keys])
    self.init(
      heads: try description.value("heads"), width: try description.optional("width"),
      outputs: try description.optional("outputs"), isCausal: try description.value("isCausal", default: false),
      isRotary: try description.value("isRotary", default: false),
      dropout: try description.value("dropout", default: 0),
      usesBias: try description.value("usesBias", default: true),
      initializer: try description.value("initializer", default: .glorotUniform),
      outputInitializer: try description.optional("outputInitializer"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("heads", heads)
    description.set("width", width)
    description.set("outputs", outputs)
    description.set("isCausal", isCausal ? true : nil)
    description.set("isRotary", isRotary ? true : nil)
    description.set("dropout", dropout == 0 ? nil : dropout)
    description.set("usesBias", usesBias ? nil : false)
    description.set("initializer", initializer == .glorotUniform ? nil : initializer)
    description.set("outputInitializer", outputInitializer == initializer ? nil : outputInitializer)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

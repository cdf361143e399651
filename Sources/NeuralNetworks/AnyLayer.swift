/// Every kind of layer that a description can name. A new layer adds one line here.
public enum LayerCatalog {
  /// The kinds of this library.
  public static let layers: [any Layer.Type] = [
    Dense.self, Activation.self, Flatten.self, Dropout.self, Sequential.self,
    SimpleRecurrent.self, LSTM.self, GRU.self,
    Embedding.self, TiedEmbedding.self, PositionalEmbedding.self, MultiHeadAttention.self, TransformerBlock.self,
    ColumnEmbeddings.self,
    NetworkGraph.self,
    Convolution.self, TransposedConvolution.self, MaxPooling.self, AveragePooling.self, GlobalAveragePooling.self,
    GlobalMaxPooling.self, AdaptiveAveragePooling.self, AdaptiveMaxPooling.self, Upsampling.self,
    BatchNormalization.self, LayerNormalization.self, RMSNormalization.self, GroupNormalization.self,
    InstanceNormalization.self, SpatialDropout.self,
    LeakyReLU.self, PReLU.self, Maxout.self,
    Residual.self, Parallel.self, Merge.self,
  ]

  /// The key of a decoder's `userInfo` under which programs list layers of their own, as `[any Layer.Type]`.
  public static let userInfoKey = CodingUserInfoKey(rawValue: "chainrule.layers")

  static func layers(for decoder: any Decoder) -> [any Layer.Type] {
    let own = userInfoKey.flatMap { decoder.userInfo[$0] as? [any Layer.Type] } ?? []
    return layers + own
  }
}

/// A layer of any kind, coded with its kind and compared by what it describes.
public struct AnyLayer: Codable, Hashable, Sendable, NamedInLists {
  public static let pluralName = "layers"
  /// The layer.
  public let layer: any Layer

  /// Wraps a layer, whose name and parameters stay as they are.
  public init(_ layer: any Layer) { self.layer = layer }

  /// - Throws: `DescriptionError` that names the place.
  public init(from decoder: any Decoder) throws {
    let types = LayerCatalog.layers(for: decoder)
    let kind = try DescriptionReader(decoder, of: "layer", kinds: types.map { $0.kind }).kind
    guard let type = types.first(where: { $0.kind == kind }) else {
      throw DescriptionError(decoder.codingPath, "there is no layer of kind '\(kind)'")
    }
    layer = try type.init(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws { try layer.encode(to: encoder) }

  public static func == (a: AnyLayer, b: AnyLayer) -> Bool { a.layer.isEqual(to: b.layer) }

  public func hash(into hasher: inout Hasher) { layer.hash(into: &hasher) }
}

import Foundation

/// Every kind of layer that a description can name. A new layer adds one line here.
public enum LayerCatalog {
  /// The kinds of this library.
  public static let layers: [any Layer.Type] = [
    Sequential.self, Residual.self, Recomputed.self, Parallel.self, Merge.self, Ensemble.self, NetworkGraph.self,
    Dense.self, Activation.self, LeakyReLU.self, PReLU.self, Maxout.self, Flatten.self, PolynomialFeatures.self,
    ColumnEmbeddings.self, ColumnOneHot.self, Sampling.self,
    Dropout.self, SpatialDropout.self, BatchNormalization.self, LayerNormalization.self, RMSNormalization.self,
    GroupNormalization.self, InstanceNormalization.self,
    Convolution.self, TransposedConvolution.self, MaxPooling.self, AveragePooling.self, GlobalAveragePooling.self,
    GlobalMaxPooling.self, AdaptiveAveragePooling.self, AdaptiveMaxPooling.self, Upsampling.self,
    SimpleRecurrent.self, LSTM.self, GRU.self,
    Embedding.self, TiedEmbedding.self, PositionalEmbedding.self, MultiHeadAttention.self, TransformerBlock.self,
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

  /// A layer of another package that writes no `kind`, as those whose coding the compiler makes, is given it here.
  /// - Throws: `DescriptionError` for a layer that could not be read back.
  public func encode(to encoder: any Encoder) throws {
    let type = ObjectIdentifier(type(of: layer))
    if !LayerCatalog.layers.contains(where: { ObjectIdentifier($0) == type }), try !writesKind(encoder.codingPath) {
      var description = encoder.container(keyedBy: DescriptionKey.self)
      try description.encode(layer.kind, forKey: DescriptionKey("kind"))
    }
    try layer.encode(to: encoder)
  }

  private func writesKind(_ path: [any CodingKey]) throws -> Bool {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    switch try JSONDecoder().decode(WrittenForm.self, from: encoder.encode(layer)) {
    case .word(layer.kind), .object(kind: layer.kind): return true
    case .object(kind: nil): return false
    default:
      throw DescriptionError(
        path, "a layer of kind '\(layer.kind)' writes itself as something else; let it write an object without 'kind', "
          + "or use DescriptionWriter")
    }
  }

  /// What tells how a layer writes itself.
  private enum WrittenForm: Decodable {
    case word(String)
    case object(kind: String?)

    init(from decoder: any Decoder) throws {
      if let word = try? decoder.singleValueContainer().decode(String.self) {
        self = .word(word)
      } else {
        let values = try decoder.container(keyedBy: DescriptionKey.self)
        self = .object(kind: try values.decodeIfPresent(String.self, forKey: DescriptionKey("kind")))
      }
    }
  }

  public static func == (a: AnyLayer, b: AnyLayer) -> Bool { a.layer.isEqual(to: b.layer) }

  public func hash(into hasher: inout Hasher) { layer.hash(into: &hasher) }
}

extension AnyLayer {
  /// The place in the network's description of a layer, a node or a parameter within it, as `DescriptionError` writes
  /// it: `layers[1]` for `dense2/weight` of a sequence. Ends where the description does not name parts.
  public func descriptionPath(ofLayer path: String) -> String {
    var (layer, place) = (self.layer, "")
    for name in path.split(separator: "/") {
      let found: (step: String, layer: AnyLayer)?
      switch layer {
      case let sequence as Sequential:
        var counts: [String: Int] = [:]
        let names = sequence.layers.map { layer in
          counts[layer.kind, default: 0] += 1
          return layer.name ?? "\(layer.kind)\(counts[layer.kind, default: 0])"
        }
        found = names.firstIndex { $0 == name }.map { ("layers[\($0)]", AnyLayer(sequence.layers[$0])) }
      case let graph as NetworkGraph:
        found = graph.nodes.firstIndex { $0.name == name }.flatMap { index in
          guard case .layer(let layer) = graph.nodes[index].content else { return nil }
          return ("nodes[\(index)]", layer)
        }
      default: found = nil
      }
      guard let found else { return place }
      place += (place.isEmpty ? "" : ".") + found.step
      layer = found.layer.layer
    }
    return place
  }
}

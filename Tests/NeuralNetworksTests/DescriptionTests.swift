import Foundation
import NeuralNetworks
import Testing

struct DescriptionTests {
  static let network = Sequential {
    Flatten()
    Dense(128, activation: .relu, weightInitializer: .heNormal, biasInitializer: .constant(0.5), name: "hidden")
    Dropout(0.25)
    Sequential(name: "head") {
      Dense(10, usesBias: false, weightInitializer: .uniform(lower: -0.5, upper: 0.5))
      Activation(.softmax)
    }
    Dense(2, weightInitializer: .standardNormal, biasInitializer: .normal(mean: 1, deviation: 0.5))
  }

  private func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func decode(_ text: String, layers: [any Layer.Type] = []) throws -> AnyLayer {
    let decoder = JSONDecoder()
    if let key = LayerCatalog.userInfoKey { decoder.userInfo[key] = layers }
    return try decoder.decode(AnyLayer.self, from: Data(text.utf8))
  }

  @Test func `a network survives JSON`() throws {
    let text = try encode(AnyLayer(Self.network))
    #expect(try decode(text) == AnyLayer(Self.network))
    #expect(try decode(text).hashValue == AnyLayer(Self.network).hashValue)
    #expect(try JSONDecoder().decode(Sequential.self, from: Data(text.utf8)) == Self.network)
    #expect(try encode(Self.network) == text)
  }

  @Test func `descriptions are short and readable`() throws {
    let network = Sequential {
      Flatten()
      Dense(16, activation: .tanh)
      Dense(10, weightInitializer: .leCunUniform)
    }
    let expected = #"{"kind":"sequential","layers":[{"kind":"flatten"},"#
      + #"{"activation":"tanh","kind":"dense","units":16},"#
      + #"{"kind":"dense","units":10,"weightInitializer":"leCunUniform"}]}"#
    #expect(try encode(network) == expected)
  }

  /// What a description says that lacks nothing but has a setting too many.
  private func complaint(_ kind: String, _ settings: [String: Any]) throws -> String {
    let data = try JSONSerialization.data(withJSONObject: settings.merging(["kind": kind]) { $1 })
    do {
      _ = try JSONDecoder().decode(AnyLayer.self, from: data)
      return ""
    } catch let error as DescriptionError {
      return error.message
    }
  }

  /// A layer with as few settings as it can have.
  private func plainLayer(_ kind: String) throws -> any Layer {
    let values: [String: Any] = ["a whole number": 1, "a number": 0.5, "a list of layers": []]
    let words: [String: [String: Any]] = [
      "merge": ["combination": "add"], "activation": ["function": "tanh"],
      "graph": ["inputs": ["x"], "nodes": [["name": "y", "kind": "flatten", "inputs": ["x"]] as [String: Any]]],
    ]
    var settings = words[kind] ?? [:]
    while let missing = try complaint(kind, settings).firstMatch(of: #/needs the setting '(\w+)', (.*)/#) {
      settings[String(missing.1)] = values[String(missing.2)] ?? [] as [Any]
    }
    let data = try JSONSerialization.data(withJSONObject: settings.merging(["kind": kind]) { $1 })
    return try JSONDecoder().decode(AnyLayer.self, from: data).layer
  }

  @Test(arguments: LayerCatalog.layers.map { $0.kind })
  func `a layer's settings are called what its properties are`(kind: String) throws {
    let layer = try plainLayer(kind)
    let properties = Mirror(reflecting: layer).children
    let inner = properties.flatMap { Mirror(reflecting: $0.value).children }
    // What is read of layers within is not stored as it is; the compiler checks the names.
    let computed: [String: AnyKeyPath] = [
      "layers": \Sequential.layers, "branches": \Parallel.branches, "shortcut": \Residual.shortcut,
    ]
    let names = (properties + inner).compactMap(\.label) + computed.keys
    let known = try #require(try complaint(kind, ["nothing": 1]).firstMatch(of: #/it takes (.*)/#)).1
    for key in known.split(separator: ", ") {
      #expect(names.contains(String(key)), "\(kind): nothing is called '\(key)' among \(names)")
    }
  }

  static let kinds = LayerCatalog.layers.map { $0.kind }.joined(separator: ", ")

  static let mistakes: [(String, String, String)] = [
    (
      #"{"kind": "dnse", "units": 3}"#, "",
      "there is no layer of kind 'dnse'; choose one of \(kinds)"
    ),
    (
      #"{"units": 3}"#, "",
      "the layer has no 'kind'; choose one of \(kinds)"
    ),
    (
      #"{"kind": "sequential", "layers": [{"kind": "flatten"}, {"kind": "dense"}]}"#, "layers[1]",
      "layer 'dense' needs the setting 'units', a whole number"
    ),
    (
      #"{"kind": "sequential", "layers": [{"kind": "dense", "units": "ten"}]}"#, "layers[0].units",
      "expected a whole number"
    ),
    (
      #"{"kind": "sequential", "layers": [{"kind": "dense", "unit": 10}]}"#, "layers[0].unit",
      "layer 'dense' has no setting 'unit'; it takes units, activation, usesBias, weightInitializer, biasInitializer, "
        + "name"
    ),
    (
      #"{"kind": "dense", "units": 10, "activation": "relux"}"#, "activation",
      "there is no 'relux'; choose one of \(ActivationFunction.allCases.map(\.rawValue).joined(separator: ", "))"
    ),
    (
      #"{"kind": "dense", "units": 10, "weightInitializer": "he"}"#, "weightInitializer",
      "there is no initializer of kind 'he'; choose one of constant, gates, glorotNormal, glorotUniform, heNormal, "
        + "heUniform, leCunNormal, leCunUniform, normal, orthogonal, uniform, zeros"
    ),
    (
      #"{"kind": "dense", "units": 10, "weightInitializer": {"kind": "uniform", "lower": 1}}"#, "weightInitializer",
      "initializer 'uniform' needs the setting 'upper', a number"
    ),
    (#"{"kind": "dropout", "rate": true}"#, "rate", "expected a number"),
    (#"{"kind": "activation"}"#, "", "layer 'activation' needs the setting 'function', text"),
    (#"{"kind": 3}"#, "", "the layer's 'kind' must be text, one of \(kinds)"),
    (#"[1]"#, "", "expected a layer: the name of a kind or an object with a 'kind', one of \(kinds)"),
  ]

  @Test(arguments: mistakes.indices)
  func `mistakes in descriptions name the place and the choices`(index: Int) {
    let (text, path, message) = Self.mistakes[index]
    #expect(throws: DescriptionError(path: path, message: message)) { try decode(text) }
  }

  /// A layer that is not Chainrule's own.
  struct Doubling: UnaryLayer {
    static let kind = "doubling"
    var name: String?

    func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor { 2 * input }
    func encode(to encoder: any Encoder) throws { try DescriptionWriter(Self.kind).write(to: encoder, asObject: true) }
    init() {}
    init(from decoder: any Decoder) throws {
      _ = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: []])
    }
  }

  @Test func `a program can add layers of its own`() throws {
    let network = Sequential { Doubling() }
    let text = try encode(network)
    #expect(text == #"{"kind":"sequential","layers":[{"kind":"doubling"}]}"#)
    #expect(try decode(text, layers: [Doubling.self]) == AnyLayer(network))
    #expect(throws: DescriptionError.self) { try decode(text) }
  }

  /// A layer whose coding the compiler makes.
  struct Scaling: UnaryLayer {
    static let kind = "scaling"
    var name: String?
    var factor = 2.0

    func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor { factor * input }
  }

  /// A layer that writes itself as another kind.
  struct Pretending: UnaryLayer {
    static let kind = "pretending"
    var name: String?
    var kind = "dense"

    func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor { input }
  }

  @Test func `a layer that writes no kind is given it, and one that writes another is refused`() throws {
    let network = Sequential {
      Scaling(factor: 3)
      Residual { Scaling(name: "s") }
    }
    let text = try encode(network)
    #expect(text.contains(#"{"factor":3,"kind":"scaling"}"#))
    #expect(try decode(text, layers: [Scaling.self]) == AnyLayer(network))
    let error = #expect(throws: DescriptionError.self) { try encode(Sequential { Pretending() }) }
    #expect(error?.message.contains("'pretending'") == true)
  }

  @Test func `losses survive JSON`() throws {
    #expect(Loss.kinds.count == 12)
    for kind in Loss.kinds {
      let loss = try #require(Loss(kind: kind))
      #expect(loss.kind == kind)
      #expect(try JSONDecoder().decode([Loss].self, from: JSONEncoder().encode([loss])) == [loss])
    }
    #expect(Loss(kind: "crossEntropy") == nil)
    #expect(try encode([Loss.huber(delta: 0.5), .hinge]) == #"[{"delta":0.5,"kind":"huber"},"hinge"]"#)
    let adjusted = [
      Loss.softmaxCrossEntropy(labelSmoothing: 0.5), .softmaxCrossEntropy(classWeights: [1, 2]), .focal(focusing: 3),
    ]
    #expect(try JSONDecoder().decode([Loss].self, from: JSONEncoder().encode(adjusted)) == adjusted)
    #expect(throws: DescriptionError.self) { try JSONDecoder().decode([Loss].self, from: Data(#"["l2"]"#.utf8)) }
  }
}

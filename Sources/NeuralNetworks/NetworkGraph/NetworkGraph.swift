/// A network of any shape: named nodes, each a layer with the nodes and inputs that it reads.
///
/// ```swift
/// let elman = NetworkGraph(inputs: ["x"], nodes: [
///   .init(Dense(8, activation: .tanh, name: "hidden"), inputs: ["x", .delayed("hidden")]),
///   .init(Dense(2, name: "y"), inputs: ["hidden"]),
/// ])
/// ```
///
/// Nodes may be written in any order; without delays they must not read each other in a circle. A node with several
/// inputs whose layer takes one is given them joined along the last axis; see `Merge` for sums and the like.
///
/// Connections with a delay read what a node gave some time steps before: tensors are then `[batch, time, ...]`. Nodes
/// in a circle of such connections see one step at a time, `[batch, ...]`, and are unrolled over the time axis, so that
/// the gradient is that of backpropagation through time; all others see whole sequences. Source: Werbos,
/// "Backpropagation through time: what it does and how to do it" (1990).
public struct NetworkGraph: Layer {
  public static let kind = "graph"
  /// What the inputs are called, in the order in which they are given.
  public let inputs: [String]
  /// The nodes, in any order.
  public let nodes: [Node]
  /// What the network gives, in order; nil for the one node that no other reads.
  public let outputs: [Source]?
  /// The number of time steps after which gradients are no longer followed back; nil for all the way.
  ///
  /// Signals cross the boundaries, which lie every so many steps; gradients do not.
  public let truncation: Int?
  /// nil for an automatic name.
  public let name: String?

  /// A node: a layer of its own, or that of another node with its weights.
  public struct Node: Hashable, Sendable {
    /// Where a node takes its layer from.
    public enum Content: Hashable, Sendable {
      /// A layer, whose name is the node's.
      case layer(AnyLayer)
      /// The layer of the node of that name, with the same weights.
      case weights(of: String)
    }

    /// What other nodes call it.
    public let name: String
    /// What it computes.
    public let content: Content
    /// What it reads.
    public let inputs: [Source]

    /// A node of a layer, which must have a name.
    public init(_ layer: some Layer, inputs: [Source]) {
      self.init(AnyLayer(layer), inputs: inputs)
    }

    init(_ layer: AnyLayer, inputs: [Source]) {
      name = layer.layer.name ?? ""
      content = .layer(layer)
      self.inputs = inputs
    }

    /// A node that does what another does, with the same weights, on other inputs.
    public init(_ name: String, weightsOf other: String, inputs: [Source]) {
      self.name = name
      content = .weights(of: other)
      self.inputs = inputs
    }
  }

  /// What is read: an output of a node, or an input of the network; now or some time steps ago.
  public struct Source: Hashable, Sendable, ExpressibleByStringLiteral {
    /// What a delayed signal is before the first time step.
    public enum Start: String, Hashable, Sendable, Codable, CaseIterable {
      /// Zeros.
      case zeros
      /// A parameter, which starts as zeros: `NODE.start`, of the shape of one example's features.
      case learned
    }

    /// The name of a node or of an input of the network.
    public let node: String
    /// Which of the node's outputs, from 0.
    public let output: Int
    /// How many time steps ago; 0 is now.
    public let delay: Int
    /// What is read before the first time step, where there is a delay.
    public let start: Start
    /// The shape of one example's features in one time step; nil where it can be found out, as mostly.
    public let shape: Shape?

    /// What a node gives.
    public init(
      _ node: String, output: Int = 0, delay: Int = 0, start: Start = .zeros, shape: Shape? = nil
    ) {
      self.node = node
      self.output = output
      self.delay = delay
      self.start = start
      self.shape = shape
    }

    public init(stringLiteral node: String) { self.init(node) }

    /// What a node gave some time steps before.
    public static func delayed(_ node: String, by delay: Int = 1, start: Start = .zeros) -> Source {
      Source(node, delay: delay, start: start)
    }
  }

  /// A network of nodes; they are checked when it is traced.
  /// - Parameters:
  ///   - outputs: nil for the one node that no other reads.
  ///   - truncation: after how many time steps gradients are no longer followed back; nil for all the way.
  public init(
    inputs: [String] = ["input"], nodes: [Node], outputs: [Source]? = nil, truncation: Int? = nil, name: String? = nil
  ) {
    self.inputs = inputs
    self.nodes = nodes
    self.outputs = outputs
    self.truncation = truncation
    self.name = name
  }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    let order: NetworkOrder
    do {
      order = try NetworkOrder(self)
    } catch {
      throw context.error(error.description)
    }
    guard inputs.count == self.inputs.count else {
      throw context.error(
        "the graph has the inputs \(self.inputs.joined(separator: ", ")), but was given \(inputs.count)")
    }
    var tracer = NetworkTracer(self, order, inputs, context)
    return try tracer.outputs()
  }
}

extension NetworkGraph: Codable {
  /// - Throws: `DescriptionError` that names the node.
  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["inputs", "nodes", "outputs", "truncation", "name"]])
    self.init(
      inputs: try description.value("inputs", default: ["input"]), nodes: try description.value("nodes"),
      outputs: try description.optional("outputs"), truncation: try description.optional("truncation"),
      name: try description.optional("name"))
    do {
      _ = try NetworkOrder(self)
    } catch {
      let place = DescriptionError(decoder.codingPath, "").path
      let separator = place.isEmpty || error.path.isEmpty ? "" : "."
      throw DescriptionError(path: place + separator + error.path, message: error.message)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("name", name)
    description.set("inputs", inputs == ["input"] ? nil : inputs)
    description.set("nodes", nodes)
    description.set("outputs", outputs)
    description.set("truncation", truncation)
    try description.write(to: encoder)
  }
}

extension NetworkGraph.Node: Codable, NamedInLists {
  public static let pluralName = "nodes"

  private enum Key: String, CodingKey, CaseIterable { case name, weights, inputs }

  /// The description of a layer with `inputs` beside its settings; or `name`, `weights` and `inputs`.
  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    guard let values = try? decoder.container(keyedBy: Key.self), values.contains(.name) else {
      throw DescriptionError(decoder.codingPath, "a node needs a 'name', by which others can read it")
    }
    let list: [NetworkGraph.Source]?
    do {
      list = try values.decodeIfPresent([NetworkGraph.Source].self, forKey: .inputs)
    } catch is DecodingError {
      throw DescriptionError(decoder.codingPath + [Key.inputs], "expected a list of nodes")
    }
    guard let inputs = list else {
      throw DescriptionError(decoder.codingPath, "a node needs 'inputs', a list of nodes or inputs of the network")
    }
    guard values.contains(.weights) else {
      self.init(try AnyLayer(from: LayerDecoder(base: decoder)), inputs: inputs)
      return
    }
    try checkKeys(of: decoder, Key.self, subject: "setting of a node with the weights of another")
    do {
      self.init(
        try values.decode(String.self, forKey: .name), weightsOf: try values.decode(String.self, forKey: .weights),
        inputs: inputs)
    } catch is DecodingError {
      throw DescriptionError(decoder.codingPath, "'name' and 'weights' must be names of nodes")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch content {
    case .layer(let layer): try layer.encode(to: encoder)
    case .weights(let other):
      try values.encode(name, forKey: .name)
      try values.encode(other, forKey: .weights)
    }
    try values.encode(inputs, forKey: .inputs)
  }

  /// Lets the layer of a node be read from an object that has the node's own settings too.
  private struct LayerDecoder: Decoder {
    let base: any Decoder
    var codingPath: [any CodingKey] { base.codingPath }

    var userInfo: [CodingUserInfoKey: Any] {
      var information = base.userInfo
      if let key = DescriptionReader.foreignKeysInfoKey { information[key] = [Key.inputs.rawValue] }
      return information
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
      try base.container(keyedBy: type)
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try base.unkeyedContainer() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { try base.singleValueContainer() }
  }
}

extension NetworkGraph.Source: Codable, NamedInLists {
  public static let pluralName = "names of nodes"

  private enum Key: String, CodingKey, CaseIterable { case node, output, delay, start, shape }

  /// A name, or an object such as `{node: hidden, delay: 1}`.
  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      self.init(name)
      return
    }
    guard let values = try? decoder.container(keyedBy: Key.self) else {
      throw DescriptionError(
        decoder.codingPath, "expected the name of a node, or an object such as {node: hidden, delay: 1}")
    }
    try checkKeys(of: decoder, Key.self, subject: "setting of an input")
    func value<Value: Decodable>(_ key: Key, _ expected: String) throws -> Value? {
      do {
        return try values.decodeIfPresent(Value.self, forKey: key)
      } catch {
        throw DescriptionError(decoder.codingPath + [key], "expected \(expected)")
      }
    }
    guard let node: String = try value(.node, "the name of a node") else {
      throw DescriptionError(decoder.codingPath, "the input needs 'node', the name of a node")
    }
    let choices = Start.allCases.map(\.rawValue).joined(separator: " or ")
    let extents: [Int]? = try value(.shape, "a list of whole numbers")
    self.init(
      node, output: try value(.output, "a whole number") ?? 0, delay: try value(.delay, "a whole number") ?? 0,
      start: try value(.start, choices) ?? .zeros, shape: extents.map { Shape($0) })
  }

  public func encode(to encoder: any Encoder) throws {
    guard self != NetworkGraph.Source(node) else {
      var container = encoder.singleValueContainer()
      return try container.encode(node)
    }
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(node, forKey: .node)
    if output != 0 { try values.encode(output, forKey: .output) }
    if delay != 0 { try values.encode(delay, forKey: .delay) }
    if start != .zeros { try values.encode(start, forKey: .start) }
    if let shape { try values.encode(shape.dimensions, forKey: .shape) }
  }
}

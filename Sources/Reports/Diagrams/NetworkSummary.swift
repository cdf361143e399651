import CPUBackend
import NeuralNetworks

/// What a network consists of and what one example costs: layers, shapes, parameters, operations and bytes.
public struct NetworkSummary: Sendable, Codable {
  /// A layer within the network.
  public struct Layer: Sendable, Codable {
    /// Such as `encoder/dense1`.
    public let path: String
    /// The word for its type.
    public let kind: String
    /// The shapes of its outputs, the batch of 1 left out; in a loop those of one time step.
    public let outputs: [Shape]
    /// How many numbers it learns, with those of the layers within it.
    public let parameterCount: Int
    /// Floating-point operations for one example, a multiplication and an addition counted as two.
    public let operations: Int
    /// Bytes read and written for one example, each operand and result of a kernel counted once.
    public let bytes: Int
  }

  /// The shapes of the inputs, the batch of 1 left out.
  public let inputs: [Shape]
  /// The shapes of the outputs, the batch of 1 left out.
  public let outputs: [Shape]
  /// In the order in which they are first applied, each before those within it.
  public let layers: [Layer]
  /// How many numbers the network learns or keeps.
  public let parameterCount: Int
  /// Floating-point operations for one example.
  public let operations: Int
  /// Bytes read and written for one example.
  public let bytes: Int
  /// The memory in bytes for everything that is not a parameter, when examples are predicted one by one.
  public let arenaByteCount: Int

  /// - Parameter inputs: the types of the inputs of a batch of 1.
  /// - Throws: errors of layers that cannot be used with them.
  public init(_ network: AnyLayer, inputs: [TensorType]) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .inference)
    let tensors = inputs.enumerated().map { graph.input("input \($0.offset)", $0.element) }
    let results = try context.trace(network.layer, tensors)
    for (index, result) in results.enumerated() { graph.output("output \(index)", result) }
    let program = try compile(graph, variables: VariableStore(), backend: CPUBackend())
    func example(_ type: TensorType) -> Shape { Shape(Array(type.shape.dimensions.dropFirst())) }
    func isWithin(_ path: String, _ outer: String) -> Bool { path == outer || path.hasPrefix("\(outer)/") }
    layers = context.layers.map { layer in
      let steps = program.steps.filter { isWithin($0.scope, layer.path) }
      return Layer(
        path: layer.path, kind: layer.layer.layer.kind, outputs: layer.outputs.map(example),
        parameterCount: context.parameters.filter { isWithin($0.path, layer.path) }.reduce(0) { $0 + $1.shape.count },
        operations: steps.reduce(0) { $0 + $1.cost.operations }, bytes: steps.reduce(0) { $0 + $1.cost.bytes })
    }
    self.inputs = inputs.map(example)
    outputs = results.map { example($0.type) }
    parameterCount = context.parameters.reduce(0) { $0 + $1.shape.count }
    operations = program.cost.operations
    bytes = program.cost.bytes
    arenaByteCount = program.arenaByteCount
  }
}

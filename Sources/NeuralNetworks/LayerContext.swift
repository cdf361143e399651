/// What layers share while a network is traced into a graph.
///
/// It is a class because it is the one place that collects the parameters of all layers.
public final class LayerContext {
  /// Whether layers behave as in training (dropout drops) or as in use.
  public enum Mode: String, Sendable { case training, inference }

  /// The graph that layers append to.
  public let graph: Graph
  /// How layers behave.
  public let mode: Mode
  /// From which all random numbers within the network are drawn.
  public let seed: UInt64
  /// The parameters handed out so far, in the order in which layers asked for them.
  public private(set) var parameters: [Parameter] = []
  /// The variables of `parameters`, in the same order.
  public private(set) var parameterTensors: [Tensor] = []
  /// Whether recurrent layers begin where the run before ended, rather than with a state of zeros: for text that is
  /// generated sign by sign, and for backpropagation through time that is cut into pieces.
  public let carriesState: Bool
  /// The variables that carry states from run to run, zeros at first. They are no part of a model; whoever owns the
  /// variables sets them to zeros where a new sequence begins.
  public private(set) var carriedStates: [(path: String, type: TensorType)] = []
  /// The path of the layer that is being traced.
  public private(set) var path = ""

  private var takenPaths: Set<String> = []
  private var kindCounts: [String: Int] = [:]

  /// A context without parameters yet; one for each tracing of a network.
  public init(_ graph: Graph, mode: Mode, seed: UInt64 = 0, carriesState: Bool = false) {
    self.graph = graph
    self.mode = mode
    self.seed = seed
    self.carriesState = carriesState
  }

  /// The weights among the parameter tensors: what priors apply to.
  public var weightTensors: [Tensor] {
    zip(parameters, parameterTensors).filter { $0.0.role == .weight }.map(\.1)
  }

  /// The number of training steps that are done; see `Graph.stepCounter`.
  public var step: Tensor { graph.stepCounter }

  /// Traces a whole network: its layers are named at the top, its own name is not used.
  public func trace(_ network: some Layer, _ inputs: [Tensor]) throws -> [Tensor] {
    let outputs = try network.apply(inputs, in: self)
    try graph.checkFailure()
    return outputs
  }

  /// Traces a whole network of one input and one output.
  /// - Throws: `LayerError` also when the network has several outputs.
  public func trace(_ network: some Layer, _ input: Tensor) throws -> Tensor {
    try single(trace(network, [input]), of: network)
  }

  /// Applies a layer within the one that is being traced, under a path of its own: its name, or its kind and its number
  /// among those of its kind (`dense1`, `dense2`), so that adding an activation renames no weights.
  public func apply(_ layer: some Layer, to inputs: [Tensor]) throws -> [Tensor] {
    let outer = path
    defer { path = outer }
    path = try freshPath(for: layer)
    return try graph.scope(String(path.dropFirst(outer.isEmpty ? 0 : outer.count + 1))) {
      try trace(layer, inputs)
    }
  }

  /// Applies a layer of one input and one output.
  /// - Throws: `LayerError` also when the layer has several outputs.
  public func apply(_ layer: some Layer, to input: Tensor) throws -> Tensor {
    try single(apply(layer, to: [input]), of: layer)
  }

  private func single(_ outputs: [Tensor], of layer: some Layer) throws -> Tensor {
    guard outputs.count == 1 else {
      throw error("one output is needed here, but the \(layer.kind) layer has \(outputs.count)")
    }
    return outputs[0]
  }

  private func freshPath(for layer: some Layer) throws -> String {
    let prefix = path.isEmpty ? "" : "\(path)/"
    let automatic = "\(prefix)\(layer.kind)"
    kindCounts[automatic, default: 0] += 1
    let fresh = layer.name.map { "\(prefix)\($0)" } ?? "\(automatic)\(kindCounts[automatic, default: 0])"
    if let name = layer.name { try check(name) }
    guard takenPaths.insert(fresh).inserted else {
      throw error("two layers are called '\(fresh)'; give one of them another name")
    }
    return fresh
  }

  /// Names become parts of paths, and optimizers mark their state with a colon, so both signs are kept free.
  private func check(_ name: String) throws {
    guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "_-.".contains($0) }) else {
      throw error("'\(name)' cannot be a name; use letters, digits, '-', '_' and '.'")
    }
  }

  /// A tensor that the network learns: the graph's variable `path/name`.
  ///
  /// - Parameters:
  ///   - fanIn: the number of inputs that each output sums over.
  ///   - fanOut: the number of outputs that each input reaches.
  /// - Throws: `LayerError` when the layer has asked for this name before, or when the initializer cannot be used.
  public func parameter(
    _ name: String, shape: Shape, role: Parameter.Role, initializer: Initializer, fanIn: Int, fanOut: Int
  ) throws -> Tensor {
    try check(name)
    let full = path.isEmpty ? name : "\(path)/\(name)"
    guard takenPaths.insert(full).inserted else {
      throw error("the layer has two parameters called '\(name)'; give one of them another name")
    }
    if let problem = initializer.problem {
      throw error("the initializer of '\(name)' cannot be used: \(problem)")
    }
    let tensor = graph.variable(full, TensorType(shape))
    try graph.checkFailure()
    parameters.append(Parameter(
      path: full, shape: shape, role: role, initializer: initializer, fanIn: fanIn, fanOut: fanOut))
    parameterTensors.append(tensor)
    return tensor
  }

  /// A state of the layer that is being traced, which the run before has left: the graph's variable `path/name`.
  /// - Parameter type: float32 `[batch, ...]`.
  /// - Returns: the state at the beginning of the run; no derivative flows through it. `carry` gives the next one.
  /// - Throws: `LayerError` when the layer has asked for this name before.
  public func carried(_ name: String, _ type: TensorType) throws -> Tensor {
    try check(name)
    let full = path.isEmpty ? name : "\(path)/\(name)"
    guard takenPaths.insert(full).inserted else {
      throw error("the layer has two states called '\(name)'; give one of them another name")
    }
    carriedStates.append((full, type))
    return graph.variable(full, type)
  }

  /// Leaves a state to the next run, in training and in use.
  public func carry(_ state: Tensor, to next: Tensor) { graph.update(state, to: next) }

  /// The number of the random stream of the layer that is being traced: a function of its path.
  public var randomStream: UInt32 { stableHash(path) }

  /// An error that names the layer that is being traced.
  public func error(_ message: String) -> LayerError { LayerError(path: path, message: message) }
}

/// A hash that is the same in every process and on every machine: FNV-1a, 32 bits.
///
/// Source: Fowler, Noll and Vo, http://www.isthe.com/chongo/tech/comp/fnv.
func stableHash(_ text: String) -> UInt32 {
  text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
}

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
  /// Whether errors travel back through fixed random weights instead of the layers' own: feedback alignment.
  public let hasRandomFeedback: Bool
  /// The parameters handed out so far, state included, in the order in which layers asked for them.
  public private(set) var parameters: [Parameter] = []
  /// Whether recurrent layers begin where the run before ended, rather than with a state of zeros: for text that is
  /// generated sign by sign, and for backpropagation through time that is cut into pieces.
  public let carriesState: Bool
  /// Where in a sequence the run is that is being traced; nil where runs see sequences whole.
  public let place: SequencePlace?
  /// The variables that carry states from run to run, zeros at first. They are no part of a model; whoever owns the
  /// variables sets them to zeros where a new sequence begins.
  public private(set) var carriedStates: [(path: String, type: TensorType)] = []
  /// The path of the layer that is being traced.
  public private(set) var path = ""

  /// The layers within the network, in the order in which they were first applied, each before those within it.
  public private(set) var layers: [TracedLayer] = []

  /// The variables of `parameters`, in the same order.
  private var variables: [Tensor] = []
  /// What layers have added to the loss, in the order of tracing.
  public private(set) var addedLosses: [Tensor] = []

  private var takenPaths: Set<String> = []
  /// What several places share, by paths.
  private var sharedLayers: [String: AnyLayer] = [:]
  /// Whether a shared layer is being traced once more: it takes the parameters that it has.
  private var isRepeating = false
  private var kindCounts: [String: Int] = [:]

  /// A context without parameters yet; one for each tracing of a network.
  public init(
    _ graph: Graph, mode: Mode, seed: UInt64 = 0, hasRandomFeedback: Bool = false, carriesState: Bool = false,
    place: SequencePlace? = nil
  ) {
    self.graph = graph
    self.mode = mode
    self.seed = seed
    self.hasRandomFeedback = hasRandomFeedback
    self.carriesState = carriesState || place != nil
    self.place = place
  }

  /// The variables of the learned parameters: what gradients are taken with respect to.
  public var parameterTensors: [Tensor] { tensors { $0.isLearned } }

  /// The weights among the parameter tensors: what priors apply to.
  public var weightTensors: [Tensor] { tensors { $0.role == .weight } }

  private func tensors(where isWanted: (Parameter) -> Bool) -> [Tensor] {
    zip(parameters, variables).filter { isWanted($0.0) }.map(\.1)
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
    try apply(layer, to: inputs, under: freshPath(for: layer))
  }

  /// Applies a layer that several places share: the first of them makes its parameters, the others use them.
  ///
  /// ```swift
  /// let left = try context.apply(encoder, to: [a], sharedAs: "encoder")
  /// let right = try context.apply(encoder, to: [b], sharedAs: "encoder")
  /// ```
  ///
  /// Parameters are called after `name`, as if the layer had it. Dropout drops the same elements in all places, and
  /// state, such as running means, follows the first of them.
  /// - Throws: `LayerError` also when another layer has the name, or when parameters would be of other shapes than in
  ///   the first place.
  public func apply(_ layer: some Layer, to inputs: [Tensor], sharedAs name: String) throws -> [Tensor] {
    try check(name)
    let full = path.isEmpty ? name : "\(path)/\(name)"
    let wasRepeating = isRepeating
    defer { isRepeating = wasRepeating }
    if let known = sharedLayers[full] {
      guard known == AnyLayer(layer) else {
        throw error("two different layers cannot share the weights of '\(full)'; give one of them another name")
      }
      isRepeating = true
      // Layers within are numbered as they were in the first place.
      for key in kindCounts.keys where key.hasPrefix("\(full)/") { kindCounts[key] = nil }
    } else {
      sharedLayers[full] = AnyLayer(layer)
      try take(full)
    }
    return try apply(layer, to: inputs, under: full)
  }

  private func apply(_ layer: some Layer, to inputs: [Tensor], under full: String) throws -> [Tensor] {
    let outer = path
    defer { path = outer }
    path = full
    let position = layers.count
    if !isRepeating {
      layers.append(TracedLayer(path: full, layer: AnyLayer(layer), inputs: inputs.map(\.type), outputs: []))
    }
    let outputs = try graph.scope(String(full.dropFirst(outer.isEmpty ? 0 : outer.count + 1))) {
      try trace(layer, inputs)
    }
    if !isRepeating { layers[position].outputs = outputs.map(\.type) }
    return outputs
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
    try take(fresh)
    return fresh
  }

  private func take(_ fresh: String) throws {
    guard takenPaths.insert(fresh).inserted || isRepeating else {
      throw error("two layers are called '\(fresh)'; give one of them another name")
    }
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
    if isRepeating {
      guard let index = parameters.firstIndex(where: { $0.path == full }), parameters[index].shape == shape else {
        throw error(
          "the shared parameter '\(full)' would need the shape \(shape) here; give all places inputs of one shape")
      }
      return variables[index]
    }
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
    variables.append(tensor)
    return tensor
  }

  /// The product of an input with a layer's weights, `[batch, features] · [features, units]`, or another one that is
  /// linear in both.
  ///
  /// With random feedback, the value is the same but the input's cotangent goes back through random weights: `x B` is
  /// added for its derivative and taken away again for its value.
  /// - Parameter fanIn: the number of inputs that each output sums over; the first extent of the weights when nil.
  public func weightedSum(
    _ input: Tensor, _ weight: Tensor, fanIn: Int? = nil,
    by product: (_ input: Tensor, _ weight: Tensor) -> Tensor = { matrixMultiply($0, $1) }
  ) -> Tensor {
    guard hasRandomFeedback else { return product(input, weight) }
    let scale = 1 / Double(max(fanIn ?? weight.shape.dimensions.first ?? 1, 1)).squareRoot()
    let feedback = scale * randomNormal(
      weight.shape, step: graph.constant(0, .int32), seed: seed, stream: stableHash("feedback/\(path)"))
    let route = product(input, feedback)
    return product(stopGradient(input), weight) + (route - stopGradient(route))
  }

  /// A tensor that the layer keeps between runs and changes itself with `update`, such as a running mean: the graph's
  /// variable `path/name`, float32. Model files hold it as they hold weights.
  /// - Parameter initialValue: what every element is before training, finite.
  /// - Throws: `LayerError` when the layer has asked for this name before, or when the value is not finite.
  public func state(_ name: String, shape: Shape, initialValue: Double = 0) throws -> Tensor {
    try parameter(name, shape: shape, role: .state, initializer: .constant(initialValue), fanIn: 1, fanOut: 1)
  }

  /// Gives state a new value at the end of each training step; in use, state stays as it is.
  /// - Throws: `LayerError` when the tensor is no state of this context, `GraphError` when it was updated already or
  ///   the value is of another type.
  public func update(_ state: Tensor, to value: Tensor) throws {
    try graph.checkFailure()
    let isState = zip(parameters, variables).contains { $0.role == .state && $1.value == state.value }
    guard state.graph === graph, isState else { throw error("only a tensor that 'state' has returned can be updated") }
    guard mode == .training, !isRepeating else { return }
    graph.update(state, to: value)
    try graph.checkFailure()
  }

  /// A state of the layer that is being traced, which the run before has left: the graph's variable `path/name`.
  /// - Parameter type: `[batch, ...]`.
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

  /// Adds a term to what training makes small, beside the loss of the network's outputs: a scalar, such as the distance
  /// of a distribution within the network from the one that is wanted.
  /// - Throws: `LayerError` when it is no scalar.
  public func addLoss(_ term: Tensor) throws {
    try graph.checkFailure()
    guard term.graph === graph, term.shape == .scalar, term.elementType == .float32 else {
      throw error("only a scalar can be added to the loss, not \(term.type)")
    }
    addedLosses.append(term)
  }

  /// The number of the random stream of the layer that is being traced: a function of its path.
  public var randomStream: UInt32 { stableHash(path) }

  /// An error that names the layer that is being traced.
  public func error(_ message: String) -> LayerError { LayerError(path: path, message: message) }
}

/// A hash that is the same in every process and on every machine: FNV-1a, 32 bits.
///
/// Source: Fowler, Noll and Vo, http://www.isthe.com/chongo/tech/comp/fnv.
public func stableHash(_ text: String) -> UInt32 {
  text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
}

/// A layer within a network that was traced.
public struct TracedLayer: Sendable {
  /// Where it is, such as `encoder/dense1`.
  public let path: String
  /// What it is.
  public let layer: AnyLayer
  /// The types of its inputs, where it was first applied.
  public let inputs: [TensorType]
  /// The types of its outputs.
  public internal(set) var outputs: [TensorType]
}

/// Appends the nodes of a network to a graph, those outside of loops on whole sequences.
struct NetworkTracer {
  let network: NetworkGraph
  let order: NetworkOrder
  let context: LayerContext
  /// What has been traced so far, by the names of nodes and inputs.
  private var values: [String: [Tensor]] = [:]
  /// Parameters that delayed signals start from, by their names.
  private var starts: [String: Tensor] = [:]
  /// Sequences that begin with what the runs before have left.
  private var continued: [NetworkGraph.Source: Tensor] = [:]
  /// The names of nodes that are traced more than once with the same weights.
  private let sharedNames: Set<String>

  init(_ network: NetworkGraph, _ order: NetworkOrder, _ inputs: [Tensor], _ context: LayerContext) {
    self.network = network
    self.order = order
    self.context = context
    for (name, tensor) in zip(network.inputs, inputs) { values[name] = [tensor] }
    let lenders: [String] = network.nodes.compactMap { node in
      if case .weights(let other) = node.content { return other }
      return nil
    }
    let repeated = order.groups.filter(\.isLoop).flatMap(\.nodes).map { network.nodes[$0].name }
    sharedNames = Set(lenders + repeated)
  }

  /// Traces everything.
  mutating func outputs() throws -> [Tensor] {
    for group in order.groups {
      if group.isLoop {
        let loop = Recurrence(self, group, try externalInputs(of: group))
        for (name, tensors) in try loop.run(startingFrom: &starts) { values[name] = tensors }
      } else {
        for position in group.nodes {
          let node = network.nodes[position]
          values[node.name] = try apply(node, to: node.inputs.map { try read($0, for: node.name) }, in: context)
        }
      }
    }
    return try order.outputs.map { try read($0, for: "outputs") }
  }

  /// What a loop reads from outside, whole sequences, by the positions of the node and of the source in the node.
  private mutating func externalInputs(of group: NetworkOrder.Group) throws -> [[Int]: Tensor] {
    let members = Set(group.nodes.map { network.nodes[$0].name })
    var inputs: [[Int]: Tensor] = [:]
    for position in group.nodes {
      let node = network.nodes[position]
      for (index, source) in node.inputs.enumerated() where !members.contains(source.node) {
        let tensor = try read(source, for: node.name)
        guard tensor.rank >= 3 else {
          throw error(
            at: node.name,
            "a node in a loop reads sequences, [batch, time, ...], but '\(source.node)' is \(tensor.type)")
        }
        inputs[[position, index]] = tensor
      }
    }
    return inputs
  }

  /// A source as a whole sequence, shifted along the time axis where it has a delay.
  private mutating func read(_ source: NetworkGraph.Source, for reader: String) throws -> Tensor {
    let tensor = try output(source, of: values[source.node] ?? [], for: reader)
    guard source.delay > 0 else { return tensor }
    guard tensor.rank >= 2 else {
      throw error(at: reader, "only sequences, [batch, time, ...], have a past, but '\(source.node)' is \(tensor.type)")
    }
    let length = tensor.shape[1]
    let signal = Shape([tensor.shape[0]] + tensor.shape.dimensions.dropFirst(2))
    if let known = continued[source] { return known }
    if let past = try context.past(of: source, delay: source.delay, signal, tensor.elementType) {
      continued[source] = context.carry(past, followedBy: tensor).sliced(0..<length, alongAxis: 1)
    }
    if let known = continued[source] { return known }
    let delay = min(source.delay, length)
    let feature = Shape(Array(tensor.shape.dimensions.dropFirst(2)))
    let block = Shape([tensor.shape[0], delay] + feature.dimensions)
    let start = try start(of: source, feature, in: context, &starts)
    let before = start?.broadcast(to: block) ?? context.graph.constant(0, tensor.elementType).broadcast(to: block)
    return delay == length
      ? before : before.concatenated(with: [tensor.sliced(0..<(length - delay), alongAxis: 1)], alongAxis: 1)
  }

  func output(_ source: NetworkGraph.Source, of tensors: [Tensor], for reader: String) throws -> Tensor {
    guard tensors.indices.contains(source.output) else {
      throw error(
        at: reader, "there is no output \(source.output) of '\(source.node)', which has \(tensors.count)")
    }
    return tensors[source.output]
  }

  /// The parameter that a delayed signal starts from; nil for zeros.
  func start(
    of source: NetworkGraph.Source, _ shape: Shape, in context: LayerContext, _ known: inout [String: Tensor]
  ) throws -> Tensor? {
    guard source.start == .learned else { return nil }
    let name = "\(source.node).start" + (source.output == 0 ? "" : "\(source.output)")
    if let tensor = known[name] { return tensor }
    let tensor = try context.parameter(
      name, shape: shape, role: .bias, initializer: .zeros, fanIn: shape.count, fanOut: shape.count)
    known[name] = tensor
    return tensor
  }

  /// Appends a node.
  func apply(_ node: NetworkGraph.Node, to inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    let owner: String
    let layer: any Layer
    switch node.content {
    case .layer(let own): (owner, layer) = (node.name, own.layer)
    case .weights(let other):
      guard let position = order.positions[other], case .layer(let own) = network.nodes[position].content else {
        throw error(at: node.name, "there is no layer '\(other)'")
      }
      (owner, layer) = (other, own.layer)
    }
    var joined = inputs
    if layer is any UnaryLayer, inputs.count > 1 {
      do {
        joined = [try Combination.concatenate(inputs, in: context)]
      } catch let failure as LayerError {
        throw error(at: node.name, failure.message)
      }
    }
    return sharedNames.contains(owner)
      ? try context.apply(layer, to: joined, sharedAs: owner) : try context.apply(layer, to: joined)
  }

  func error(at node: String, _ message: String) -> LayerError {
    LayerError(path: context.path.isEmpty ? node : "\(context.path)/\(node)", message: message)
  }
}

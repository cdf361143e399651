/// Nodes that read each other in a circle with delays, unrolled over the time axis.
struct Recurrence {
  /// The greatest number of applications of layers that a loop is unrolled into.
  private static let greatestCount = 1_000_000

  private let tracer: NetworkTracer
  private let nodes: [(position: Int, node: NetworkGraph.Node)]
  /// What is read from outside, `[batch, time, ...]`, by the positions of the node and of the source in the node.
  private let externals: [[Int]: Tensor]

  /// What each node gave at each time step, by its name.
  private typealias History = [String: [[Tensor]]]
  /// Reads a source of a node at one time step.
  private typealias Reader = (_ source: NetworkGraph.Source, _ place: [Int], _ history: History) throws -> Tensor

  init(_ tracer: NetworkTracer, _ group: NetworkOrder.Group, _ externals: [[Int]: Tensor]) {
    self.tracer = tracer
    nodes = group.nodes.map { ($0, tracer.network.nodes[$0]) }
    self.externals = externals
  }

  /// - Parameter starts: the parameters that delayed signals start from, by their names; more may be added.
  /// - Returns: what each node gives, as whole sequences.
  func run(startingFrom starts: inout [String: Tensor]) throws -> [(name: String, tensors: [Tensor])] {
    let length = try timeStepCount()
    let shapes = try stepShapes()
    var history: History = [:]
    var pasts: [NetworkGraph.Source: Tensor] = [:]
    for time in 0..<length {
      try step(in: tracer.context, &history) { source, place, history in
        if let sequence = externals[place] { return slice(sequence, time) }
        let before = time - source.delay
        if before >= 0 {
          let signal = try tracer.output(source, of: history[source.node]?[before] ?? [], for: source.node)
          let isCut = tracer.network.truncation.map { before / $0 != time / $0 } ?? false
          return isCut ? stopGradient(signal) : signal
        }
        let shape = shapes[source.node].flatMap { $0.indices.contains(source.output) ? $0[source.output] : nil }
        guard let shape else { return try tracer.output(source, of: [], for: source.node) }
        let signal = NetworkGraph.Source(source.node, output: source.output, start: source.start)
        let past = try pasts[signal] ?? tracer.context.past(of: source, delay: greatestDelay(of: source), shape)
        pasts[signal] = past
        if let past, past.shape[1] + before >= 0 { return slice(past, past.shape[1] + before) }
        let feature = Shape(Array(shape.dimensions.dropFirst()))
        let start = try tracer.start(of: source, feature, in: tracer.context, &starts)
        return start?.broadcast(to: shape) ?? tracer.context.graph.constant(0).broadcast(to: shape)
      }
    }
    let results = nodes.map { ($0.node.name, sequences(of: history[$0.node.name] ?? [])) }
    for (name, tensors) in results {
      for (output, tensor) in tensors.enumerated() {
        if let past = pasts[NetworkGraph.Source(name, output: output)] {
          tracer.context.carry(past, followedBy: tensor)
        }
      }
    }
    return results
  }

  /// The greatest delay with which a node of the loop reads a source.
  private func greatestDelay(of source: NetworkGraph.Source) -> Int {
    let readings = nodes.flatMap(\.node.inputs).filter { $0.node == source.node && $0.output == source.output }
    return readings.reduce(source.delay) { max($0, $1.delay) }
  }

  private func timeStepCount() throws -> Int {
    let lengths = Set(externals.values.map { $0.shape[1] })
    let names = nodes.map { "'\($0.node.name)'" }.joined(separator: ", ")
    guard let length = lengths.first, lengths.count == 1 else {
      throw tracer.error(
        at: nodes[0].node.name,
        lengths.isEmpty
          ? "the loop of \(names) reads nothing from outside, so it has no number of time steps; give it an input"
          : "the loop of \(names) reads sequences of \(lengths.sorted()) time steps; they must be of one length")
    }
    guard length * nodes.count <= Self.greatestCount else {
      throw tracer.error(
        at: nodes[0].node.name,
        "the loop of \(names) would be unrolled over \(length) time steps; use shorter sequences")
    }
    return length
  }

  /// Traces all nodes for one time step.
  private func step(in context: LayerContext, _ history: inout History, _ read: Reader) throws {
    for (position, node) in nodes {
      let inputs = try node.inputs.enumerated().map { index, source in
        if source.delay == 0, externals[[position, index]] == nil {
          return try tracer.output(source, of: history[source.node]?.last ?? [], for: node.name)
        }
        return try read(source, [position, index], history)
      }
      history[node.name, default: []].append(try tracer.apply(node, to: inputs, in: context))
    }
  }

  private func slice(_ sequence: Tensor, _ time: Int) -> Tensor {
    let shape = sequence.shape.dimensions
    return sequence.sliced(time..<(time + 1), alongAxis: 1).reshaped(to: Shape([shape[0]] + shape.dropFirst(2)))
  }

  private func sequences(of steps: [[Tensor]]) -> [Tensor] {
    guard let first = steps.first else { return [] }
    return first.indices.map { output in
      let parts = steps.map { step in
        let shape = step[output].shape.dimensions
        return step[output].reshaped(to: Shape([shape[0], 1] + shape.dropFirst()))
      }
      return parts[0].concatenated(with: Array(parts.dropFirst()), alongAxis: 1)
    }
  }

  /// The shapes of what nodes give at a time step.
  ///
  /// They depend on what is read with a delay, and so on themselves: we begin with one number an example, which fits
  /// elementwise arithmetic and weighted sums of any size, and trace in a graph of its own until nothing changes.
  private func stepShapes() throws -> [String: [Shape]] {
    var known: [String: [Shape]] = [:]
    for _ in 0...(nodes.count + 1) {
      var history: History = [:]
      let context = LayerContext(Graph(), mode: tracer.context.mode, seed: tracer.context.seed)
      do {
        try step(in: context, &history) { source, place, _ in
          if let sequence = externals[place] {
            let shape = sequence.shape.dimensions
            let type = TensorType(Shape([shape[0]] + shape.dropFirst(2)), sequence.elementType)
            return context.graph.input("\(place)", type)
          }
          let guess = known[source.node].flatMap { $0.indices.contains(source.output) ? $0[source.output] : nil }
          let declared = source.shape.map { Shape([batchSize] + $0.dimensions) }
          let shape = declared ?? guess ?? [batchSize, 1]
          return context.graph.input("\(source.node) \(source.output) \(shape)", TensorType(shape))
        }
      } catch let error as LayerError where !known.isEmpty || isCertain {
        throw LayerError(path: tracer.error(at: error.path, "").path, message: error.message)
      } catch where !known.isEmpty || isCertain {
        throw error
      } catch {
        throw tracer.error(
          at: nodes[0].node.name,
          "the shapes in the loop cannot be found out (\(error)); give the delayed inputs a 'shape', such as [8]")
      }
      let found = history.mapValues { $0[0].map(\.shape) }
      if found == known { return known }
      known = found
    }
    throw tracer.error(
      at: nodes[0].node.name, "the shapes in the loop grow from step to step; join or add signals of fixed shapes")
  }

  /// Whether all shapes that are read with a delay are given.
  private var isCertain: Bool { nodes.allSatisfy { $0.node.inputs.allSatisfy { $0.delay == 0 || $0.shape != nil } } }

  private var batchSize: Int { externals.values.first?.shape[0] ?? 1 }
}

import NeuralNetworks

/// A network as boxes and arrows: its layers, and what they read.
///
/// ```swift
/// let drawing = try NetworkDiagram(network, inputs: [TensorType([1, 28, 28])]).svg
/// ```
public struct NetworkDiagram {
  /// A layer, an input or the output.
  public struct Box: Sendable, Codable, Hashable {
    /// The layer's path, or what an input is called.
    public let name: String
    /// What the layer is, such as `dense 8 tanh`.
    public let kind: String
    /// The shape that it gives for one example, such as `28x28`.
    public let shape: String
  }

  /// What a layer reads.
  public struct Edge: Sendable, Codable, Hashable {
    /// The position of the box that is read.
    public let from: Int
    /// The position of the box that reads.
    public let to: Int
    /// How many time steps ago; 0 is now.
    public let delay: Int
  }

  /// Inputs, layers and the output, in the order of tracing.
  public private(set) var boxes: [Box] = []
  /// In the order of tracing.
  public private(set) var edges: [Edge] = []

  private let layers: [TracedLayer]

  /// Where something comes from: a box, or a node of a graph that may come later.
  private struct Source {
    var box: Int?
    var node = ""
    var delay = 0
  }

  /// Sources that are not known yet; until then their edges come from -1, -2 and so on.
  private var pending: [Source] = []

  /// - Parameter inputs: the types of the network's inputs, `[batch, ...]`.
  /// - Throws: errors of layers that cannot be used with them.
  public init(_ network: AnyLayer, inputs: [TensorType]) throws {
    let context = LayerContext(Graph(), mode: .inference)
    let tensors = inputs.enumerated().map { context.graph.input("input \($0.offset)", $0.element) }
    let outputs = try context.trace(network.layer, tensors)
    layers = context.layers
    let names = (network.layer as? NetworkGraph)?.inputs
      ?? inputs.indices.map { inputs.count == 1 ? "input" : "input \($0)" }
    let sources = zip(names, inputs).map { Source(box: add(Box(name: $0, kind: "input", shape: text([$1])), [])) }
    let last: [Source]
    if isComposite(network.layer) {
      last = expand(network.layer, path: "", sources)
    } else {
      last = [Source(box: add(Box(name: "", kind: summary(network.layer), shape: text(outputs.map(\.type))), sources))]
    }
    _ = add(Box(name: "output", kind: "output", shape: text(outputs.map(\.type))), last)
    edges = edges.filter { $0.from >= 0 }
  }

  private func isComposite(_ layer: any Layer) -> Bool {
    layer is Sequential || layer is NetworkGraph || layer is Residual || layer is Parallel || layer is TiedEmbedding
      || layer is Recomputed
  }

  private mutating func add(_ box: Box, _ sources: [Source]) -> Int {
    boxes.append(box)
    connect(sources, to: boxes.count - 1)
    return boxes.count - 1
  }

  private mutating func connect(_ sources: [Source], to box: Int) {
    for source in sources {
      if let from = source.box {
        let edge = Edge(from: from, to: box, delay: source.delay)
        if !edges.contains(edge) { edges.append(edge) }
      } else {
        pending.append(source)
        edges.append(Edge(from: -pending.count, to: box, delay: source.delay))
      }
    }
  }

  /// Draws a layer that consists of others.
  private mutating func expand(_ layer: any Layer, path: String, _ sources: [Source]) -> [Source] {
    switch layer {
    case let sequence as Sequential:
      let children = children(of: path)
      return zip(sequence.layers, children).reduce(sources) { draw($1.0, $1.1.path, $0) }
    case let recomputed as Recomputed: return expand(Sequential(recomputed.layers), path: path, sources)
    case let tied as TiedEmbedding:
      let place = sources.first?.box.map { "\(boxes[$0].shape)x" } ?? ""
      let vectors = Box(name: path, kind: "embedding \(tied.vocabulary)", shape: "\(place)\(tied.features)")
      let ends = expand(Sequential(tied.layers), path: path, [Source(box: add(vectors, sources))])
      let logits = Box(name: path, kind: "times the embedding", shape: "\(place)\(tied.vocabulary)")
      return [Source(box: add(logits, ends))]
    case let graph as NetworkGraph: return expand(graph, path: path, sources)
    case let residual as Residual:
      let body = expand(Sequential(residual.layers), path: "\(path)/body", sources)
      let base = residual.shortcut.isEmpty
        ? sources : expand(Sequential(residual.shortcut), path: "\(path)/shortcut", sources)
      return join(path, residual.activation == .identity ? "add" : "add, \(residual.activation.rawValue)", body + base)
    case let parallel as Parallel:
      let ends = zip(parallel.branches, children(of: path)).flatMap { self.draw($0, $1.path, sources) }
      return join(path, parallel.combination.rawValue, ends)
    default: return sources
    }
  }

  /// A box for what a layer makes of the ends of its parts.
  private mutating func join(_ path: String, _ kind: String, _ ends: [Source]) -> [Source] {
    let outputs = layers.first { $0.path == path }?.outputs ?? []
    return [Source(box: add(Box(name: path, kind: kind, shape: text(outputs)), ends))]
  }

  private mutating func draw(_ layer: any Layer, _ path: String, _ sources: [Source]) -> [Source] {
    if isComposite(layer) { return expand(layer, path: path, sources) }
    let outputs = layers.first { $0.path == path }?.outputs ?? []
    return [Source(box: add(Box(name: path, kind: summary(layer), shape: text(outputs)), sources))]
  }

  private mutating func expand(_ graph: NetworkGraph, path: String, _ inputs: [Source]) -> [Source] {
    let prefix = path.isEmpty ? "" : "\(path)/"
    var known: [String: [Source]] = [:]
    for (name, source) in zip(graph.inputs, inputs) { known[name] = [source] }
    let first = pending.count
    func sources(_ list: [NetworkGraph.Source]) -> [Source] {
      list.map { Source(node: $0.node, delay: $0.delay) }
    }
    for node in graph.nodes {
      switch node.content {
      case .layer(let layer): known[node.name] = draw(layer.layer, prefix + node.name, sources(node.inputs))
      case .weights(let other):
        let outputs = layers.first { $0.path == prefix + other }?.outputs ?? []
        let box = Box(name: prefix + node.name, kind: "weights of \(other)", shape: text(outputs))
        known[node.name] = [Source(box: add(box, sources(node.inputs)))]
      }
    }
    for (index, edge) in edges.enumerated() where edge.from < -first {
      let source = pending[-1 - edge.from]
      guard let found = known[source.node]?.first else { continue }
      // What an outer graph gives is known when that one is drawn.
      if found.box == nil { pending[-1 - edge.from] = found }
      edges[index] = Edge(from: found.box ?? edge.from, to: edge.to, delay: edge.delay + found.delay)
    }
    let read = Set(graph.nodes.flatMap { node in node.inputs.map(\.node).filter { $0 != node.name } })
    let outputs = graph.outputs ?? graph.nodes.map(\.name).filter { !read.contains($0) }.map { NetworkGraph.Source($0) }
    return outputs.compactMap { output in
      known[output.node]?.first.map { Source(box: $0.box, node: $0.node, delay: $0.delay + output.delay) }
    }
  }

  /// The layers directly within the one of a path.
  private func children(of path: String) -> [TracedLayer] {
    let prefix = path.isEmpty ? "" : "\(path)/"
    return layers.filter { $0.path.hasPrefix(prefix) && !$0.path.dropFirst(prefix.count).contains("/") }
  }

  private func summary(_ layer: any Layer) -> String {
    switch layer {
    case let dense as Dense:
      "dense \(dense.units)" + (dense.activation == .identity ? "" : " \(dense.activation.rawValue)")
    case let activation as Activation: activation.function.rawValue
    case let merge as Merge: merge.combination.rawValue
    default: layer.kind
    }
  }

  private func text(_ types: [TensorType]) -> String {
    types.map { type in
      let extents = type.shape.dimensions.dropFirst()
      return extents.isEmpty ? "1" : extents.map(String.init).joined(separator: "x")
    }.joined(separator: ", ")
  }
}

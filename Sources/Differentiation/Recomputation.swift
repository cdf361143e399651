import Operations

/// What reverse mode sees of the stretches of nodes that are to be computed once more: values that are computed after
/// the cotangent has arrived, in place of those that the forward pass has forgotten by then.
///
/// The copies read what they take from outside of the stretch through barriers, which keep the compiler from finding
/// that all of it is known already. The last of them that nothing needs are dead code.
struct Recomputation {
  private let graph: Graph
  /// Those that the walk has not come to; the next one is the last.
  private var segments: [Graph.RecomputedSegment]
  private var copies: [Graph.Value: Tensor] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    segments = graph.recomputedSegments
  }

  /// What stands for a value in pullbacks.
  func tensor(_ value: Graph.Value) -> Tensor {
    copies.isEmpty ? graph.tensor(value) : copies[value] ?? graph.tensor(value)
  }

  /// Says that the walk backwards has come to a node, with a cotangent of one of its results.
  mutating func reach(_ index: Int, after cotangent: Tensor) {
    while let segment = segments.last, segment.nodes.lowerBound > index { segments.removeLast() }
    guard let segment = segments.last, segment.nodes.contains(index) else { return }
    segments.removeLast()
    copies = [:]
    var waiting: [Graph.Value: Tensor] = [:]
    for node in graph.nodes[segment.nodes] where !isGiven(node) {
      let operands = graph.operands(of: node).map { value -> Tensor in
        if let known = copies[value] ?? waiting[value] { return known }
        let outside = graph.tensor(value)
        if graph.definingNode(of: value).operation is Constant { return outside }
        let barrier = outside.waiting(for: cotangent)
        waiting[value] = barrier
        return barrier
      }
      graph.enterScope(of: node)
      for (old, new) in zip(node.results, graph.apply(node.operation, to: operands)) { copies[old] = new }
    }
    for output in segment.outputs { copies[output] = nil }
  }

  /// Whether a node only names what is in memory anyway.
  private func isGiven(_ node: Graph.Node) -> Bool {
    node.operation is Input || node.operation is Variable || node.operation is Constant
  }
}

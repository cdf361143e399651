extension Pass {
  /// Computes only once what is computed twice from the same values.
  static let commonSubexpressions = Pass("common subexpressions") { graph, log in
    var known = KnownComputations(of: graph)
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      let operands = graph.operands(of: node).map { rewriter.replacement(of: $0).value }
      if let first = known.first(like: node, operands, in: rewriter.target) {
        log("reuse %\(first.index) for \(node.operation.name) %\(node.firstResult.index)")
        for (position, old) in node.results.enumerated() {
          rewriter.replace(old, by: rewriter.target.tensor(Graph.Value(index: first.index + Int32(position))))
        }
      } else {
        rewriter.copy(node)
        known.add(rewriter.target.definingIndex(of: rewriter.replacement(of: node.firstResult).value))
      }
    }
    return try rewriter.finish()
  }
}

/// The nodes of a graph that is being built, found by what they compute. A hash table of their numbers with open
/// addresses, since the standard one would hold a copy of each node's operands.
private struct KnownComputations {
  /// The numbers of nodes, -1 where a place is free; at least twice as many places as nodes.
  private var places: [Int32]
  /// Where the search for the last node ended.
  private var free = 0

  init(of graph: Graph) {
    var count = 16
    while count < 2 * graph.nodes.count { count *= 2 }
    places = Array(repeating: -1, count: count)
  }

  /// The first result of a node of `graph` that computes what `node` would from these operands.
  mutating func first(like node: Graph.Node, _ operands: [Graph.Value], in graph: Graph) -> Graph.Value? {
    let attributes = Attributes(node.operation)
    var hasher = Hasher()
    hasher.combine(node.kind)
    hasher.combine(attributes)
    for operand in operands { hasher.combine(operand.index) }
    let isShareable = Self.isShareable(node)
    var place = hasher.finalize() & (places.count - 1)
    while places[place] >= 0 {
      let other = graph.nodes[Int(places[place])]
      if isShareable, other.kind == node.kind, graph.operands(of: other).elementsEqual(operands),
        attributes == Attributes(other.operation)
      {
        return other.firstResult
      }
      place = (place + 1) & (places.count - 1)
    }
    free = place
    return nil
  }

  /// Adds the node for which the last search was in vain.
  mutating func add(_ node: Int) { places[free] = Int32(node) }

  /// Constants are compared as numbers, which would take -0 for 0.
  private static func isShareable(_ node: Graph.Node) -> Bool {
    guard node.kind == OperationKind(Constant.self), let constant = node.operation as? Constant else { return true }
    return !constant.array.scalars.contains { $0 == 0 && $0.sign == .minus }
  }

  /// What distinguishes operations of one kind; one without attributes is quick to compare.
  private enum Attributes: Hashable {
    case none
    case value(AnyHashable)

    init(_ operation: some Operation) {
      self = MemoryLayout.size(ofValue: operation) == 0 ? .none : .value(AnyHashable(operation))
    }
  }
}

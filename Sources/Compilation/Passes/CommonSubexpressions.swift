extension Pass {
  /// Computes only once what is computed twice from the same values.
  static let commonSubexpressions = Pass("common subexpressions") { graph, log in
    var known: [Computation: Graph.Value] = [:]
    known.reserveCapacity(graph.nodes.count)
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      let computation = Computation(
        operation: OperationKey(node.operation),
        operands: graph.operands(of: node).map { rewriter.replacement(of: $0).value })
      if Computation.isShareable(node.operation), let first = known[computation] {
        log("reuse %\(first.index) for \(node.operation.name) %\(node.firstResult.index)")
        for (position, old) in node.results.enumerated() {
          rewriter.replace(old, by: rewriter.target.tensor(Graph.Value(index: first.index + Int32(position))))
        }
      } else {
        rewriter.copy(node)
        known[computation] = rewriter.replacement(of: node.firstResult).value
      }
    }
    return try rewriter.finish()
  }
}

private struct Computation: Hashable {
  let operation: OperationKey
  let operands: [Graph.Value]

  /// Constants are compared as numbers, which would take -0 for 0.
  static func isShareable(_ operation: any Operation) -> Bool {
    guard let constant = operation as? Constant else { return true }
    return !constant.array.scalars.contains { $0 == 0 && $0.sign == .minus }
  }
}

/// An operation as a key; one without attributes is its type, which is quick to hash.
private enum OperationKey: Hashable {
  case kind(ObjectIdentifier)
  case value(AnyHashable)

  init(_ operation: some Operation) {
    self = MemoryLayout.size(ofValue: operation) == 0
      ? .kind(ObjectIdentifier(Swift.type(of: operation))) : .value(AnyHashable(operation))
  }
}

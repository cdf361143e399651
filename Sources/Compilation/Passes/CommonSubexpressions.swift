extension Pass {
  /// Computes only once what is computed twice from the same values.
  static let commonSubexpressions = Pass("common subexpressions") { graph, log in
    var known: [Computation: [Tensor]] = [:]
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      let computation = Computation(
        operation: AnyHashable(node.operation), operands: rewriter.operands(of: node).map(\.value))
      if Computation.isShareable(node.operation), let results = known[computation] {
        log("reuse %\(results[0].value.index) for \(node.operation.name) %\(node.firstResult.index)")
        for (old, new) in zip(node.results, results) { rewriter.replace(old, by: new) }
      } else {
        rewriter.copy(node)
        known[computation] = node.results.map { rewriter.replacement(of: $0) }
      }
    }
    return try rewriter.finish()
  }
}

private struct Computation: Hashable {
  let operation: AnyHashable
  let operands: [Graph.Value]

  /// Constants are compared as numbers, which would take -0 for 0.
  static func isShareable(_ operation: any Operation) -> Bool {
    guard let constant = operation as? Constant else { return true }
    return !constant.array.scalars.contains { $0 == 0 && $0.sign == .minus }
  }
}

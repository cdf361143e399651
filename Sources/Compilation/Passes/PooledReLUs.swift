extension Pass {
  /// Where only the maxima of windows are wanted of a ReLU, takes the ReLU of the maxima, which are fewer and the same
  /// numbers. In training the chain rule reads the ReLU as well, and it stays.
  static let pooledReLUs = Pass("pooled relus") { graph, log in
    let uses = graph.useCounts()
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      guard let pool = node.operation as? MaxPool, let operand = graph.operands(of: node).first,
        uses[Int(operand.index)] == 1, node.results.dropFirst().allSatisfy({ uses[Int($0.index)] == 0 }),
        // A window of nothing but padding has no maximum.
        (pool.window.low + pool.window.high).allSatisfy({ $0 == 0 }),
        case let rectifier = graph.definingNode(of: operand), rectifier.operation is ReLU,
        let source = graph.operands(of: rectifier).first
      else {
        rewriter.copy(node)
        continue
      }
      log("take the relu of %\(node.firstResult.index) after its maxima")
      rewriter.enter(node)
      let maxima = rewriter.target.apply(pool, to: [rewriter.replacement(of: source)])[0]
      rewriter.replace(node.firstResult, by: relu(maxima))
    }
    return try rewriter.finish()
  }
}

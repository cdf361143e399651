extension Pass {
  /// Lets the derivative of a convolution by its weights give that by its bias too: both read the same cotangent.
  static let biasGradients = Pass("bias gradients") { graph, log in
    // By the cotangent that they read: the nodes of derivatives by weights.
    var gradients: [Graph.Value: Int] = [:]
    for (index, node) in graph.nodes.enumerated() where node.operation is ConvolutionWeightGradient {
      gradients[graph.operands(of: node)[graph.operands(of: node).startIndex + 1]] = index
    }
    guard !gradients.isEmpty else { return graph }
    var rewriter = GraphRewriter(graph)
    var done: [Int: Tensor] = [:]
    for (index, node) in graph.nodes.enumerated() {
      if let weights = done[index] {
        rewriter.replace(node.firstResult, by: weights)
      } else if let match = match(node, at: index, gradients, graph) {
        log("fuse reduceSum %\(node.firstResult.index) with the derivative by weights")
        rewriter.enter(node)
        let operands = graph.operands(of: graph.nodes[match.gradient]).map(rewriter.replacement)
        let results = rewriter.target.apply(FusedConvolutionGradients(match.operation), to: operands)
        rewriter.replace(node.firstResult, by: results[1])
        done[match.gradient] = results[0]
      } else {
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  /// The derivative by weights that reads what a node sums up, when its input is known where the node stands.
  private static func match(
    _ node: Graph.Node, at index: Int, _ gradients: [Graph.Value: Int], _ graph: Graph
  ) -> (gradient: Int, operation: ConvolutionWeightGradient)? {
    guard let sum = node.operation as? ReduceSum, !sum.keepsDimensions,
      let cotangent = graph.operands(of: node).first, let gradient = gradients[cotangent], gradient > index,
      let operation = graph.nodes[gradient].operation as? ConvolutionWeightGradient,
      let input = graph.operands(of: graph.nodes[gradient]).first, graph.definingIndex(of: input) < index,
      sum.axes == Array(0..<graph.type(of: cotangent).shape.rank - 1)
    else { return nil }
    return (gradient, operation)
  }
}

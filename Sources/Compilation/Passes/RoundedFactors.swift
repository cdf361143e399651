extension Pass {
  /// Rounds what products and convolutions multiply to bfloat16. What several of them read, such as the weights of a
  /// layer and of its derivative, is rounded once. The derivative by a convolution's bias comes from the kernel of that
  /// by its weights, so that it is a sum of rounded numbers too.
  public static let roundedFactors = Pass("rounded factors") { graph, log in
    var rewriter = GraphRewriter(graph)
    var rounded: [Graph.Value: Tensor] = [:]
    for node in graph.nodes {
      guard node.operation.multipliesFirstTwoOperands else {
        rewriter.copy(node)
        continue
      }
      rewriter.enter(node)
      var operands = rewriter.operands(of: node)
      for (index, operand) in operands.prefix(2).enumerated() {
        // A reshaped array has the same elements.
        var source = operand
        while source.isMade(by: Reshape.self) { source = source.maker.operands[0] }
        let known = rounded[source.value]
        let factor = known ?? rewriter.target.apply(RoundToBfloat16(), to: [source])[0]
        rounded[source.value] = factor
        if known == nil { log("round %\(source.value.index)") }
        operands[index] = factor.reshaped(to: operand.shape)
      }
      for (old, new) in zip(node.results, rewriter.target.apply(node.operation, to: operands)) {
        rewriter.replace(old, by: new)
      }
    }
    return try rewriter.finish()
  }
}

extension Operation {
  /// Whether it is a matrix product or a convolution, or a derivative of one.
  fileprivate var multipliesFirstTwoOperands: Bool {
    switch self {
    case is MatrixMultiply, is FusedMatrixMultiply: true
    case is any ConvolutionOperation, is FusedConvolution, is FusedConvolutionGradients: true
    default: false
    }
  }
}

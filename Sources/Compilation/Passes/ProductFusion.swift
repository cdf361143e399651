extension Pass {
  /// Lets a matrix product or a convolution add the bias that follows it. Of a product, plain gradient descent is also
  /// subtracted from a variable in place, `W - s * (a b)`.
  static let productFusion = Pass("product fusion") { graph, log in
    let uses = graph.useCounts()
    let updated = Set(graph.updates.map(\.value))
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      rewriter.enter(node)
      let isUsedOnce = graph.operands(of: node).map { uses[Int($0.index)] == 1 }
      let operands = rewriter.operands(of: node)
      let fused: Tensor? =
        switch node.operation {
        case is Add: addBias(operands, isUsedOnce)
        case is Subtract where isUsedOnce[1] && updated.contains(node.firstResult):
          descend(operands[0], operands[1], isUsedOnce: { uses[Int($0.index)] == 1 }, graph, node)
        default: nil
        }
      if let fused {
        log("fuse \(node.operation.name) %\(node.firstResult.index) into the product")
        rewriter.replace(node.firstResult, by: fused)
      } else {
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  private static func addBias(_ operands: [Tensor], _ isUsedOnce: [Bool]) -> Tensor? {
    for (index, other) in [(0, 1), (1, 0)] where isUsedOnce[index] {
      let product = operands[index].maker
      let fused: (any Operation)? =
        switch product.operation {
        case let multiply as MatrixMultiply: FusedMatrixMultiply(multiply, hasBias: true)
        case let convolution as Convolve: FusedConvolution(convolution, hasBias: true)
        default: nil
        }
      guard let fused, let columns = operands[index].shape.dimensions.last, let bias = row(operands[other], columns)
      else { continue }
      return operands[0].graph.apply(fused, to: product.operands + [bias])[0]
    }
    return nil
  }

  /// The `[columns]` of which every row of a tensor is a copy, when that is known.
  static func row(_ tensor: Tensor, _ columns: Int) -> Tensor? {
    let inner = tensor.maker
    let source = inner.operation is Broadcast ? inner.operands[0] : tensor
    guard columns > 0, source.shape.count == columns, source.shape.dimensions.last == columns else { return nil }
    return source.reshaped(to: [columns])
  }

  /// `weights - rate * product`, for a variable that becomes this.
  private static func descend(
    _ weights: Tensor, _ step: Tensor, isUsedOnce: (Graph.Value) -> Bool, _ source: Graph, _ node: Graph.Node
  ) -> Tensor? {
    let (scaled, graph) = (step.maker, weights.graph)
    guard weights.maker.operation is Variable, scaled.operation is Multiply,
      let stepValue = source.operands(of: node).last
    else { return nil }
    let factors = Array(source.operands(of: source.definingNode(of: stepValue)))
    for (index, other) in [(0, 1), (1, 0)] {
      let product = scaled.operands[index].maker
      guard let multiply = product.operation as? MatrixMultiply, isUsedOnce(factors[index]) else { continue }
      let rate = scaled.operands[other]
      if let constant = graph.splat(rate.value) {
        let fused = FusedMatrixMultiply(multiply, accumulates: true, scale: constant, negates: true)
        return graph.apply(fused, to: product.operands + [weights])[0]
      }
      let repeated = rate.maker
      if repeated.operation is Broadcast, repeated.operands[0].shape.count == 1 {
        // oneDNN adds its multiple of the product, so the rate changes its sign first.
        let fused = FusedMatrixMultiply(multiply, accumulates: true, scale: nil)
        let factor = -repeated.operands[0].reshaped(to: .scalar)
        return graph.apply(fused, to: product.operands + [factor, weights])[0]
      }
    }
    return nil
  }
}

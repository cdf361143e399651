extension Pass {
  /// Lets a normalisation apply the ReLU that follows it, and its gradient the mask that ReLU's chain rule has written,
  /// each without another look at memory.
  static let normalizationFusion = Pass("normalization fusion") { graph, log in
    let uses = graph.useCounts()
    var followed: Set<Graph.Value> = []
    for node in graph.nodes where node.operation is ReLU {
      guard let operand = graph.operands(of: node).first, uses[Int(operand.index)] == 1,
        case let maker = graph.definingNode(of: operand), maker.operation is Normalization,
        // The mean and the variance are results too.
        maker.firstResult == operand
      else { continue }
      followed.insert(operand)
    }
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      rewriter.enter(node)
      let operands = rewriter.operands(of: node)
      switch node.operation {
      case let normalization as Normalization where followed.contains(node.firstResult):
        log("fuse relu into normalization %\(node.firstResult.index)")
        let fused = rewriter.target.apply(FusedNormalization(normalization), to: operands)
        for (result, tensor) in zip(node.results, fused) { rewriter.replace(result, by: tensor) }
      case is ReLU where graph.operands(of: node).first.map(followed.contains) == true:
        rewriter.replace(node.firstResult, by: operands[0])
      case let gradient as NormalizationGradient:
        let isUsedOnce = graph.operands(of: node).last.map { uses[Int($0.index)] == 1 } ?? false
        guard isUsedOnce, let (cotangent, output) = unmasked(operands[4]) else { fallthrough }
        log("fuse the mask of relu into normalizationGradient %\(node.firstResult.index)")
        let fused = rewriter.target.apply(
          FusedNormalizationGradient(gradient), to: operands.prefix(4) + [cotangent, output])
        for (result, tensor) in zip(node.results, fused) { rewriter.replace(result, by: tensor) }
      default:
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  /// The parts of `select(output .> 0, cotangent, 0)`, as ReLU's chain rule writes it.
  private static func unmasked(_ masked: Tensor) -> (cotangent: Tensor, output: Tensor)? {
    let selection = masked.maker
    guard selection.operation is Select, masked.graph.splat(selection.operands[2].value) == 0 else { return nil }
    let comparison = selection.operands[0].maker
    guard (comparison.operation as? Compare)?.kind == .greater,
      masked.graph.splat(comparison.operands[1].value) == 0
    else { return nil }
    return (selection.operands[1], comparison.operands[0])
  }
}

extension Pass {
  /// Computes at once, by the operations' own definitions, what depends on constants alone.
  static let constantFolding = Pass("constant folding") { graph, log in
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      if rewriter.hasKnownOperands(node), let folded = try fold(node, rewriter) {
        log("fold \(node.operation.name) %\(node.firstResult.index)")
        for (old, new) in zip(node.results, folded) { rewriter.replace(old, by: new) }
      } else {
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  /// Larger results are cheaper to compute than to keep.
  private static let largestFolded = 1 << 16

  private static func fold(_ node: Graph.Node, _ rewriter: GraphRewriter) throws -> [Tensor]? {
    rewriter.enter(node)
    let (graph, operands) = (rewriter.target, rewriter.operands(of: node))
    if node.operation is any ElementwiseOperation {
      let scalars = operands.compactMap { graph.splat($0.value) }
      guard scalars.count == operands.count else { return nil }
      let types = try node.operation.resultTypes(for: operands.map(\.type))
      let scalarType = TensorType(.scalar, types[0].elementType)
      let values = scalars.map { ShapedArray(scalar: $0) }
      let result = try Interpreter.evaluate(node.operation, values, as: [scalarType])[0]
      return [graph.constant(result, types[0].elementType).broadcast(to: types[0].shape)]
    }
    if node.operation is Reshape, graph.splat(operands[0].value) != nil { return nil }
    guard operands.allSatisfy({ isConstant($0) && $0.shape.count <= largestFolded }) else { return nil }
    let types = try node.operation.resultTypes(for: operands.map(\.type))
    guard types.allSatisfy({ $0.count <= largestFolded }) else { return nil }
    let values = try Interpreter().evaluate(operands)
    // An error in the values belongs to the run, where it can be reported with its place.
    guard let results = try? Interpreter.evaluate(node.operation, values, as: types) else { return nil }
    return zip(results, types).map { graph.constant($0, $1.elementType) }
  }

  private static func isConstant(_ tensor: Tensor) -> Bool {
    tensor.graph.definingNode(of: tensor.value).operation is Constant || tensor.graph.splat(tensor.value) != nil
  }
}

extension GraphRewriter {
  /// Whether all of a node's operands have become constants, perhaps repeated or reshaped. A repeated constant is
  /// itself known without being written out, so `Broadcast` is left alone.
  fileprivate func hasKnownOperands(_ node: Graph.Node) -> Bool {
    let operands = source.operands(of: node)
    guard !operands.isEmpty, node.kind != OperationKind(Broadcast.self) else { return false }
    return operands.allSatisfy { operand in
      switch target.kind(of: replacement(of: operand).value) {
      case Constant.self, Broadcast.self, Reshape.self: true
      default: false
      }
    }
  }
}

extension Pass {
  /// Leaves out what no output and no update depends on. Inputs stay, so that a program keeps its signature.
  static let deadCode = Pass("dead code") { graph, log in
    var isNeeded = [Bool](repeating: false, count: graph.valueCount)
    for output in graph.outputs { isNeeded[Int(output.value.index)] = true }
    for update in graph.updates {
      isNeeded[Int(update.value.index)] = true
      isNeeded[Int(update.variable.index)] = true
    }
    func matters(_ node: Graph.Node) -> Bool {
      node.hasResult { isNeeded[Int($0.index)] } || node.kind == OperationKind(Input.self)
    }
    for node in graph.nodes.reversed() where matters(node) {
      for operand in graph.operands(of: node) { isNeeded[Int(operand.index)] = true }
    }
    if graph.nodes.allSatisfy(matters) { return graph }
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      if matters(node) {
        rewriter.copy(node)
      } else {
        log("drop \(node.operation.name) %\(node.firstResult.index)")
      }
    }
    return try rewriter.finish()
  }
}

extension Pass {
  /// Makes visible where a backend's kernels want weights in a layout of their own, so that rewriting them is a step of
  /// the program: one that, where weights stay from run to run, is not repeated.
  ///
  /// Only what follows from variables and constants is packed so. Activations lie as they are in the graph, channels
  /// last, which every kernel takes.
  static func weightLayouts(_ backend: some Backend) -> Pass {
    Pass("weight layouts") { graph, log in
      var rewriter = GraphRewriter(graph)
      let uses = graph.useCounts()
      var isWeight = [Bool](repeating: false, count: graph.valueCount)
      for node in graph.nodes {
        let operands = graph.operands(of: node)
        let isFixed = !(node.operation is Input) && operands.allSatisfy { isWeight[Int($0.index)] }
        for result in node.results { isWeight[Int(result.index)] = isFixed }
        let types = StepTypes(node, graph, uses: uses)
        let packings = isFixed ? [] : backend.packings(of: types).filter {
          isWeight[Int(operands[operands.startIndex + $0.operand].index)]
        }
        guard !packings.isEmpty else {
          rewriter.copy(node)
          continue
        }
        rewriter.enter(node)
        let reader = PackedStep(node.operation, operandTypes: types.operands, packings: packings)
        var packed = rewriter.operands(of: node)
        for packing in packings {
          log("pack operand \(packing.operand) of %\(node.firstResult.index)")
          let operand = packed[packing.operand]
          packed[packing.operand] = rewriter.target.apply(Pack(for: reader, operand: packing.operand), to: [operand])[0]
        }
        for (old, new) in zip(node.results, rewriter.target.apply(reader, to: packed)) {
          rewriter.replace(old, by: new)
        }
      }
      return try rewriter.finish()
    }
  }
}

extension Pass {
  /// Computes softmax, cross-entropy and its gradient together, where the chain rule has written the gradient as
  /// `(probabilities - oneHot(labels)) * cotangent` and the cotangent does not depend on the losses, as that of a mean,
  /// weighted or not, does not. What it is computed from moves before the cross-entropy.
  static let softmaxCrossEntropy = Pass("softmax with cross-entropy") { graph, log in
    let matches = gradientMatches(in: graph)
    guard !matches.isEmpty else { return graph }
    let gradients = Set(matches.values.map(\.gradient))
    var rewriter = GraphRewriter(graph)
    var moved: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() where !moved.contains(index) {
      if let match = matches[index] {
        log("fuse softmaxCrossEntropy %\(node.firstResult.index) with its gradient %\(match.gradient.index)")
        for index in match.earlier where moved.insert(index).inserted { rewriter.copy(graph.nodes[index]) }
        rewriter.enter(node)
        let operands = rewriter.operands(of: node)
        let cotangent = match.constant.map { rewriter.target.constant($0) }
          ?? rewriter.replacement(of: match.cotangent).reshaped(to: operands[1].shape)
        let results = rewriter.target.apply(FusedSoftmaxCrossEntropy(), to: operands + [cotangent])
        for (old, new) in zip(node.results, results) { rewriter.replace(old, by: new) }
        rewriter.replace(match.gradient, by: results[2])
      } else if !gradients.contains(node.firstResult) {
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  private struct Match {
    /// The value of the matched product.
    let gradient: Graph.Value
    let cotangent: Graph.Value
    /// The cotangent of every loss, when it is one number.
    let constant: Double?
    /// The positions of the nodes behind the cross-entropy that the cotangent is computed from, in order.
    let earlier: [Int]
  }

  /// Matches by the position of the cross-entropy's node.
  private static func gradientMatches(in graph: Graph) -> [Int: Match] {
    var matches: [Int: Match] = [:]
    for node in graph.nodes where node.operation is Multiply {
      let operands = Array(graph.operands(of: node))
      for (difference, factor) in [(operands[0], operands[1]), (operands[1], operands[0])] {
        let subtract = graph.definingNode(of: difference)
        guard subtract.operation is Subtract else { continue }
        let terms = Array(graph.operands(of: subtract))
        let (probabilities, target) = (terms[0], terms[1])
        let entropyIndex = graph.definingIndex(of: probabilities)
        let entropy = graph.nodes[entropyIndex]
        let oneHot = graph.definingNode(of: target)
        guard entropy.operation is SoftmaxCrossEntropy, probabilities == entropy.results[1], oneHot.operation is OneHot,
          graph.operands(of: oneHot).first == graph.operands(of: entropy).last, matches[entropyIndex] == nil,
          let cotangent = rowFactor(factor, graph)
        else { continue }
        let constant = graph.splat(factor)
        let made = constant == nil ? nodes(behind: entropyIndex, thatMake: cotangent, graph) : []
        guard let earlier = made else { continue }
        matches[entropyIndex] = Match(
          gradient: node.firstResult, cotangent: cotangent, constant: constant, earlier: earlier)
      }
    }
    return matches
  }

  /// The positions of the nodes behind a cross-entropy that a value is computed from; nil where that, or another one
  /// behind it, is among them.
  private static func nodes(behind entropy: Int, thatMake value: Graph.Value, _ graph: Graph) -> [Int]? {
    var found: Set<Int> = []
    var open = [graph.definingIndex(of: value)]
    while let index = open.popLast() {
      guard index >= entropy, !found.contains(index) else { continue }
      guard !(graph.nodes[index].operation is SoftmaxCrossEntropy) else { return nil }
      found.insert(index)
      open += graph.operands(of: graph.nodes[index]).map(graph.definingIndex)
    }
    return found.sorted()
  }

  /// The value of one number a row that a `[batch, classes]` factor repeats.
  private static func rowFactor(_ factor: Graph.Value, _ graph: Graph) -> Graph.Value? {
    let node = graph.definingNode(of: factor)
    guard node.operation is Broadcast, let source = graph.operands(of: node).first else { return nil }
    let (rows, shape) = (graph.type(of: factor).shape[0], graph.type(of: source).shape)
    return graph.splat(factor) != nil || shape.dimensions == [rows, 1] ? source : nil
  }
}

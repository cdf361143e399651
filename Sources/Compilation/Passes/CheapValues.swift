import Operations

/// Which elementwise values a loop computes again, rather than read what another loop stored: those that a few operations
/// make of one array that is stored anyway. What the backward pass needs of an activation is so made of the layer's sum,
/// and neither written nor read.
struct CheapValues {
  /// By node.
  private(set) var isCheap: [Bool]

  /// Longer chains are stored.
  private static let longestChain = 12

  /// What a value can be made of again.
  private struct Chain {
    let source: Graph.Value
    /// An upper bound, since an operation whose value is used twice counts twice.
    let operationCount: Int
  }

  init(_ graph: Graph) {
    isCheap = Array(repeating: false, count: graph.nodes.count)
    let isStored = Self.stored(graph)
    var chains = [Chain?](repeating: nil, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() where node.isElementwise {
      chains[index] = Self.chain(node, graph, isStored, chains)
      isCheap[index] = chains[index] != nil && !isStored[Int(node.firstResult.index)]
    }
  }

  /// By value: whether it lies in memory whatever loops do.
  private static func stored(_ graph: Graph) -> [Bool] {
    var isStored = [Bool](repeating: false, count: graph.valueCount)
    for value in graph.outputs.map(\.value) + graph.updates.map(\.value) { isStored[Int(value.index)] = true }
    for node in graph.nodes where !node.isElementwise {
      for operand in graph.operands(of: node) { isStored[Int(operand.index)] = true }
      for result in node.results { isStored[Int(result.index)] = true }
    }
    return isStored
  }

  private static func chain(
    _ node: Graph.Node, _ graph: Graph, _ isStored: [Bool], _ chains: [Chain?]
  ) -> Chain? {
    if node.kind == OperationKind(Power.self) { return nil }
    var (source, count): (Graph.Value?, Int) = (nil, 1)
    for operand in graph.operands(of: node) where graph.splat(operand) == nil {
      var origin = operand
      if !isStored[Int(operand.index)] {
        guard let inner = chains[graph.definingIndex(of: operand)] else { return nil }
        origin = inner.source
        count += inner.operationCount
      }
      guard source == nil || source == origin else { return nil }
      source = origin
    }
    guard let source, count <= longestChain, graph.type(of: source).shape == graph.type(of: node.firstResult).shape
    else { return nil }
    return Chain(source: source, operationCount: count)
  }
}

import Operations

/// Which elementwise values a loop computes again, rather than read what another loop stored: those that a few
/// operations make of one array that is stored anyway. What the backward pass needs of a ReLU is so made of the layer's
/// sum, and neither written nor read; the slope of a GELU, which costs more than that, is made beside its value and
/// stored.
struct CheapValues {
  /// By node.
  private(set) var isCheap: [Bool]

  /// What costs more is stored: about as many additions as a value can be written and read in.
  private static let greatestCost = 12

  /// What operations cost besides the simple ones, in additions, as measured on a block in the first-level cache.
  private static let costs: [OperationKind: Int] = [
    OperationKind(Divide.self): 4, OperationKind(Reciprocal.self): 4, OperationKind(SquareRoot.self): 4,
    OperationKind(Exp.self): 10, OperationKind(Log.self): 14, OperationKind(Sine.self): 14,
    OperationKind(Cosine.self): 14, OperationKind(Sigmoid.self): 14, OperationKind(Softplus.self): 20,
    OperationKind(Tanh.self): 18, OperationKind(ErrorFunction.self): 20, OperationKind(Power.self): 200,
  ]

  /// What a value can be made of again.
  private struct Chain {
    let source: Graph.Value
    /// An upper bound, since an operation whose value is used twice counts twice.
    let cost: Int
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
    var (source, cost): (Graph.Value?, Int) = (nil, costs[node.kind] ?? 1)
    for operand in graph.operands(of: node) where graph.splat(operand) == nil {
      var origin = operand
      if !isStored[Int(operand.index)] {
        guard let inner = chains[graph.definingIndex(of: operand)] else { return nil }
        origin = inner.source
        cost += inner.cost
      }
      guard source == nil || source == origin else { return nil }
      source = origin
    }
    guard let source, cost <= greatestCost, graph.type(of: source).shape == graph.type(of: node.firstResult).shape
    else { return nil }
    return Chain(source: source, cost: cost)
  }
}

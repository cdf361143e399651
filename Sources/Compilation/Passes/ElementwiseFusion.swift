extension Pass {
  /// Joins elementwise operations of one stage and one shape into loops; every elementwise operation ends up in one.
  static let elementwiseFusion = Pass("elementwise fusion") { graph, log in
    let units = FusionUnits(graph)
    var rewriter = GraphRewriter(graph)
    for unit in units.ordered() {
      if unit.isLoop {
        log("fuse \(unit.nodes.map { graph.nodes[$0].operation.name }.joined(separator: " "))")
        emit(unit.nodes, units, &rewriter)
      } else {
        rewriter.copy(graph.nodes[unit.nodes[0]])
      }
    }
    return try rewriter.finish()
  }

  /// Appends the loop that computes `members`, with what it computes again.
  private static func emit(_ members: [Int], _ units: FusionUnits, _ rewriter: inout GraphRewriter) {
    let graph = rewriter.source
    let results = members.filter { units.escapes[$0] }
    guard let last = members.last, !results.isEmpty else { return }
    var operands: [Tensor] = []
    var operandIndices: [Graph.Value: Int] = [:]
    var instructionIndices: [Graph.Value: Int] = [:]
    var instructions: [FusedElementwise.Instruction] = []
    func source(_ value: Graph.Value) -> FusedElementwise.Source {
      if let index = instructionIndices[value] { return .instruction(index) }
      if let scalar = graph.splat(value) { return .constant(scalar, graph.type(of: value).elementType) }
      if let maker = units.recomputed(value) {
        append(maker)
        return .instruction(instructions.count - 1)
      }
      var origin = value
      if graph.kind(of: value) == OperationKind(Broadcast.self),
        let original = graph.operands(of: graph.definingNode(of: value)).first
      { origin = original }
      if let index = operandIndices[origin] { return .operand(index) }
      operandIndices[origin] = operands.count
      operands.append(rewriter.replacement(of: origin))
      return .operand(operands.count - 1)
    }
    func append(_ index: Int) {
      let node = graph.nodes[index]
      guard let operation = node.operation as? any ElementwiseOperation else { return }
      let sources = graph.operands(of: node).map(source)
      instructionIndices[node.firstResult] = instructions.count
      instructions.append(.init(
        operation: operation, sources: sources, elementType: graph.type(of: node.firstResult).elementType))
    }
    for member in members { append(member) }
    rewriter.enter(graph.nodes[last])
    let fused = FusedElementwise(
      shape: graph.type(of: graph.nodes[last].firstResult).shape, instructions: instructions,
      results: results.compactMap { instructionIndices[graph.nodes[$0].firstResult] })
    let tensors = rewriter.target.apply(fused, to: operands)
    for (member, tensor) in zip(results, tensors) { rewriter.replace(graph.nodes[member].firstResult, by: tensor) }
  }
}

/// The nodes of a graph, grouped into loops and single nodes.
struct FusionUnits {
  struct Unit {
    var nodes: [Int]
    let isLoop: Bool
  }

  /// Longer chains are cut, so that a loop's registers fit the first-level cache.
  private static let longestLoop = 48

  private let graph: Graph
  private(set) var units: [Unit] = []
  private var unitOfNode: [Int]
  /// By node: whether its value is used outside its unit, and stored for that.
  private(set) var escapes: [Bool]
  private let cheapValues: CheapValues

  init(_ graph: Graph) {
    self.graph = graph
    cheapValues = CheapValues(graph)
    let elementwise = graph.nodes.map(\.isElementwise)
    let stages = Stages(graph) { node in
      if node.isElementwise { return true }
      // One that repeats nothing would lead from a shape back to itself.
      guard node.kind == OperationKind(Broadcast.self), let operand = graph.operands(of: node).first else {
        return false
      }
      return graph.type(of: operand) != graph.type(of: node.firstResult)
    }.stages
    var groups = DisjointSets(count: graph.nodes.count)
    // The last elementwise reader of each value, for joining readers of the same value.
    var readers = [Int32](repeating: -1, count: graph.valueCount)
    for (index, node) in graph.nodes.enumerated() where elementwise[index] {
      func join(_ other: Int) {
        let isAlike = elementwise[other] && stages[other] == stages[index]
          && graph.type(of: graph.nodes[other].firstResult).shape == graph.type(of: node.firstResult).shape
        if isAlike { groups.join(index, other) }
      }
      for operand in graph.operands(of: node) {
        join(graph.definingIndex(of: operand))
        let reader = Int(readers[Int(operand.index)])
        if reader >= 0, graph.splat(operand) == nil { join(reader) }
        readers[Int(operand.index)] = Int32(index)
      }
    }
    unitOfNode = Array(repeating: -1, count: graph.nodes.count)
    escapes = Array(repeating: false, count: graph.nodes.count)
    var openUnit: [Int: Int] = [:]
    for index in graph.nodes.indices {
      let group = groups.root(index)
      if elementwise[index], let unit = openUnit[group], units[unit].nodes.count < Self.longestLoop {
        units[unit].nodes.append(index)
        unitOfNode[index] = unit
      } else {
        unitOfNode[index] = units.count
        openUnit[group] = units.count
        units.append(Unit(nodes: [index], isLoop: elementwise[index]))
      }
    }
    markEscapes()
  }

  private mutating func markEscapes() {
    for (index, node) in graph.nodes.enumerated() {
      for operand in graph.operands(of: node) {
        let maker = graph.definingIndex(of: operand)
        if unitOfNode[maker] != unitOfNode[index], recomputed(operand) == nil { escapes[maker] = true }
      }
    }
    for value in graph.outputs.map(\.value) + graph.updates.map(\.value) {
      escapes[graph.definingIndex(of: value)] = true
    }
  }

  /// The node that makes a value, where other loops compute it again rather than read it.
  func recomputed(_ value: Graph.Value) -> Int? {
    let maker = graph.definingIndex(of: value)
    return cheapValues.isCheap[maker] ? maker : nil
  }

  /// The units in an order in which each comes after what it reads, as near to the graph's own order as that allows.
  func ordered() -> [Unit] {
    var dependents = [[Int32]](repeating: [], count: units.count)
    var waiting = [Int32](repeating: 0, count: units.count)
    for (index, node) in graph.nodes.enumerated() {
      for operand in graph.operands(of: node) {
        let maker = graph.definingIndex(of: operand)
        let (from, to) = (unitOfNode[maker], unitOfNode[index])
        if from != to {
          dependents[from].append(Int32(to))
          waiting[to] += 1
        }
      }
    }
    var ready = Heap<Int>()
    // A loop stands where its last member stood.
    let rank = units.map { $0.nodes[$0.nodes.count - 1] }
    let unitOfRank = Dictionary(uniqueKeysWithValues: rank.enumerated().map { ($1, $0) })
    for unit in units.indices where waiting[unit] == 0 { ready.insert(rank[unit]) }
    var order: [Unit] = []
    while let next = ready.popSmallest(), let unit = unitOfRank[next] {
      order.append(units[unit])
      for dependent in dependents[unit] {
        waiting[Int(dependent)] -= 1
        if waiting[Int(dependent)] == 0 { ready.insert(rank[Int(dependent)]) }
      }
    }
    assert(order.count == units.count, "stages keep loops free of cycles")
    return order
  }
}

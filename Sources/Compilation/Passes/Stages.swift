/// Numbers that say which elementwise operations may run as one loop.
///
/// Every operation that is not elementwise comes at least one stage after what it reads; elementwise ones may share the
/// stage of what they read. So a path from one elementwise operation to another of the same stage never leaves the
/// elementwise ones of that stage, and any of them can be fused without a cycle. Elementwise operations are placed as
/// late as their users allow: what only an update reads is then computed where the update is.
struct Stages {
  /// By node.
  private(set) var stages: [Int32]

  init(_ graph: Graph, isElementwise: (Graph.Node) -> Bool) {
    let nodes = graph.nodes
    stages = Array(repeating: 0, count: nodes.count)
    let elementwise = nodes.map(isElementwise)
    for (index, node) in nodes.enumerated() {
      var earliest: Int32 = 0
      for operand in graph.operands(of: node) {
        earliest = max(earliest, stages[graph.definingIndex(of: operand)] + (elementwise[index] ? 0 : 1))
      }
      stages[index] = earliest
    }
    var latest = [Int32](repeating: .max, count: nodes.count)
    for (index, node) in nodes.enumerated().reversed() {
      if elementwise[index], latest[index] != .max { stages[index] = max(stages[index], latest[index]) }
      let bound = stages[index] - (elementwise[index] ? 0 : 1)
      for operand in graph.operands(of: node) {
        let maker = graph.definingIndex(of: operand)
        latest[maker] = min(latest[maker], bound)
      }
    }
  }
}

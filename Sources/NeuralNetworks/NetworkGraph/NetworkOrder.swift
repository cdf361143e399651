/// In which order the nodes of a network run, and which of them are unrolled together.
struct NetworkOrder {
  /// What is wrong with a network, and where in its description.
  struct Problem: Error, CustomStringConvertible {
    /// Such as `nodes[2].inputs[0]`.
    let path: String
    let message: String

    var description: String { path.isEmpty ? message : "\(path): \(message)" }
  }

  /// Nodes that run together, as positions among the network's nodes, each after those that it reads without delay.
  struct Group {
    let nodes: [Int]
    /// Whether they read each other in a circle.
    let isLoop: Bool
  }

  /// Each after those that it reads.
  let groups: [Group]
  /// What the network gives.
  let outputs: [NetworkGraph.Source]
  /// The positions of nodes by their names.
  let positions: [String: Int]

  init(_ network: NetworkGraph) throws(Problem) {
    positions = try Self.positions(network)
    try Self.checkSources(network, positions)
    outputs = try Self.outputs(network)
    try Self.checkUse(network, outputs, positions)

    let positions = positions
    func dependencies(_ isWanted: (NetworkGraph.Source) -> Bool) -> [[Int]] {
      network.nodes.map { $0.inputs.filter(isWanted).compactMap { positions[$0.node] } }
    }
    let immediate = dependencies { $0.delay == 0 }
    var ranks = network.nodes.map { _ in 0 }
    for (rank, component) in stronglyConnectedComponents(immediate).enumerated() {
      let first = component[0]
      guard component.count == 1, !immediate[first].contains(first) else {
        let names = component.sorted().map { "'\(network.nodes[$0].name)'" }.joined(separator: ", ")
        throw Problem(
          path: "nodes[\(component.min() ?? first)]",
          message: component.count > 1
            ? "\(names) read each other in a circle; give one of the connections a delay"
            : "\(names) reads itself; give the connection a delay")
      }
      ranks[first] = rank
    }
    let all = dependencies { _ in true }
    groups = stronglyConnectedComponents(all).map { component in
      Group(
        nodes: component.sorted { ranks[$0] < ranks[$1] },
        isLoop: component.count > 1 || all[component[0]].contains(component[0]))
    }
  }

  private static func positions(_ network: NetworkGraph) throws(Problem) -> [String: Int] {
    var positions: [String: Int] = [:]
    guard Set(network.inputs).count == network.inputs.count else {
      throw Problem(path: "inputs", message: "two inputs have the same name; give one of them another")
    }
    for (index, node) in network.nodes.enumerated() {
      guard !node.name.isEmpty else {
        throw Problem(path: "nodes[\(index)]", message: "a node needs a name, by which others can read it")
      }
      guard positions.updateValue(index, forKey: node.name) == nil, !network.inputs.contains(node.name) else {
        throw Problem(
          path: "nodes[\(index)]",
          message: "another node or input is called '\(node.name)' too; give one of them another name")
      }
    }
    return positions
  }

  private static func checkSources(_ network: NetworkGraph, _ positions: [String: Int]) throws(Problem) {
    func check(_ source: NetworkGraph.Source, _ path: String) throws(Problem) {
      guard positions[source.node] != nil || network.inputs.contains(source.node) else {
        let known = (network.inputs + network.nodes.map(\.name)).joined(separator: ", ")
        throw Problem(path: path, message: "there is no node or input '\(source.node)'; there are \(known)")
      }
      guard source.delay >= 0, source.output >= 0 else {
        throw Problem(path: path, message: "a delay or the number of an output must not be negative")
      }
      if let shape = source.shape, !shape.isValid {
        throw Problem(path: path, message: "the shape \(shape) cannot be used; use positive extents")
      }
    }
    for (index, node) in network.nodes.enumerated() {
      for (position, source) in node.inputs.enumerated() { try check(source, "nodes[\(index)].inputs[\(position)]") }
      guard case .weights(let other) = node.content else { continue }
      guard let position = positions[other], case .layer = network.nodes[position].content else {
        throw Problem(
          path: "nodes[\(index)].weights",
          message: "'\(other)' is not a node with weights of its own; name one that is")
      }
    }
    for (position, source) in (network.outputs ?? []).enumerated() { try check(source, "outputs[\(position)]") }
    guard network.truncation ?? 1 >= 1 else {
      throw Problem(path: "truncation", message: "gradients must be followed for at least 1 step")
    }
  }

  private static func outputs(_ network: NetworkGraph) throws(Problem) -> [NetworkGraph.Source] {
    if let outputs = network.outputs {
      guard !outputs.isEmpty else {
        throw Problem(path: "outputs", message: "the network has no outputs; name the nodes that are")
      }
      return outputs
    }
    let read = Set(network.nodes.flatMap { node in node.inputs.map(\.node).filter { $0 != node.name } })
    let unread = network.nodes.map(\.name).filter { !read.contains($0) }
    guard unread.count == 1 else {
      let found = unread.isEmpty ? "every node is read by another" : "no node reads \(unread.joined(separator: ", "))"
      throw Problem(path: "", message: "\(found), so it is not clear what the network gives; name its 'outputs'")
    }
    return [NetworkGraph.Source(unread[0])]
  }

  private static func checkUse(
    _ network: NetworkGraph, _ outputs: [NetworkGraph.Source], _ positions: [String: Int]
  ) throws(Problem) {
    var isUsed = network.nodes.map { _ in false }
    var waiting = outputs.compactMap { positions[$0.node] }
    while let position = waiting.popLast() {
      guard !isUsed[position] else { continue }
      isUsed[position] = true
      waiting += network.nodes[position].inputs.compactMap { positions[$0.node] }
    }
    if let unused = isUsed.firstIndex(of: false) {
      throw Problem(
        path: "nodes[\(unused)]",
        message: "no output depends on '\(network.nodes[unused].name)'; name it in 'outputs', or leave it out")
    }
  }
}

/// The largest sets of nodes that reach each other, each set after those that it depends on.
///
/// Source: Tarjan, "Depth-first search and linear graph algorithms" (1972), without recursion.
/// - Parameter dependencies: for each node those that it depends on.
func stronglyConnectedComponents(_ dependencies: [[Int]]) -> [[Int]] {
  var components: [[Int]] = []
  var numbers = [Int?](repeating: nil, count: dependencies.count)
  var lowest = [Int](repeating: 0, count: dependencies.count)
  var isOpen = [Bool](repeating: false, count: dependencies.count)
  var open: [Int] = []
  var count = 0
  for root in dependencies.indices where numbers[root] == nil {
    var path = [(node: root, next: 0)]
    while let (node, next) = path.last {
      if next == 0 {
        (numbers[node], lowest[node], isOpen[node]) = (count, count, true)
        count += 1
        open.append(node)
      }
      if next < dependencies[node].count {
        path[path.count - 1].next += 1
        let other = dependencies[node][next]
        if let number = numbers[other] {
          if isOpen[other] { lowest[node] = min(lowest[node], number) }
        } else {
          path.append((other, 0))
        }
        continue
      }
      path.removeLast()
      if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
      guard lowest[node] == numbers[node] else { continue }
      var component: [Int] = []
      while let member = open.popLast() {
        isOpen[member] = false
        component.append(member)
        if member == node { break }
      }
      components.append(component)
    }
  }
  return components
}

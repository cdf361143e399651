extension Graph {
  /// The graph as text, one line a node, which `Graph(parsing:catalog:)` reads again:
  ///
  /// ```
  /// %0: float32[2, 3] = input() {"inputName":"x","type":{"elementType":"float32","shape":[2,3]}}
  /// %1: float32[2] = reduceSum(%0) {"axes":[1],"keepsDimensions":false} @backward // layer/1
  /// output "total" = %1
  /// update %2 = %5
  /// ```
  ///
  /// The phase is left out for forward nodes, attributes where there are none, the scope outside of layers.
  public var text: String {
    var lines = nodes.map(line(of:))
    lines += outputs.map { "output \(OperationCoding.quoted($0.name)) = %\($0.value.index)" }
    lines += updates.map { "update %\($0.variable.index) = %\($0.value.index)" }
    return lines.map { $0 + "\n" }.joined()
  }

  /// One line of `text`.
  public func line(of node: Node) -> String {
    let results = node.results.map { "%\($0.index): \(type(of: $0))" }.joined(separator: ", ")
    let operands = operands(of: node).map { "%\($0.index)" }.joined(separator: ", ")
    var line = "\(results) = \(node.operation.name)(\(operands))"
    let attributes = node.attributesText
    if attributes != "{}" { line += " " + attributes }
    if node.phase != .forward { line += " @\(node.phase.rawValue)" }
    let scope = scope(of: node)
    return scope.isEmpty ? line : line + " // " + OperationCoding.quoted(scope).dropFirst().dropLast()
  }

  /// The graph for Graphviz (`dot -Tsvg`): a box an operation, coloured by phase, and an arrow an operand.
  public var graphviz: String {
    let colors: [Phase: String] = [.forward: "lightblue", .backward: "lightsalmon", .update: "lightgreen"]
    var lines = ["digraph {", "  node [shape=box, style=filled]"]
    for (index, node) in nodes.enumerated() {
      let attributes = node.attributesText
      let types = node.results.map { "%\($0.index): \(type(of: $0))" }
      // Long attributes are constants, whose numbers would hide the picture.
      let parts = [scope(of: node), node.operation.name, attributes == "{}" || attributes.count > 80 ? "" : attributes]
      let label = OperationCoding.quoted((parts.filter { !$0.isEmpty } + types).joined(separator: "\n"))
      lines.append("  n\(index) [label=\(label), fillcolor=\(colors[node.phase, default: "white"])]")
      for operand in operands(of: node) { lines.append("  n\(definingIndex(of: operand)) -> n\(index)") }
    }
    for (index, output) in outputs.enumerated() {
      lines.append("  o\(index) [label=\(OperationCoding.quoted(output.name)), shape=ellipse, fillcolor=white]")
      lines.append("  n\(definingIndex(of: output.value)) -> o\(index)")
    }
    for update in updates {
      lines.append("  n\(definingIndex(of: update.value)) -> n\(definingIndex(of: update.variable)) [style=dashed]")
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }
}

extension Graph.Node {
  /// The operation's attributes in JSON; what is wrong with them, for an operation that cannot be written.
  fileprivate var attributesText: String {
    do {
      return try OperationCoding.attributes(of: operation)
    } catch {
      return "{\"unwritable\":\(OperationCoding.quoted("\(error)"))}"
    }
  }
}

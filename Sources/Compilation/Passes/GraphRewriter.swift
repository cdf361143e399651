/// Builds a new graph from an old one, node by node, remembering what became of each value.
struct GraphRewriter {
  let source: Graph
  let target = Graph()
  private var replacements: [Graph.Value?]

  init(_ source: Graph) {
    self.source = source
    target.reserveCapacity(of: source)
    replacements = Array(repeating: nil, count: source.valueCount)
  }

  /// What became of a value; the values of operands are always known, because operands come first.
  func replacement(of value: Graph.Value) -> Tensor {
    guard let replacement = replacements[Int(value.index)] else {
      // `Graph.apply` takes only operands that are there already, and passes leave out none that a later one reads.
      preconditionFailure("a pass used value %\(value.index) before it was rewritten")
    }
    return target.tensor(replacement)
  }

  func operands(of node: Graph.Node) -> [Tensor] {
    source.operands(of: node).map(replacement)
  }

  mutating func replace(_ value: Graph.Value, by tensor: Tensor) {
    replacements[Int(value.index)] = tensor.value
  }

  /// New nodes stand for `node` from here on.
  func enter(_ node: Graph.Node) {
    target.phase = node.phase
    target.enterScope(path: source.scope(of: node))
  }

  /// Takes a node over as it is.
  mutating func copy(_ node: Graph.Node) {
    switch node.kind {
    case Input.self, Variable.self:
      enter(node)
      if let input = node.operation as? Input {
        replace(node.firstResult, by: target.input(input.inputName, input.type))
      } else if let variable = node.operation as? Variable {
        replace(node.firstResult, by: target.variable(variable.variableName, variable.type))
      }
    default:
      let first = target.adopt(node, of: source, replacements: replacements)
      for position in 0..<node.resultCount {
        replacements[Int(node.firstResult.index) + position] = Graph.Value(index: first.index + Int32(position))
      }
    }
  }

  /// Takes over outputs and updates, and returns the new graph.
  func finish() throws -> Graph {
    for output in source.outputs { target.output(output.name, replacement(of: output.value)) }
    for update in source.updates { target.update(replacement(of: update.variable), to: replacement(of: update.value)) }
    try target.checkFailure()
    return target
  }
}

extension Graph {
  /// How often each value is used, as an operand, an output or an update.
  func useCounts() -> [Int32] {
    var counts = [Int32](repeating: 0, count: valueCount)
    for node in nodes {
      for operand in operands(of: node) { counts[Int(operand.index)] += 1 }
    }
    for output in outputs { counts[Int(output.value.index)] += 1 }
    for update in updates { counts[Int(update.value.index)] += 1 }
    return counts
  }

  /// The one number that every element of a value is, when that is known: a constant, also repeated or reshaped.
  func splat(_ value: Value) -> Double? {
    var value = value
    while true {
      switch kind(of: value) {
      case Broadcast.self, Reshape.self:
        guard let operand = operands(of: definingNode(of: value)).first else { return nil }
        value = operand
      case Constant.self:
        guard let constant = definingNode(of: value).operation as? Constant, let first = constant.array.scalars.first
        else { return nil }
        return constant.array.scalars.allSatisfy { $0 == first && $0.sign == first.sign } ? first : nil
      default:
        return nil
      }
    }
  }
}

extension Tensor {
  /// The operation that makes this value, with its operands.
  var maker: (operation: any Operation, operands: [Tensor]) {
    let node = graph.definingNode(of: value)
    return (node.operation, graph.operands(of: node).map(graph.tensor))
  }

  /// Whether the operation that makes this value is of a type.
  func isMade(by type: any Operation.Type) -> Bool { graph.kind(of: value) == OperationKind(type) }
}

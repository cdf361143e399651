extension Graph {
  /// Checks what every graph promises: operands come earlier, result types are those that the operations state, and
  /// outputs and updates exist and fit. Run after every pass in debug builds.
  /// - Throws: `GraphError` that names the node.
  public func verify() throws {
    try checkFailure()
    for (index, node) in nodes.enumerated() {
      let operandTypes = operands(of: node).map { type(of: $0) }
      func broken(_ message: String) -> GraphError {
        GraphError(
          scope: scope(of: node), operation: "node \(index), \(node.operation.name)", operands: operandTypes,
          message: message)
      }
      for operand in operands(of: node) where operand.index < 0 || operand >= node.firstResult {
        throw broken("operand %\(operand.index) is not an earlier result")
      }
      let stated = try node.operation.resultTypes(for: operandTypes)
      let recorded = node.results.map { type(of: $0) }
      guard stated == recorded else { throw broken("results are recorded as \(recorded) but stated as \(stated)") }
    }
    for output in outputs where output.value.index < 0 || Int(output.value.index) >= valueCount {
      throw GraphError(operation: "output '\(output.name)'", message: "there is no such value")
    }
    for update in updates {
      guard Int(update.value.index) < valueCount, type(of: update.variable) == type(of: update.value) else {
        throw GraphError(operation: "update", message: "the new value does not fit the variable")
      }
    }
  }
}

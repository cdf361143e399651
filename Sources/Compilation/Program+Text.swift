extension Program {
  /// What a step does, in a line.
  private func summary(_ step: Step) -> String {
    (step.operation as? any CompilerOperation)?.summary ?? step.operation.name
  }

  /// The program as a table: a line a step, in running order, with types, cost and implementation, and totals.
  public var text: String {
    var lines = steps.enumerated().map { index, step in
      let operands = step.operands.map(\.description).joined(separator: ", ")
      let results = step.results.map(\.description).joined(separator: ", ")
      let place = step.scope.isEmpty ? "" : "  // \(step.scope)"
      return "\(index): \(step.phase.rawValue) \(summary(step)) (\(operands)) -> \(results); "
        + "\(step.cost.operations) operations, \(step.cost.bytes) bytes, \(step.implementation)"
        + (step.isPreparation ? ", once until variables change" : "") + place
    }
    let cost = cost
    lines.append(
      "\(steps.count) steps, \(cost.operations) operations and \(cost.bytes) bytes a run, "
        + "\(arenaByteCount) bytes of arena")
    return lines.joined(separator: "\n")
  }

  /// What one run costs in all, without preparations.
  public var cost: KernelCost {
    steps.filter { !$0.isPreparation }.reduce(KernelCost(operations: 0, bytes: 0)) {
      KernelCost(operations: $0.operations + $1.cost.operations, bytes: $0.bytes + $1.cost.bytes)
    }
  }

  /// The program as a Graphviz digraph: a box a step, coloured by phase, in running order.
  public var graphviz: String {
    let colors: [Graph.Phase: String] = [.forward: "#d5e8d4", .backward: "#dae8fc", .update: "#ffe6cc"]
    var lines = ["digraph program {", "  rankdir=TB; node [shape=box, style=filled, fontname=\"Helvetica\"];"]
    for (index, step) in steps.enumerated() {
      let label = "\(summary(step))\\n\(step.results.map(\.description).joined(separator: ", "))\\n\(step.scope)"
        .replacing("\"", with: "'")
      lines.append("  s\(index) [label=\"\(label)\", fillcolor=\"\(colors[step.phase] ?? "white")\"];")
      for source in step.dependencies { lines.append("  s\(source) -> s\(index);") }
    }
    lines.append("}")
    return lines.joined(separator: "\n")
  }
}

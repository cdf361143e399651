/// A graph seen as the steps that a program must take: which nodes run kernels, and where each value's bytes come from.
struct Steps {
  /// Where a value's bytes lie before memory is planned.
  enum Origin: Equatable {
    case input(String)
    case variable(String)
    case constant(ShapedArray<Double>)
    /// The step that computes it, and which of its results it is.
    case step(Int, Int)
  }

  struct Step {
    let node: Graph.Node
    let types: StepTypes
    let prepared: PreparedKernel
    /// The values whose bytes are read: roots.
    let operands: [Int]
    let results: [Int]
    /// Whether it depends on nothing but constants and variables that the graph does not update, so that its results
    /// stay as they are until somebody else changes a variable.
    let isPreparation: Bool
  }

  let graph: Graph
  private(set) var steps: [Step] = []
  /// By value: the value whose bytes it shares; reshapes and barriers have bytes of their operand.
  private(set) var roots: [Int]
  /// By root value.
  private(set) var origins: [Origin?]

  init(_ graph: Graph, _ backend: some Backend) throws {
    self.graph = graph
    roots = Array(0..<graph.valueCount)
    origins = Array(repeating: nil, count: graph.valueCount)
    let uses = graph.useCounts()
    let updated = Set(graph.updates.map { Int($0.variable.index) })
    let newRoots = Set(graph.updates.map { Int(graph.root(of: $0.value).index) })
    for node in graph.nodes {
      let value = Int(node.firstResult.index)
      let operands = graph.operands(of: node).map { roots[Int($0.index)] }
      switch node.operation {
      case let input as Input: origins[value] = .input(input.inputName)
      case let variable as Variable: origins[value] = .variable(variable.variableName)
      case let constant as Constant: origins[value] = .constant(constant.array)
      case _ where node.sharesBytes: roots[value] = operands[0]
      default:
        let types = StepTypes(node, graph, uses: uses)
        let results = node.results.map { Int($0.index) }
        for (position, result) in results.enumerated() { origins[result] = .step(steps.count, position) }
        let isPreparation = operands.allSatisfy { isFixed($0, updated) } && !results.contains(where: newRoots.contains)
        steps.append(Step(
          node: node, types: types, prepared: try Self.prepare(types, node, graph, backend), operands: operands,
          results: results, isPreparation: isPreparation))
      }
    }
  }

  /// Whether a root value stays as it is from run to run.
  private func isFixed(_ value: Int, _ updated: Set<Int>) -> Bool {
    switch origins[value] {
    case .constant?: true
    case .variable?: !updated.contains(value)
    case .step(let step, _)?: steps[step].isPreparation
    case .input?, nil: false
    }
  }

  private static func prepare(
    _ types: StepTypes, _ node: Graph.Node, _ graph: Graph, _ backend: some Backend
  ) throws -> PreparedKernel {
    do {
      return try backend.prepare(types)
    } catch let error as ShapeError {
      throw GraphError(
        scope: graph.scope(of: node), operation: node.operation.name, operands: types.operands, message: error.message)
    }
  }
}

import CPUBackend
import Differentiation
import Testing

/// A sample of the catalog with a name for the test's report.
struct NamedSample: CustomTestStringConvertible, Sendable {
  let index: Int
  let sample: OperationSample

  var testDescription: String {
    "\(sample.operation.name) #\(index) \(sample.operandTypes) \(sample.note)"
  }

  /// The operands, by the names that they have as inputs.
  var inputs: [String: ShapedArray<Double>] {
    Dictionary(uniqueKeysWithValues: sample.operands.enumerated().map { ("x\($0)", $1) })
  }

  /// The operation on inputs.
  func graph() -> Graph {
    let graph = Graph()
    let operands = sample.operandTypes.enumerated().map { graph.input("x\($0)", $1) }
    for (index, result) in graph.apply(sample.operation, to: operands).enumerated() {
      graph.output("y\(index)", result)
    }
    return graph
  }

  /// The gradient of a projection of the results; nil where there is none.
  func gradients() throws -> Graph? {
    let graph = Graph()
    let operands = sample.operandTypes.enumerated().map { graph.input("x\($0)", $1) }
    let results = graph.apply(sample.operation, to: operands)
    let variables = operands.filter { $0.elementType == .float32 }
    let projections = results.filter { $0.elementType == .float32 }.map { (result: Tensor) -> Tensor in
      let weights = (0..<result.shape.count).map { Double(($0 * 5) % 7) / 4 - 0.6 }
      return (result * graph.constant(ShapedArray(shape: result.shape, unchecked: weights))).sum()
    }
    guard !variables.isEmpty, let first = projections.first else { return nil }
    let output = projections.dropFirst().reduce(first, +)
    do {
      for (index, gradient) in try Differentiation.gradients(of: output, withRespectTo: variables).enumerated() {
        graph.output("g\(index)", gradient)
      }
    } catch is NotDifferentiable {
      return nil
    }
    return graph
  }

  static let all: [NamedSample] = Catalog.operations.flatMap { operation in
    operation.samples.enumerated().map { NamedSample(index: $0, sample: $1) }
  }
}

/// Both backends run every operation; Float32 follows Float64 within its rounding.
@Suite struct ParityTests {
  @Test(arguments: NamedSample.all)
  func cpuFollowsReference(_ named: NamedSample) throws {
    try expectParity(named.graph(), named.inputs)
  }

  /// Passes change how, not what: the same with none of them.
  @Test(arguments: NamedSample.all)
  func cpuFollowsReferenceWithoutPasses(_ named: NamedSample) throws {
    try expectParity(named.graph(), named.inputs, passes: [])
  }

  /// The gradient of a projection of every differentiable sample, through the whole compiler.
  @Test(arguments: NamedSample.all.filter { $0.sample.isSmooth && !$0.sample.operands.isEmpty })
  func gradientsFollowReference(_ named: NamedSample) throws {
    guard let graph = try named.gradients() else { return }
    try expectParity(graph, named.inputs)
  }
}

/// Runs a graph on both backends and compares every output.
func expectParity(
  _ graph: Graph, _ inputs: [String: ShapedArray<Double>], variables: [String: ShapedArray<Double>] = [:],
  passes: [Pass] = Pass.all, precision: Precision = .float32, tolerance: Double = 4e-6, threads: Int = 2,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let integerInputs = graph.nodes.compactMap { $0.operation as? Input }.filter { $0.type.elementType == .int32 }
  let integerNames = Set(integerInputs.map(\.inputName))
  let rounded = inputs.map { name, value in
    (name, integerNames.contains(name) ? value : value.map { Double(Float($0)) })
  }
  var interpreter = Interpreter(values: Dictionary(uniqueKeysWithValues: rounded).merging(variables) { $1 })
  let expected = try interpreter.run(precision.isRounded ? Pass.roundedFactors(graph) : graph)
  let store = VariableStore()
  for (name, value) in variables { try store.set(name, to: value.map { Float($0) }) }
  let program = try compile(
    graph, variables: store, backend: CPUBackend(threads: threads),
    options: CompilationOptions(passes: passes, verifies: true, precision: precision))
  for (name, value) in inputs {
    if program.inputs[name]?.elementType == .int32 {
      _ = try program.inputBuffer(name, as: Int32.self).update(from: value.scalars.map { Int32($0) })
    } else {
      try program.setInput(name, to: value.map { Float($0) })
    }
  }
  try program.run()
  for (name, reference) in expected {
    if program.outputs[name]?.elementType == .int32 {
      let integers = try program.outputBuffer(name, as: Int32.self).map { Double($0) }
      #expect(integers == reference.scalars, sourceLocation: sourceLocation)
    } else {
      try expectClose(program.output(name), reference, tolerance, name, sourceLocation)
    }
  }
  for update in graph.updates {
    guard let variable = graph.definingNode(of: update.variable).operation as? Variable,
      let reference = interpreter.values[variable.variableName]
    else { continue }
    try expectClose(store.value(of: variable.variableName), reference, tolerance, variable.variableName, sourceLocation)
  }
}

/// Each element within `tolerance` of the largest magnitude around, special values equal.
func expectClose(
  _ actual: ShapedArray<Float>, _ expected: ShapedArray<Double>, _ tolerance: Double, _ name: String,
  _ sourceLocation: SourceLocation
) throws {
  #expect(actual.shape == expected.shape, sourceLocation: sourceLocation)
  let scale = expected.scalars.reduce(1) { $1.isFinite ? max($0, abs($1)) : $0 }
  for (index, (a, b)) in zip(actual.scalars, expected.scalars).enumerated() {
    let agrees = Double(a) == b || (a.isNaN && b.isNaN)
      || abs(Double(a) - b) <= tolerance * min(scale, max(abs(b), 5e-2 * scale))
      || (a.isInfinite && abs(b) > Double(Float.greatestFiniteMagnitude))
    #expect(agrees, "\(name)[\(index)]: \(a), but the reference gives \(b)", sourceLocation: sourceLocation)
  }
}

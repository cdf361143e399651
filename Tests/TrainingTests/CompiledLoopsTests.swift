import CPUBackend
import Optimizers
import Testing
import Training

/// Loops that are compiled ahead are those that programs have, and do what interpreted ones do.
@Suite struct CompiledLoopsTests {
  private func program(
    _ activation: ActivationFunction, _ optimizer: Optimizer, usesCompiledLoops: Bool = true
  ) throws -> Program {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let network = Sequential {
      Dense(32, activation: activation)
      Dense(32, activation: activation)
      Dense(5)
    }
    let outputs = try context.trace(network, graph.input("x", TensorType([16, 32])))
    let loss = try Loss.softmaxCrossEntropy(outputs: outputs, targets: graph.input("y", TensorType([16], .int32)))
    let parameters = context.parameterTensors
    try optimizer.update(parameters, with: gradients(of: loss, withRespectTo: parameters))
    let variables = VariableStore()
    for parameter in context.parameters { try variables.set(parameter.path, to: parameter.initialValue(seed: 3)) }
    let program = try compile(
      graph, variables: variables, backend: CPUBackend(threads: 2, usesCompiledLoops: usesCompiledLoops))
    var generator = PhiloxGenerator(seed: 4)
    try program.setInput("x", to: ShapedArray(shape: [16, 32], scalars: (0..<512).map { _ in
      Float.random(in: -2...2, using: &generator)
    }))
    try program.setInput("y", to: ShapedArray(shape: [16], scalars: (0..<16).map { Float($0 % 5) }))
    return program
  }

  /// The steps that interpret several instructions over a whole matrix.
  private func interpreted(_ program: Program) -> [Program.Step] {
    program.steps.filter { step in
      step.implementation.hasPrefix("loop of") && step.implementation != "loop of 1"
        && (step.results.first?.count ?? 0) >= 256
    }
  }

  @Test(arguments: Optimizer.samples)
  func updatesAreCompiledAhead(_ optimizer: Optimizer) throws {
    for optimizer in [optimizer, optimizer.clipped(norm: 1)] {
      let left = interpreted(try program(.relu, optimizer)).filter { $0.phase == .update }
      #expect(left.isEmpty, "run 'make loops': \(left.map(\.scope))")
    }
  }

  @Test(arguments: ActivationFunction.allCases.filter { ![.step, .softmax, .logSoftmax].contains($0) })
  func activationsAreCompiledAhead(_ activation: ActivationFunction) throws {
    let left = interpreted(try program(activation, .sgd(learningRate: 0.1)))
    #expect(left.isEmpty, "run 'make loops': \(left.map { "\($0.phase) \($0.implementation)" })")
  }

  @Test(arguments: Optimizer.samples, [ActivationFunction.gelu, .silu, .tanh, .elu])
  func compiledLoopsGiveTheBitsOfInterpretedOnes(_ optimizer: Optimizer, _ activation: ActivationFunction) throws {
    let programs = try [true, false].map { try program(activation, optimizer, usesCompiledLoops: $0) }
    #expect(programs[0].text.contains("compiled loop") && !programs[1].text.contains("compiled loop"))
    for program in programs { for _ in 0..<5 { try program.run() } }
    for name in programs[0].variables.names {
      let values = try programs.map { try $0.variables.value(of: name).scalars.map(\.bitPattern) }
      #expect(values[0] == values[1], "\(name)")
    }
  }

  @Test func momentsDecayToZero() throws {
    for usesCompiledLoops in [true, false] {
      let graph = Graph()
      let w = graph.variable("w", TensorType([300]))
      try Optimizer.sgd(learningRate: 0.1, momentum: 0.5).update([w], with: [w * 0])
      let store = VariableStore()
      try store.set("w", to: ShapedArray(shape: [300], scalars: Array(repeating: Float(1), count: 300)))
      let program = try compile(graph, variables: store, backend: CPUBackend(usesCompiledLoops: usesCompiledLoops))
      let momentum = try #require(store.names.first { $0.contains("momentum") })
      try store.set(momentum, to: ShapedArray(shape: [300], scalars: Array(repeating: Float(1e-30), count: 300)))
      for _ in 0..<60 { try program.run() }
      #expect(try store.value(of: momentum).scalars.allSatisfy { $0 == 0 })
    }
  }
}

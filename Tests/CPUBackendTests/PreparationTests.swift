import CPUBackend
import Differentiation
import Testing

/// What follows from variables alone is computed when they change, not in every run.
@Suite struct PreparationTests {
  private func expect(_ program: Program, _ name: String, _ expected: [Float]) throws {
    try program.run()
    #expect(try program.output(name).scalars == expected)
  }

  @Test func followsTheVariables() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2])), graph.variable("w", TensorType([2])))
    graph.output("y", x * (w * w).sum(keepsDimensions: true))
    graph.output("z", (w + 1).sum())
    let store = VariableStore()
    try store.set("w", to: ShapedArray([1, 2]))
    let program = try compile(graph, variables: store, backend: CPUBackend())
    #expect(program.steps.filter(\.isPreparation).count == program.steps.count - 1, "\(program.text)")
    #expect(program.steps.last?.isPreparation == false)
    #expect(program.text.contains("once until variables change"))
    try program.setInput("x", to: ShapedArray([1, 10]))
    try expect(program, "y", [5, 50])
    try program.setInput("x", to: ShapedArray([2, 20]))
    try expect(program, "y", [10, 100])
    #expect(try program.scalar("z") == 5)
    try store.set("w", to: ShapedArray([0, 3]))
    try expect(program, "y", [18, 180])
    #expect(try program.scalar("z") == 5)
    let memory = try store.buffer("w", as: Float.self)
    for value in [1, 2] as [Float] {
      memory[0] = value
      try expect(program, "y", [2 * (9 + value * value), 20 * (9 + value * value)])
    }
  }

  @Test func followsWhatAnotherProgramUpdates() throws {
    let store = VariableStore()
    try store.set("w", to: ShapedArray([1]))
    let training = Graph()
    let w = training.variable("w", TensorType([1]))
    let frozen = training.variable("frozen", TensorType([1]))
    training.update(w, to: w + exp(frozen))
    let step = try compile(training, variables: store, backend: CPUBackend())
    #expect(step.steps.last?.isPreparation == false)
    let use = Graph()
    use.output("y", use.input("x", TensorType([1])) + use.variable("w", TensorType([1])) * 2)
    let prediction = try compile(use, variables: store, backend: CPUBackend())
    for run in 1...3 {
      try step.run()
      try expect(prediction, "y", [Float(2 + 2 * run)])
    }
  }

  @Test func anUpdateFromAnUnchangedVariableIsMadeInEveryRun() throws {
    let graph = Graph()
    let (a, b) = (graph.variable("a", TensorType([1])), graph.variable("b", TensorType([1])))
    graph.output("before", a * graph.input("x", TensorType([1])))
    graph.update(a, to: b * 2)
    let store = VariableStore()
    try store.set("b", to: ShapedArray([4]))
    let program = try compile(graph, variables: store, backend: CPUBackend())
    try program.setInput("x", to: ShapedArray([1]))
    try expect(program, "before", [0])
    try expect(program, "before", [8])
    #expect(try store.value(of: "a").scalars == [8])
  }

  /// Weights that no run changes are rewritten once; those that a run updates, in each.
  @Test func convolutionsPackTheirWeights() throws {
    func make(updates: Bool) throws -> (Graph, [String: ShapedArray<Double>], [String: ShapedArray<Double>]) {
      let graph = Graph()
      let (x, w) = (graph.input("x", TensorType([2, 7, 6, 5])), graph.variable("w", TensorType([3, 3, 5, 18])))
      let y = x.convolved(with: w, SlidingWindow(strides: [1, 1], low: [1, 1], high: [1, 1]))
      graph.output("y", y)
      if updates {
        let derivative = try gradients(of: (y * y).sum(), withRespectTo: [w])[0]
        graph.update(w, to: w - 0.001 * derivative)
      }
      func array(_ shape: Shape) -> ShapedArray<Double> {
        ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Double($0 * 7 % 23) / 16 - 0.75 })
      }
      return (graph, ["x": array(x.shape)], ["w": array(w.shape)])
    }
    for updates in [false, true] {
      let (graph, inputs, variables) = try make(updates: updates)
      try expectParity(graph, inputs, variables: variables)
      let store = VariableStore()
      for (name, value) in variables { try store.set(name, to: value.map { Float($0) }) }
      let program = try compile(graph, variables: store, backend: CPUBackend())
      let packs = program.steps.filter { $0.operation is Pack }
      #expect(packs.allSatisfy { $0.isPreparation == !updates }, "\(program.text)")
      // Whether there are any is oneDNN's choice for this processor; the pass must have asked.
      let rewritten = program.steps.filter { $0.operation is PackedStep }
      #expect(rewritten.count == packs.count)
      #expect(rewritten.allSatisfy { !$0.implementation.contains("rewritten") })
      // Another value of the weights must reach the packed ones.
      try program.setInput("x", to: inputs["x"]?.map { Float($0) } ?? ShapedArray([]))
      try program.run()
      try store.set("w", to: ShapedArray(repeating: 0, shape: [3, 3, 5, 18]))
      try program.run()
      #expect(try program.output("y").scalars.allSatisfy { $0 == 0 })
    }
  }
}

import CPUBackend
import FixtureSupport
import NeuralNetworks
import Testing

/// A layer with what another library computes for it: its output, and the derivatives of `output · cotangent`.
struct LayerFixture: Decodable {
  let layer: AnyLayer
  let input, cotangent, output, inputGradient: FixtureArray
  /// By parameter: its value, and the derivative by it.
  let parameters, gradients: [String: FixtureArray]
  /// What state becomes in training; nil where there is none.
  let updates: [String: FixtureArray]?

  /// The arrays to compare, with the names of the program's outputs.
  private var expected: [(String, ShapedArray<Double>)] {
    [("output", output.array), ("input gradient", inputGradient.array)]
      + gradients.sorted { $0.key < $1.key }.map { ($0.key, $0.value.array) }
  }

  /// Compares the reference and the CPU backend (within 1e-4, relative) with the numbers.
  /// - Parameter tolerance: of the reference, relative.
  func check(_ mode: LayerContext.Mode, reference tolerance: Double = 1e-9) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: mode)
    let x = graph.input("input", TensorType(input.array.shape))
    let result = try context.trace(layer.layer, x)
    #expect(context.parameters.map(\.path).sorted() == parameters.keys.sorted())
    graph.output("output", result)
    let derivatives = try cotangents(
      of: result, withRespectTo: [x] + context.parameterTensors, seed: graph.constant(cotangent.array))
    let learned = context.parameters.filter(\.isLearned).map(\.path)
    #expect(learned.sorted() == gradients.keys.sorted())
    for (name, derivative) in zip(["input gradient"] + learned, derivatives) {
      graph.output(name, try #require(derivative))
    }
    let values = parameters.mapValues(\.array).merging(["input": input.array]) { $1 }
    var interpreter = Interpreter(values: values)
    let reference = try interpreter.run(graph)
    let store = VariableStore()
    for (name, value) in parameters { try store.set(name, to: value.array.map { Float($0) }) }
    let program = try compile(graph, variables: store, backend: CPUBackend(threads: 2))
    try program.setInput("input", to: input.array.map { Float($0) })
    try program.run()
    for (name, numbers) in expected {
      let exact = try #require(reference[name])
      #expect(exact.shape == numbers.shape, "\(name)")
      #expect(worstDifference(exact.scalars, numbers.scalars) < tolerance, "\(name) on the reference")
      let fast = try program.output(name).scalars.map { Double($0) }
      let difference = worstSingleDifference(fast, numbers.scalars)
      #expect(difference < 1e-4, "\(name) on the CPU backend: \(difference)")
    }
    let updates = mode == .training ? (updates ?? [:]).mapValues(\.array) : [:]
    #expect(graph.updates.count == updates.count)
    for (name, numbers) in updates {
      #expect(worstDifference(try #require(interpreter.values[name]).scalars, numbers.scalars) < 1e-9, "\(name)")
      let fast = try store.value(of: name).scalars.map { Double($0) }
      #expect(worstSingleDifference(fast, numbers.scalars) < 1e-4, "\(name) on the CPU backend")
    }
  }
}

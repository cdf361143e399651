import CPUBackend
import Differentiation
import NeuralNetworks
import ReferenceBackend
import Testing

/// Layers whose values are computed once more on the way back, rather than kept.
struct RecomputedTests {
  /// The loss and its derivatives by the parameters and the input, by name, after one run; and the program.
  private func derivatives(
    _ network: some Layer, input: Shape
  ) throws -> (values: [String: [Float]], program: Program) {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training, seed: 3)
    let x = graph.input("x", TensorType(input))
    let loss = (try context.trace(network, x) * 0.5).sum()
    graph.output("loss", loss)
    let variables = context.parameterTensors + [x]
    let names = context.parameters.filter(\.isLearned).map(\.path) + ["x"]
    for (name, gradient) in zip(names, try gradients(of: loss, withRespectTo: variables)) {
      graph.output("slope of \(name)", gradient)
    }
    let store = VariableStore()
    for parameter in context.parameters { try store.set(parameter.path, to: parameter.initialValue(seed: 1)) }
    let program = try compile(graph, variables: store, backend: CPUBackend(threads: 2))
    let ramp = (0..<input.count).map { Float($0 * 7 % 23) / 11 - 1 }
    try program.setInput("x", to: ShapedArray(shape: input, scalars: ramp))
    try program.run()
    var values: [String: [Float]] = [:]
    for name in program.outputs.keys { values[name] = try program.output(name).scalars }
    return (values, program)
  }

  private func expectSame(_ layers: [any Layer], input: Shape) throws {
    let kept = try derivatives(Sequential([Sequential(layers, name: "part")]), input: input)
    let recomputed = try derivatives(Sequential([Recomputed(layers, name: "part")]), input: input)
    #expect(kept.values == recomputed.values)
    #expect(recomputed.program.steps.count > kept.program.steps.count)
  }

  @Test func `gradients are the same, bit by bit`() throws {
    try expectSame([Dense(8, activation: .tanh), Dropout(0.4), Dense(5, activation: .gelu), Dense(3)], input: [6, 4])
    try expectSame(
      [
        Convolution(4, kernel: 3, padding: .same), BatchNormalization(), Activation(.relu), MaxPooling(2),
        Residual { Convolution(4, kernel: 3, padding: .same, activation: .relu) }, Flatten(), Dense(2),
      ], input: [3, 6, 6, 2])
    try expectSame(
      [TransformerBlock(heads: 2, isCausal: true, dropout: 0.2), LSTM(4), LayerNormalization()], input: [2, 5, 4])
  }

  @Test func `a deep network takes less memory`() throws {
    func network(_ wrap: ([any Layer], String) -> any Layer) -> Sequential {
      Sequential((0..<8).map { index in wrap((0..<8).map { _ in Dense(16, activation: .tanh) }, "part\(index)") })
    }
    let kept = try derivatives(network { Sequential($0, name: $1) }, input: [512, 16])
    let recomputed = try derivatives(network { Recomputed($0, name: $1) }, input: [512, 16])
    #expect(kept.values == recomputed.values)
    // 64 activations against 8 and those of one part.
    #expect(recomputed.program.arenaByteCount < kept.program.arenaByteCount * 2 / 5)
    #expect(recomputed.program.cost.operations < kept.program.cost.operations * 3 / 2)
  }

  @Test func `second derivatives exist`() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    let y = graph.recomputing { [tanh(x * x)] }[0]
    let slope = try gradients(of: y.sum(), withRespectTo: [x])[0]
    let curvature = try gradients(of: slope.sum(), withRespectTo: [x])[0]
    let point = ShapedArray<Double>([0.5, -0.8])
    let found = try Interpreter(values: ["x": point]).evaluate([curvature])[0].scalars
    for (value, x) in zip(found, point.scalars) {
      let expected = try derivative(of: { tanh($0 * $0) }, order: 2, at: x)
      #expect(abs(value - expected) < 1e-12)
    }
  }

  @Test func `one within another is no stretch of its own`() throws {
    let context = LayerContext(Graph(), mode: .training)
    let network = Sequential {
      Recomputed { Dense(3); Recomputed { Dense(4) } }
      Recomputed { Dense(2) }
      Recomputed {}
    }
    _ = try context.trace(network, context.graph.input("x", TensorType([4, 5])))
    #expect(context.parameters.map(\.path).contains("recomputed1/recomputed1/dense1/weight"))
    #expect(context.graph.recomputedSegments.count == 2)
  }
}

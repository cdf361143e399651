import FixtureSupport
import Optimizers
import ReferenceBackend
import Testing

/// Networks whose numbers were published.
struct PublishedNetworkTests {
  struct Cases: Decodable {
    struct Mazur: Decodable {
      let inputs, targets: [Double]
      let weights, biases, gradient, updated: [String: Double]
      let hidden, outputs, error, delta_output, delta_hidden: [Double]
      let total_error, total_error_after_one_update: Double
    }

    struct Nielsen: Decodable {
      struct Case: Decodable {
        let w, b, start, end, tolerance: Double
      }

      let cases: [Case]
    }

    let mazur: Mazur
    let nielsen_neuron: Nielsen
  }

  /// A dense layer's weights `[inputs, units]` from names that count the connections unit by unit.
  private func weights(_ values: [String: Double], from first: Int) throws -> ShapedArray<Double> {
    try ShapedArray(shape: [2, 2], scalars: [0, 2, 1, 3].map { try #require(values["w\(first + $0)"]) })
  }

  @Test func `Matt Mazur's example, step by step`() throws {
    let mazur = try Fixture.load("published-networks", as: Cases.self).mazur
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let inputs = graph.input("inputs", TensorType([1, 2]))
    let targets = graph.input("targets", TensorType([1, 2]))
    let hidden = try context.apply(Dense(2, activation: .sigmoid, name: "hidden"), to: inputs)
    let outputs = try context.apply(Dense(2, activation: .sigmoid, name: "output"), to: hidden)
    let loss = try Loss.halfSumSquaredError(outputs: outputs, targets: targets)
    let names = context.parameters.map(\.path)
    #expect(names == ["hidden/weight", "hidden/bias", "output/weight", "output/bias"])
    let gradients = try gradients(of: loss, withRespectTo: context.parameterTensors)
    // The article leaves the biases as they are.
    try Optimizer.sgd(learningRate: 0.5).update(context.weightTensors, with: [gradients[0], gradients[2]])
    graph.output("hidden", hidden)
    graph.output("outputs", outputs)
    graph.output("errors", 0.5 * (targets - outputs) * (targets - outputs))
    graph.output("loss", loss)
    for (name, gradient) in zip(names, gradients) { graph.output(name, gradient) }

    let (b1, b2) = (try #require(mazur.biases["b1"]), try #require(mazur.biases["b2"]))
    var interpreter = Interpreter(values: [
      "inputs": try ShapedArray(shape: [1, 2], scalars: mazur.inputs),
      "targets": try ShapedArray(shape: [1, 2], scalars: mazur.targets),
      "hidden/weight": try weights(mazur.weights, from: 1), "hidden/bias": ShapedArray([b1, b1]),
      "output/weight": try weights(mazur.weights, from: 5), "output/bias": ShapedArray([b2, b2]),
    ])
    let first = try interpreter.run(graph)
    func expect(_ output: String, _ expected: [Double]) {
      #expect(worstDifference(first[output]?.scalars ?? [], expected, scale: 1e-9) < 1e-12, "\(output)")
    }
    expect("hidden", mazur.hidden)
    expect("outputs", mazur.outputs)
    expect("errors", mazur.error)
    expect("loss", [mazur.total_error])
    // The derivative with respect to a unit's bias is the unit's delta.
    expect("hidden/bias", mazur.delta_hidden)
    expect("output/bias", mazur.delta_output)
    expect("hidden/weight", try weights(mazur.gradient, from: 1).scalars)
    expect("output/weight", try weights(mazur.gradient, from: 5).scalars)
    for (name, index) in [("hidden/weight", 1), ("output/weight", 5)] {
      let actual = try #require(interpreter.values[name])
      #expect(worstDifference(actual.scalars, try weights(mazur.updated, from: index).scalars) < 1e-12)
    }
    let second = try interpreter.run(graph)
    #expect(worstDifference(second["loss"]?.scalars ?? [], [mazur.total_error_after_one_update]) < 1e-12)
  }

  @Test func `Michael Nielsen's neuron learns slowly from a bad start`() throws {
    let cases = try Fixture.load("published-networks", as: Cases.self).nielsen_neuron.cases
    #expect(cases.count == 2)
    for neuron in cases {
      let graph = Graph()
      let context = LayerContext(graph, mode: .training)
      let outputs = try context.trace(Dense(1, activation: .sigmoid), graph.input("x", TensorType([1, 1])))
      let loss = try Loss.halfSumSquaredError(outputs: outputs, targets: graph.input("y", TensorType([1, 1])))
      let gradients = try gradients(of: loss, withRespectTo: context.parameterTensors)
      try Optimizer.sgd(learningRate: 0.15).update(context.parameterTensors, with: gradients)
      graph.output("a", outputs)
      var interpreter = Interpreter(values: [
        "x": ShapedArray(repeating: 1, shape: [1, 1]), "y": ShapedArray(repeating: 0, shape: [1, 1]),
        "weight": ShapedArray(repeating: neuron.w, shape: [1, 1]), "bias": ShapedArray([neuron.b]),
      ])
      let start = try interpreter.run(graph)
      #expect(worstDifference(start["a"]?.scalars ?? [], [neuron.start]) < 1e-12)
      for _ in 1..<300 { _ = try interpreter.run(graph) }
      let end = try interpreter.run(graph)
      #expect(worstDifference(end["a"]?.scalars ?? [], [neuron.end]) < neuron.tolerance)
    }
  }
}

import CPUBackend
import FixtureSupport
import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

/// Embeddings and attention against PyTorch, on both backends.
struct SequenceLayerTests {
  struct Cases: Decodable {
    struct Case: Decodable {
      let layer: AnyLayer
      let inputs: [FixtureArray]
      let isInteger: [Bool]
      let parameters: [String: FixtureArray]
      let cotangent, output: FixtureArray
      let inputGradients: [FixtureArray]
      let parameterGradients: [String: FixtureArray]
    }

    let cases: [String: Case]
  }

  @Test(arguments: [
    "causal self-attention", "self-attention with padding", "a long sequence", "cross-attention",
    "cross-attention with padding, without biases", "rotary self-attention", "embedding", "tied embedding",
    "learned positions", "transformer block", "a small GPT",
  ])
  func `a layer and its gradients match PyTorch's`(name: String) throws {
    let example = try #require(try Fixture.load("attention", as: Cases.self).cases[name])
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let inputs = zip(example.inputs.indices, zip(example.inputs, example.isInteger)).map { index, input in
      graph.input("input\(index)", TensorType(input.0.array.shape, input.1 ? .int32 : .float32))
    }
    let output = try #require(try context.trace(example.layer.layer, inputs).first)
    #expect(Set(context.parameters.map(\.path)) == Set(example.parameters.keys))
    let reals = inputs.filter { $0.elementType == .float32 }
    let gradients = try cotangents(
      of: output, withRespectTo: reals + context.parameterTensors, seed: graph.constant(example.cotangent.array)
    ).compactMap { $0 }
    let results = [output] + gradients
    let expected = [example.output] + example.inputGradients
      + (try context.parameters.map { try #require(example.parameterGradients[$0.path]) })
    #expect(results.map(\.shape) == expected.map(\.array.shape))

    var values = example.parameters.mapValues(\.array)
    for (index, input) in example.inputs.enumerated() { values["input\(index)"] = input.array }
    for (actual, expected) in zip(try Interpreter(values: values).evaluate(results), expected) {
      #expect(worstDifference(actual.scalars, expected.array.scalars) < 1e-9)
    }

    for (index, result) in results.enumerated() { graph.output("result\(index)", result) }
    let variables = VariableStore()
    for (path, parameter) in example.parameters { try variables.set(path, to: parameter.array.map { Float($0) }) }
    let program = try compile(graph, variables: variables, backend: CPUBackend(threads: 2))
    for (index, input) in example.inputs.enumerated() {
      if example.isInteger[index] {
        let buffer = try program.inputBuffer("input\(index)", as: Int32.self)
        for (place, value) in input.array.scalars.enumerated() { buffer[place] = Int32(value) }
      } else {
        let buffer = try program.inputBuffer("input\(index)", as: Float.self)
        for (place, value) in input.array.scalars.enumerated() { buffer[place] = Float(value) }
      }
    }
    try program.run()
    let greatest = expected.flatMap(\.array.scalars).reduce(0) { max($0, abs($1)) }
    for (index, expected) in expected.enumerated() {
      // The same added to all keys changes nothing: of the slope of their bias, only rounding remains.
      let isZero = expected.array.scalars.allSatisfy { abs($0) < 1e-12 * greatest }
      let actual = try program.outputBuffer("result\(index)", as: Float.self).map { Double($0) }
      let difference = worstSingleDifference(actual, expected.array.scalars, least: isZero ? greatest / 50 : 1e-3)
      #expect(difference < 1e-4, "result \(index): \(difference)")
    }
  }

  @Test func `sinusoidal positions are those of the paper`() {
    let table = PositionalEmbedding.sinusoids(3, 4)
    let expected = [0, 1, 0, 1, sin(1.0), cos(1.0), sin(0.01), cos(0.01), sin(2.0), cos(2.0), sin(0.02), cos(0.02)]
    #expect(worstDifference(table.scalars, expected) < 1e-12)
  }

  @Test func `descriptions say all of a layer`() throws {
    let layers: [any Layer] = [
      Embedding(7, features: 3, initializer: .normal(mean: 0, deviation: 0.5), name: "words"),
      TiedEmbedding(7, features: 3) { PositionalEmbedding(length: 5, .sinusoidal) },
      MultiHeadAttention(
        heads: 2, width: 4, outputs: 5, isCausal: true, isRotary: true, dropout: 0.1, usesBias: false,
        initializer: .heNormal, outputInitializer: .zeros, name: "attention"),
      MultiHeadAttention(heads: 1),
    ]
    for layer in layers {
      let text = try JSONEncoder().encode(AnyLayer(layer))
      #expect(try JSONDecoder().decode(AnyLayer.self, from: text) == AnyLayer(layer))
    }
  }

  @Test func `dropout of attention weights keeps their mean and is drawn anew in each step`() throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training, seed: 3)
    let input = graph.input("input", TensorType([1, 40, 4]))
    let layer = MultiHeadAttention(heads: 2, dropout: 0.5)
    graph.output("output", try context.trace(layer, [input])[0])
    graph.advanceStepCounter()
    let variables = VariableStore()
    for parameter in context.parameters { try variables.set(parameter.path, to: parameter.initialValue(seed: 1)) }
    let program = try compile(graph, variables: variables, backend: CPUBackend(threads: 1))
    for (index, _) in try program.inputBuffer("input", as: Float.self).enumerated() {
      try program.inputBuffer("input", as: Float.self)[index] = index % 4 == 0 ? 1 : -0.5
    }
    var outputs: [[Float]] = []
    for _ in 0..<200 {
      try program.run()
      outputs.append(Array(try program.outputBuffer("output", as: Float.self)))
    }
    #expect(outputs[0] != outputs[1])
    let use = Graph()
    let exact = try LayerContext(use, mode: .inference).trace(layer, [use.input("input", TensorType([1, 40, 4]))])[0]
    use.output("output", exact)
    let expected = try compile(use, variables: variables, backend: CPUBackend(threads: 1))
    _ = try expected.inputBuffer("input", as: Float.self).update(
      fromContentsOf: Array(program.inputBuffer("input", as: Float.self)))
    try expected.run()
    let means = outputs[0].indices.map { index in outputs.reduce(0) { $0 + $1[index] } / 200 }
    for (mean, value) in zip(means, try expected.outputBuffer("output", as: Float.self)) {
      #expect(abs(mean - value) < 0.1)
    }
  }

  static let mistakes: [(any Layer, [TensorType], String)] = [
    (Embedding(0, features: 2), [TensorType([2], .int32)], "at least 1, not 0 and 2"),
    (Embedding(3, features: 2), [TensorType([2])], "its input is float32[2]"),
    (PositionalEmbedding(length: 3), [TensorType([1, 4, 2])], "longer than the 3"),
    (MultiHeadAttention(heads: 4), [TensorType([1, 4, 6])], "6 channels cannot be divided among 4 heads"),
    (
      MultiHeadAttention(heads: 1, width: 1 << 62), [TensorType([1, 4, 6])], "attention cannot have 4611686018427387904"
    ),
    (MultiHeadAttention(heads: 2, isRotary: true), [TensorType([1, 4, 6])], "an even number of channels in a head"),
    (MultiHeadAttention(heads: 2, dropout: 1), [TensorType([1, 4, 6])], "less than 1, not 1.0"),
    (MultiHeadAttention(heads: 1), [TensorType([1, 4], .int32)], "one to three sequences"),
    (
      MultiHeadAttention(heads: 1), [TensorType([1, 4, 6]), TensorType([1, 3], .bool)],
      "the mask must be bool[1, 4], but is bool[1, 3]"
    ),
    (TiedEmbedding(3, features: 2) { Dense(5) }, [TensorType([1, 4], .int32)], "must end with 2 features"),
  ]

  @Test(arguments: mistakes.indices)
  func `mistakes are told`(index: Int) throws {
    let (layer, inputs, message) = Self.mistakes[index]
    let graph = Graph()
    let tensors = inputs.enumerated().map { graph.input("input\($0)", $1) }
    let error = #expect(throws: (any Error).self) {
      _ = try layer.apply(tensors, in: LayerContext(graph, mode: .training))
      try graph.checkFailure()
    }
    #expect("\(try #require(error))".contains(message), "\(error as Any)")
  }

  @Test func `a loss over a sequence leaves out what has no label`() throws {
    let graph = Graph()
    let outputs = graph.input("outputs", TensorType([2, 3, 4]))
    let labels = graph.input("labels", TensorType([2, 3], .int32))
    let loss = try Loss.softmaxCrossEntropy(outputs: outputs, targets: labels)
    let correct = try correctCount(outputs: outputs, targets: labels, loss: .softmaxCrossEntropy)
    let gradient = try gradients(of: loss, withRespectTo: [outputs])[0]
    let logits = (0..<24).map { Double(($0 * 7) % 11) / 3 }
    let chosen: [Double] = [0, -1, 3, -1, 1, 2]
    let results = try Interpreter(values: [
      "outputs": ShapedArray(shape: [2, 3, 4], unchecked: logits),
      "labels": ShapedArray(shape: [2, 3], unchecked: chosen)
    ]).evaluate([loss, correct, gradient])
    var (sum, right) = (0.0, 0.0)
    for (row, label) in chosen.enumerated() where label >= 0 {
      let values = logits[(row * 4)..<(row * 4 + 4)].map { exp($0) }
      sum -= log(values[Int(label)] / values.reduce(0, +))
      right += values[Int(label)] == values.max() ? 1 : 0
    }
    #expect(abs(results[0].scalars[0] - sum / 4) < 1e-12)
    #expect(results[1].scalars == [right])
    for row in [1, 3] { #expect(results[2].scalars[(row * 4)..<(row * 4 + 4)].allSatisfy { $0 == 0 }) }
    #expect(results[2].scalars[0] != 0)
  }
}

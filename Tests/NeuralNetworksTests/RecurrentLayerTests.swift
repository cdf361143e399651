import CPUBackend
import FixtureSupport
import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

/// Recurrent layers against PyTorch's, whose numbers `Tests/Fixtures/recurrent.py` has written.
struct RecurrentLayerTests {
  struct File: Decodable {
    let cases: [String: Case]
    let packed: [Packed]
  }

  struct Case: Decodable, Sendable {
    struct Learned: Decodable, Sendable { let value, gradient: FixtureArray }

    let kind: String
    let units, layers: Int
    let isBidirectional, hasStates: Bool
    let input, inputGradient: FixtureArray
    let states, stateGradients, outputs, cotangents: [FixtureArray]
    let parameters: [String: Learned]
  }

  struct Packed: Decodable, Sendable {
    let kind: String
    let lengths: [Double]
    let units: Int
    let input, inputGradient, output, last, outputCotangent, lastCotangent: FixtureArray
    let parameters: [String: FixtureArray]
  }

  static let file = try? Fixture.load("recurrent", as: File.self)
  static let names = file?.cases.keys.sorted() ?? []

  static func layer(_ kind: String, _ options: RecurrentOptions) -> any Layer {
    switch kind {
    case "lstm": LSTM(options: options)
    case "gru": GRU(options: options)
    case "simpleRecurrentRelu": SimpleRecurrent(options: options, activation: .relu)
    default: SimpleRecurrent(options: options)
    }
  }

  @Test func `the fixtures are there`() { #expect(Self.names.count == 17 && Self.file?.packed.count == 3) }

  @Test(arguments: names)
  func `outputs, states and gradients match PyTorch's`(name: String) throws {
    let example = try #require(Self.file?.cases[name])
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let layer = Self.layer(example.kind, RecurrentOptions(
      units: example.units, layers: example.layers, directions: example.isBidirectional ? .both : .forward,
      returnsState: true))
    var values = ["input": example.input.array]
    var inputs = [graph.input("input", TensorType(example.input.array.shape))]
    for (index, state) in example.states.enumerated() {
      values["state\(index)"] = state.array
      inputs.append(graph.input("state\(index)", TensorType(state.array.shape)))
    }
    let outputs = try context.trace(layer, inputs)
    #expect(Set(context.parameters.map(\.path)) == Set(example.parameters.keys))
    #expect(outputs.map(\.shape) == example.outputs.map(\.array.shape))
    let learned = try context.parameters.map { try #require(example.parameters[$0.path]) }
    let variables = Dictionary(uniqueKeysWithValues: zip(context.parameters, learned).map { ($0.path, $1.value.array) })
    let projection = zip(outputs, example.cotangents).map { ($0 * graph.constant($1.array)).sum() }
    let gradients = try gradients(
      of: projection.dropFirst().reduce(projection[0], +), withRespectTo: inputs + context.parameterTensors)
    let expected = example.outputs + [example.inputGradient] + example.stateGradients + learned.map(\.gradient)
    try expectMatch(graph, outputs + gradients, expected.map(\.array), values, variables)
  }

  @Test(arguments: [0, 1, 2])
  func `sequences of different lengths match PyTorch's packed ones`(index: Int) throws {
    let example = try #require(Self.file?.packed[index])
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let input = graph.input("input", TensorType(example.input.array.shape))
    let lengths = graph.constant(ShapedArray(example.lengths), .int32)
    let options = RecurrentOptions(units: example.units, directions: .both, returnsState: true)
    let outputs = try context.trace(Self.layer(example.kind, options), [input, lengths])
    let last = RecurrentOptions(units: example.units, directions: .both, returnsSequence: false)
    let alone = try LayerContext(graph, mode: .training).trace(Self.layer(example.kind, last), [input, lengths])[0]
    let projection = (outputs[0] * graph.constant(example.outputCotangent.array)).sum()
      + (outputs[1] * graph.constant(example.lastCotangent.array)).sum()
    let gradient = try gradients(of: projection, withRespectTo: [input])[0]
    try expectMatch(
      graph, [outputs[0], outputs[1], alone, gradient],
      [example.output, example.last, example.last, example.inputGradient].map(\.array), ["input": example.input.array],
      example.parameters.mapValues(\.array))
  }

  /// Compares values on the reference and, compiled, on the CPU.
  private func expectMatch(
    _ graph: Graph, _ tensors: [Tensor], _ expected: [ShapedArray<Double>], _ inputs: [String: ShapedArray<Double>],
    _ variables: [String: ShapedArray<Double>]
  ) throws {
    let reference = try Interpreter(values: inputs.merging(variables) { a, _ in a }).evaluate(tensors)
    for (actual, expected) in zip(reference, expected) {
      #expect(worstDifference(actual.scalars, expected.scalars) < 1e-9)
    }
    for (index, tensor) in tensors.enumerated() { graph.output("\(index)", tensor) }
    let store = VariableStore()
    for (name, value) in variables { try store.set(name, to: value.map { Float($0) }) }
    let program = try compile(graph, variables: store, backend: CPUBackend(threads: 2))
    for (name, value) in inputs { try program.setInput(name, to: value.map { Float($0) }) }
    try program.run()
    for (index, expected) in expected.enumerated() {
      let difference = worstSingleDifference(try program.output("\(index)").scalars.map(Double.init), expected.scalars)
      #expect(difference < 1e-4, "result \(index): \(difference)")
    }
  }

  @Test func `carried states continue a sequence`() throws {
    for layer in [LSTM(3, layers: 2) as any Layer, GRU(3), SimpleRecurrent(3)] {
      func run(_ lengths: [Int], carriesState: Bool) throws -> [Float] {
        let store = VariableStore()
        var outputs: [Float] = []
        var start = 0
        for length in lengths {
          let graph = Graph()
          let context = LayerContext(graph, mode: .inference, carriesState: carriesState)
          let output = try context.trace(layer, graph.input("input", TensorType([2, length, 2])))
          graph.output("output", output)
          for parameter in context.parameters { try store.set(parameter.path, to: parameter.initialValue(seed: 1)) }
          #expect(context.carriedStates.isEmpty == !carriesState)
          let program = try compile(graph, variables: store, backend: CPUBackend(threads: 1))
          var input: [Float] = []
          for row in 0..<2 {
            for t in start..<start + length { input += [Float(row + t) / 5 - 0.6, Float(t % 3) - 0.8] }
          }
          try program.setInput("input", to: ShapedArray(shape: [2, length, 2], unchecked: input))
          try program.run()
          let last = try program.output("output").scalars
          outputs = []
          for row in 0..<2 { outputs += last[(row * length + length - 1) * 3..<(row * length + length) * 3] }
          start += length
        }
        return outputs
      }
      let whole = try run([5], carriesState: false)
      #expect(try run([2, 1, 2], carriesState: true) == whole)
      #expect(try run([2, 1, 2], carriesState: false) != whole)
    }
  }

  @Test func `dropout falls between the layers of a stack while training`() throws {
    func outputs(_ mode: LayerContext.Mode, _ layer: some Layer) throws -> [Double] {
      let graph = Graph()
      let context = LayerContext(graph, mode: mode, seed: 5)
      let output = try context.trace(layer, graph.constant(ShapedArray(repeating: 0.3, shape: [1, 2, 3])))
      var values = ["step": ShapedArray<Double>(scalar: 0)]
      for parameter in context.parameters {
        values[parameter.path] = parameter.initialValue(seed: 2).map { Double($0) }
      }
      return try Interpreter(values: values).evaluate([output])[0].scalars
    }
    let (plain, dropping) = (GRU(8, layers: 2), GRU(8, layers: 2, dropout: 0.5))
    #expect(try outputs(.inference, dropping) == outputs(.inference, plain))
    #expect(try outputs(.training, plain) == outputs(.inference, plain))
    #expect(try outputs(.training, dropping) != outputs(.training, plain))
    #expect(try outputs(.training, GRU(8, dropout: 0.5)) == outputs(.training, GRU(8)))
  }

  @Test func `first weights are orthogonal along the state, and forget gates open`() throws {
    let parameters = try LSTM(12).parameters(for: TensorType([1, 2, 5]))
    #expect(parameters.map(\.path) == ["weight", "recurrentWeight", "bias"])
    let recurrent = parameters[1].initialValue(seed: 3)
    #expect(recurrent.shape == [12, 48])
    for gate in 0..<4 {
      let rows = (0..<12).map { row in recurrent.scalars[row * 48 + gate * 12..<row * 48 + gate * 12 + 12] }
      for i in 0..<12 {
        for j in 0..<12 {
          let product: Float = zip(rows[i], rows[j]).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(product - (i == j ? 1 : 0)) < 1e-6)
        }
      }
    }
    #expect(recurrent.scalars[0] != recurrent.scalars[12])
    let bias = parameters[2].initialValue(seed: 3).scalars
    #expect(bias == Array(repeating: 0, count: 12) + Array(repeating: 1, count: 12) + Array(repeating: 0, count: 24))
    let wide = Initializer.orthogonal.values(shape: [2, 3], fanIn: 2, fanOut: 3, seed: 0, path: "w").scalars
    let overlap: Float = zip(wide[..<3], wide[3...]).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(overlap) < 1e-6)
  }

  @Test func `descriptions are read as they were written`() throws {
    var options = RecurrentOptions(
      units: 5, layers: 3, directions: .both, dropout: 0.25, returnsSequence: false, returnsState: true,
      usesBias: false, weightInitializer: .heNormal, recurrentInitializer: .gates([.orthogonal, .zeros]),
      forgetBias: 0.5, name: "memory")
    for layer in [LSTM(options: options) as any Layer, LSTM(4), GRU(4), SimpleRecurrent(4)] {
      #expect(try RecurrentLayerTests.roundTrip(layer) == AnyLayer(layer))
    }
    options.forgetBias = 1
    let relu = SimpleRecurrent(options: options, activation: .relu)
    #expect(try Self.roundTrip(relu) == AnyLayer(relu))
    #expect(try Self.roundTrip(GRU(options: options)) == AnyLayer(GRU(options: options)))
  }

  static let mistakes: [(any Layer, [TensorType], String)] = [
    (LSTM(0), [TensorType([2, 3, 4])], "a lstm layer needs at least 1 unit, not 0"),
    (LSTM(.max), [TensorType([2, 3, 4])], "units are too many"),
    (GRU(3, layers: 0), [TensorType([2, 3, 4])], "a stack of 1 to 1000 layers, not 0"),
    (GRU(3, dropout: 1), [TensorType([2, 3, 4])], "less than 1, not 1.0"),
    (GRU(3), [TensorType([2, 3])], "takes float32 [batch, time, features], but its input is float32[2, 3]"),
    (GRU(3), [], "but it has no input"),
    (GRU(3), [TensorType([2, 0, 4])], "at least 1 step"),
    (LSTM(3), [TensorType([2, 3, 4]), TensorType([2, 3])], "was given float32[2, 3]"),
    (GRU(3), [TensorType([2, 3, 4]), TensorType([3, 3])], "first hidden states, float32 [2, 3]"),
    (GRU(3), [TensorType([2, 3, 4]), TensorType([3], .int32)], "lengths, int32 [2]"),
    (LSTM(options: RecurrentOptions(units: 3, forgetBias: .nan)), [TensorType([2, 3, 4])], "finite, not nan"),
    (
      SimpleRecurrent(options: RecurrentOptions(units: 3), activation: .softplus), [TensorType([2, 3, 4])],
      "applies tanh or relu, not softplus"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func `mistakes are told`(index: Int) {
    let (layer, types, message) = Self.mistakes[index]
    let graph = Graph()
    let inputs = types.enumerated().map { graph.input("x\($0)", $1) }
    let error = #expect(throws: LayerError.self) { try LayerContext(graph, mode: .training).trace(layer, inputs) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}

extension RecurrentLayerTests {
  private static func roundTrip(_ layer: any Layer) throws -> AnyLayer {
    try JSONDecoder().decode(AnyLayer.self, from: JSONEncoder().encode(AnyLayer(layer)))
  }
}

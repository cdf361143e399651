import FixtureSupport
import NeuralNetworks
import ReferenceBackend
import Testing

struct LayerTests {
  struct Cases: Decodable {
    struct Case: Decodable {
      let input, weight, bias, cotangent, output: FixtureArray
      let inputGradient, weightGradient, biasGradient: FixtureArray
    }

    let cases: [String: Case]
  }

  @Test(arguments: ActivationFunction.allCases.filter { $0 != .step })
  func `a dense layer and its gradients match PyTorch's`(activation: ActivationFunction) throws {
    let example = try #require(try Fixture.load("layers", as: Cases.self).cases[activation.rawValue])
    let fixture = LayerFixture(
      layer: AnyLayer(Dense(4, activation: activation)), input: example.input, cotangent: example.cotangent,
      output: example.output, inputGradient: example.inputGradient,
      parameters: ["weight": example.weight, "bias": example.bias],
      gradients: ["weight": example.weightGradient, "bias": example.biasGradient], updates: nil)
    try fixture.check(.training, reference: 1e-12)
  }

  @Test func `layers are named by kind and number, or by name`() throws {
    let network = Sequential {
      Flatten()
      Dense(4, activation: .relu)
      Dropout(0.5)
      Dense(3, usesBias: false)
      Sequential(name: "head") {
        Dense(3)
        Dense(2, name: "output")
      }
      Sequential { Dense(1) }
    }
    let parameters = try network.parameters(for: TensorType([5, 2, 3]))
    #expect(parameters.map(\.path) == [
      "dense1/weight", "dense1/bias", "dense2/weight", "head/dense1/weight", "head/dense1/bias", "head/output/weight",
      "head/output/bias", "sequential2/dense1/weight", "sequential2/dense1/bias",
    ])
    #expect(parameters.map(\.shape) == [[6, 4], [4], [4, 3], [3, 3], [3], [3, 2], [2], [2, 1], [1]])
    #expect(parameters[0].fanIn == 6 && parameters[0].fanOut == 4)
    #expect(parameters[0].initializer == .heUniform && parameters[2].initializer == .glorotUniform)
    #expect(parameters.map(\.role).filter { $0 == .weight }.count == 5)
    #expect(try network.outputType(for: TensorType([5, 2, 3])) == TensorType([5, 1]))
    #expect(try Sequential {}.outputType(for: TensorType([7])) == TensorType([7]))
  }

  @Test func `a builder takes conditions and repetitions`() {
    let (deep, dropping) = (true, false)
    let network = Sequential {
      for units in [3, 2] { Dense(units) }
      if dropping { Dropout(0.1) }
      if deep { Dense(1) } else { Flatten() }
    }
    #expect(network == Sequential([Dense(3), Dense(2), Dense(1)]))
    #expect(network != Sequential([Dense(3), Dense(2), Flatten()]))
    #expect(network.hashValue == Sequential([Dense(3), Dense(2), Dense(1)]).hashValue)
  }

  @Test func `the same network in two contexts of a graph shares its weights`() throws {
    let graph = Graph()
    let input = graph.input("input", TensorType([1, 2]))
    let network = Sequential { Dense(2) }
    let training = try LayerContext(graph, mode: .training).trace(network, input)
    let use = try LayerContext(graph, mode: .inference).trace(network, input)
    #expect(graph.nodes.filter { $0.operation is Variable }.count == 2)
    #expect(training.value != use.value)
  }

  static let mistakes: [(Sequential, String)] = [
    (
      Sequential { Dense(3, name: "hidden"); Dense(0) },
      "dense2: a dense layer needs at least 1 unit, not 0"
    ),
    (
      Sequential { Dense(3); Sequential(name: "head") { Dense(-4) } },
      "head/dense1: a dense layer needs at least 1 unit, not -4"
    ),
    (Sequential { Dropout(1) }, "dropout1: the dropout rate must be at least 0 and less than 1, not 1.0"),
    (Sequential { Dropout(.nan) }, "dropout1: the dropout rate must be at least 0 and less than 1, not nan"),
    (
      Sequential { Dense(2, name: "a"); Dense(2, name: "a") },
      "two layers are called 'a'; give one of them another name"
    ),
    (
      Sequential { Sequential(name: "b") { Dense(2, name: "dense2"); Dense(2) } },
      "b: two layers are called 'b/dense2'; give one of them another name"
    ),
    (
      Sequential { Dense(2, name: "a/b") },
      "'a/b' cannot be a name; use letters, digits, '-', '_' and '.'"
    ),
    (
      Sequential { Dense(2, weightInitializer: .normal(mean: 0, deviation: -1)) },
      "dense1: the initializer of 'weight' cannot be used: the mean must be finite and the deviation finite and not "
        + "negative, not 0.0 and -1.0"
    ),
    (
      Sequential { Dense(2, biasInitializer: .uniform(lower: 1, upper: -1)) },
      "dense1: the initializer of 'bias' cannot be used: the bounds must be finite and in order, not 1.0 and -1.0"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func `mistakes name the layer and the way out`(index: Int) {
    let (network, message) = Self.mistakes[index]
    let error = #expect(throws: LayerError.self) { try network.parameters(for: TensorType([2, 3])) }
    #expect(error?.description == message)
  }

  @Test func `an input that does not fit names the layer`() throws {
    let network = Sequential { Sequential(name: "body") { Dense(10, name: "hidden") } }
    let row = #expect(throws: LayerError.self) { try network.parameters(for: TensorType([28])) }
    #expect(
      row?.description == "body/hidden: a dense layer takes float32 [batch, ..., features], but its input is "
        + "float32[28]; give it real numbers with two axes or more")
    let labels = #expect(throws: LayerError.self) { try network.parameters(for: TensorType([32, 8], .int32)) }
    #expect(labels?.description.hasSuffix("int32[32, 8]; give it real numbers with two axes or more") == true)
    #expect(try network.outputType(for: TensorType([32, 7, 28])) == TensorType([32, 7, 10]))
    let scalar = #expect(throws: LayerError.self) { try Sequential { Flatten() }.parameters(for: TensorType(.scalar)) }
    #expect(scalar?.description == "flatten1: a flatten layer takes [batch, ...], but its input is a scalar")
    // What an operation refuses is told with the layer's path too.
    let activation = #expect(throws: GraphError.self) {
      try Sequential { Activation(.relu) }.parameters(for: TensorType([3], .int32))
    }
    #expect(activation?.scope == "activation1")
    // More weights than can be addressed.
    let huge = #expect(throws: GraphError.self) { try Sequential { Dense(.max) }.parameters(for: TensorType([2, 3])) }
    #expect(huge?.scope == "dense1")
  }

  @Test func `a network of steps can be used but not trained`() throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let output = try context.trace(Dense(1, activation: .step), graph.input("input", TensorType([1, 2])))
    let interpreter = Interpreter(values: [
      "input": ShapedArray(repeating: 1, shape: [1, 2]), "weight": ShapedArray(repeating: 1, shape: [2, 1]),
      "bias": ShapedArray([-1.5]),
    ])
    #expect(try interpreter.evaluate([output])[0].scalars == [1])
    #expect(throws: NotDifferentiable.self) {
      try gradients(of: output.sum(), withRespectTo: context.parameterTensors)
    }
  }

  @Test func `dropout drops while training and passes on in use`() throws {
    let graph = Graph()
    let input = graph.input("input", TensorType([40, 50]))
    let network = Sequential {
      Dropout(0.25)
      Dropout(0.25)
    }
    let ones = ShapedArray<Double>(repeating: 1, shape: [40, 50])
    #expect(try LayerContext(graph, mode: .inference, seed: 3).trace(network, input).value == input.value)
    #expect(!graph.usesStepCounter)
    func run(_ layer: any Layer, seed: UInt64, step: Double) throws -> [Double] {
      let output = try LayerContext(graph, mode: .training, seed: seed).trace(layer, input)
      let interpreter = Interpreter(values: ["input": ones, "step": ShapedArray(scalar: step)])
      return try interpreter.evaluate([output])[0].scalars
    }
    let once = try run(Sequential { Dropout(0.25) }, seed: 3, step: 0)
    #expect(graph.usesStepCounter)
    #expect(Set(once) == [0, 1 / 0.75])
    let share = Double(once.filter { $0 == 0 }.count) / 2000
    // The standard deviation of the share is 0.0097.
    #expect(abs(share - 0.25) < 0.05)
    #expect(try run(Sequential { Dropout(0.25) }, seed: 3, step: 0) == once)
    #expect(try run(Sequential { Dropout(0.25) }, seed: 4, step: 0) != once)
    #expect(try run(Sequential { Dropout(0.25) }, seed: 3, step: 1) != once)
    #expect(try run(Sequential { Dropout(0.25, name: "other") }, seed: 3, step: 0) != once)
    // Two layers draw apart: were their masks equal, every survivor of one would survive the other.
    let both = try run(network, seed: 3, step: 0)
    let doublyKept = Double(both.filter { $0 != 0 }.count) / 2000
    #expect(abs(doublyKept - 0.5625) < 0.06)
    #expect(try run(Sequential { Dropout(0) }, seed: 3, step: 0) == ones.scalars)
  }

  @Test func `random feedback changes what goes back through a layer, and nothing else`() throws {
    let layers: [(AnyLayer, Shape)] = [
      (AnyLayer(Dense(4)), [3, 5]), (AnyLayer(Convolution(4, kernel: [3], padding: .same, groups: 2)), [2, 5, 6]),
      (AnyLayer(TransposedConvolution(4, kernel: [2, 3])), [2, 3, 4, 5]),
    ]
    for (layer, shape) in layers {
      func run(_ hasRandomFeedback: Bool) throws -> [ShapedArray<Double>] {
        let graph = Graph()
        let context = LayerContext(graph, mode: .training, seed: 3, hasRandomFeedback: hasRandomFeedback)
        let x = graph.input("x", TensorType(shape))
        let output = try context.trace(layer.layer, x)
        let derivatives = try gradients(of: (output * output).sum(), withRespectTo: [x] + context.parameterTensors)
        var values = ["x": ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Double($0 % 7) / 4 - 0.6 })]
        for parameter in context.parameters {
          values[parameter.path] = parameter.initialValue(seed: 1).map { Double($0) }
        }
        return try Interpreter(values: values).evaluate([output] + derivatives)
      }
      let (own, random) = (try run(false), try run(true))
      for index in own.indices {
        let difference = worstDifference(random[index].scalars, own[index].scalars)
        #expect(index == 1 ? difference > 0.1 : difference < 1e-9, "\(layer.layer.kind) \(index)")
      }
    }
    let context = LayerContext(Graph(), mode: .training, hasRandomFeedback: true)
    let error = #expect(throws: LayerError.self) {
      try context.trace(LSTM(3), context.graph.input("x", TensorType([2, 3, 4])))
    }
    #expect(error?.message.contains("no rule for a lstm layer") == true)
  }
}

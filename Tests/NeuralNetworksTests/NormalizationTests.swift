import CPUBackend
import FixtureSupport
import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

/// Layers of normalisation, and activations with settings, against PyTorch on both backends.
struct NormalizationTests {
  struct Fixtures: Decodable {
    struct Curve: Decodable {
      let input, output, slope: FixtureArray
    }

    let cases: [String: LayerFixture]
    let activations: [String: Curve]
  }

  static let names = [
    "batch, table", "batch, images", "batch, volumes", "batch, not affine", "batch, images in use", "layer, rows",
    "layer, in use", "layer, without bias", "layer, three axes", "layer, plain", "rms", "group, images", "group, one",
    "group, table", "instance, images", "instance, volumes", "prelu", "prelu, shared", "leaky relu",
  ]

  @Test func `every case of the fixtures is tested`() throws {
    let fixtures = try Fixture.load("normalization", as: Fixtures.self)
    #expect(fixtures.cases.keys.sorted() == Self.names.sorted())
  }

  @Test(arguments: names)
  func `outputs, gradients and running statistics match PyTorch's on both backends`(name: String) throws {
    let example = try #require(try Fixture.load("normalization", as: Fixtures.self).cases[name])
    try example.check(name.hasSuffix("in use") ? .inference : .training)
  }

  @Test(arguments: [
    ActivationFunction.gelu, .geluTanh, .silu, .elu, .selu, .leakyReLU, .hardSigmoid, .hardTanh, .hardSwish, .softsign,
    .mish,
  ])
  func `activations and their slopes match PyTorch's, and stay numbers at the ends`(
    function: ActivationFunction
  ) throws {
    let curve = try #require(try Fixture.load("normalization", as: Fixtures.self).activations[function.rawValue])
    func run(_ input: ShapedArray<Double>) throws -> (values: [Double], slopes: [Double], floats: [[Float]]) {
      let graph = Graph()
      let x = graph.input("x", TensorType(input.shape))
      let y = function(x)
      graph.output("y", y)
      graph.output("slope", try gradients(of: y.sum(), withRespectTo: [x])[0])
      var interpreter = Interpreter(values: ["x": input])
      let results = try interpreter.run(graph)
      let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: 1))
      try program.setInput("x", to: input.map { Float($0) })
      try program.run()
      return (
        results["y"]?.scalars ?? [], results["slope"]?.scalars ?? [],
        [try program.output("y").scalars, try program.output("slope").scalars]
      )
    }
    let results = try run(curve.input.array)
    #expect(worstDifference(results.values, curve.output.array.scalars) < 1e-11)
    #expect(worstDifference(results.slopes, curve.slope.array.scalars) < 1e-11)
    #expect(worstSingleDifference(results.floats[0].map { Double($0) }, curve.output.array.scalars) < 1e-4)
    #expect(worstSingleDifference(results.floats[1].map { Double($0) }, curve.slope.array.scalars) < 1e-4)
    let ends = try run(ShapedArray([-.infinity, -3e38, -1e20, 1e20, 3e38, .infinity]))
    #expect((ends.values + ends.slopes).allSatisfy { !$0.isNaN })
    #expect(ends.floats.joined().allSatisfy { !$0.isNaN })
    #expect(try run(ShapedArray([.nan])).values[0].isNaN)
  }

  @Test func `statistics far from zero keep their digits`() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([4096, 3]))
    let (normalized, mean, variance) = normalize(
      x, alongAxes: [0], scale: graph.constant(1).broadcast(to: [3]), shift: graph.constant(0).broadcast(to: [3]),
      epsilon: 1e-5)
    for (name, tensor) in [("y", normalized), ("mean", mean), ("variance", variance)] { graph.output(name, tensor) }
    let input = ShapedArray<Float>(
      shape: [4096, 3], unchecked: (0..<12_288).map { 10_000 + Float($0 * 7_919 % 1_024) / 512 })
    var interpreter = Interpreter(values: ["x": input.map { Double($0) }])
    let expected = try interpreter.run(graph)
    for threads in [1, 2] {
      let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: threads))
      try program.setInput("x", to: input)
      try program.run()
      for (name, tolerance) in [("mean", 1e-6), ("variance", 1e-3)] {
        let scalars = try program.output(name).scalars.map { Double($0) }
        #expect(worstDifference(scalars, try #require(expected[name]).scalars) < tolerance, "\(name)")
      }
    }
  }

  @Test func `normalisation, relu and their gradients become two kernels`() throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let network = Sequential {
      BatchNormalization()
      Activation(.relu)
    }
    let output = try context.trace(network, graph.input("x", TensorType([8, 3])))
    graph.output("loss", (output * graph.input("w", TensorType([8, 3]))).sum())
    let gradients = try gradients(of: graph.tensor(graph.outputs[0].value), withRespectTo: context.parameterTensors)
    for (index, gradient) in gradients.enumerated() { graph.output("gradient \(index)", gradient) }
    let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: 1))
    let kernels = program.steps.map(\.implementation)
    #expect(kernels.filter { $0.hasPrefix("normalization") } == [
      "normalization with relu", "normalization gradient with relu",
    ])
    let plain = CompilationOptions(passes: Pass.all.filter { $0.name != "normalization fusion" })
    let reference = try compile(graph, variables: program.variables, backend: CPUBackend(threads: 1), options: plain)
    for program in [program, reference] {
      try program.setInput("x", to: ShapedArray(shape: [8, 3], unchecked: (0..<24).map { Float($0 * 7 % 11) }))
      try program.setInput("w", to: ShapedArray(shape: [8, 3], unchecked: (0..<24).map { Float($0 * 5 % 7) - 3 }))
      try program.variables.set("batchNormalization1/scale", to: ShapedArray([1, -2, 0.5]))
      try program.run()
    }
    for name in program.outputs.keys.sorted() {
      let scalars = try reference.output(name).scalars.map { Double($0) }
      #expect(worstDifference(try program.output(name).scalars.map { Double($0) }, scalars) < 1e-4)
    }
  }

  @Test(arguments: [
    (AnyLayer(BatchNormalization(momentum: 0)), "the momentum must be greater than 0 and at most 1, not 0.0"),
    (AnyLayer(BatchNormalization(epsilon: 0)), "epsilon must be positive and finite, not 0.0"),
    (AnyLayer(LayerNormalization(axisCount: 2)), "the last 2 axes of float32[2, 6] cannot be normalised"),
    (AnyLayer(GroupNormalization(4)), "6 channels cannot be divided into 4 groups; choose a divisor"),
    (AnyLayer(GroupNormalization(0)), "6 channels cannot be divided into 0 groups; choose a divisor"),
    (AnyLayer(InstanceNormalization()), "takes float32 [batch, ..., channels] with places between"),
    (AnyLayer(SpatialDropout(0.5)), "takes [batch, ..., channels] with places between"),
    (AnyLayer(LeakyReLU(slope: .nan)), "the slope must be finite, not nan"),
    (AnyLayer(Maxout(3, pieces: 0)), "at least 1 unit of at least 1 piece, not 3 of 0"),
    (AnyLayer(Maxout(.max)), "at least 1 unit of at least 1 piece"),
  ])
  func `settings that cannot be used are told`(layer: AnyLayer, message: String) {
    let error = #expect(throws: LayerError.self) { try layer.layer.parameters(for: TensorType([2, 6])) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}

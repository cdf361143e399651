import CPUBackend
import Differentiation
import Testing

/// Products and convolutions of factors that are rounded to bfloat16, against a reference that rounds the same ones.
/// Where the processor has no instructions for them they are emulated.
@Suite struct Bfloat16Tests {
  static let products = NamedSample.all.filter { named in
    let operation = named.sample.operation
    return operation is MatrixMultiply || operation is any ConvolutionOperation
  }

  @Test(arguments: products, [true, false])
  func productsFollowReference(_ named: NamedSample, isOptimised: Bool) throws {
    try expectParity(
      named.graph(), named.inputs, passes: isOptimised ? Pass.all : [], precision: .bfloat16)
  }

  @Test(arguments: products.filter(\.sample.isSmooth))
  func gradientsFollowReference(_ named: NamedSample) throws {
    let graph = try #require(try named.gradients())
    try expectParity(graph, named.inputs, precision: .bfloat16)
  }

  /// Numbers of 16 and more significant bits.
  private func values(_ shape: Shape, _ seed: UInt64) -> ShapedArray<Double> {
    var generator = PhiloxGenerator(seed: seed)
    return ShapedArray(shape: shape, unchecked: (0..<shape.count).map { _ in
      Double(Float.random(in: -1...1, using: &generator))
    })
  }

  private static let extents = [(1, 1, 1), (3, 5, 7), (33, 129, 65), (64, 256, 96), (200, 77, 1)]

  /// Bias, ReLU and descent into the weights, with a rate that is known beforehand and one that is not.
  @Test(arguments: extents, [true, false])
  func fusedProductsFollowReference(_ extents: (Int, Int, Int), isRateGiven: Bool) throws {
    let (rows, inner, columns) = extents
    let graph = Graph()
    let x = graph.input("x", TensorType([rows, inner]))
    let w = graph.variable("w", TensorType([inner, columns]))
    let b = graph.variable("b", TensorType([columns]))
    let y = relu(matrixMultiply(x, w) + b)
    graph.output("y", y)
    let derivatives = try gradients(of: y.sum(), withRespectTo: [w, x])
    let rate = isRateGiven ? graph.input("rate", TensorType(.scalar)) : graph.constant(0.125)
    graph.update(w, to: w - rate * derivatives[0])
    graph.output("dx", derivatives[1])
    var inputs = ["x": values([rows, inner], 1)]
    if isRateGiven { inputs["rate"] = ShapedArray(scalar: 0.125) }
    let variables = ["w": values([inner, columns], 2), "b": values([columns], 3)]
    try expectParity(graph, inputs, variables: variables, precision: .bfloat16, tolerance: 2e-5)
    let program = try compiled(graph)
    #expect(program.steps.contains { $0.operation is FusedMatrixMultiply })
  }

  /// What several products read is rounded once: the input and the weights for both ways, the cotangent for two
  /// products.
  @Test func sharedFactorsAreRoundedOnce() throws {
    let graph = Graph()
    let x = graph.variable("x", TensorType([4, 3, 6]))
    let w = graph.variable("w", TensorType([6, 5]))
    let y = matrixMultiply(x.reshaped(to: [12, 6]), w)
    for (index, gradient) in try gradients(of: (y * y).sum(), withRespectTo: [x, w]).enumerated() {
      graph.output("g\(index)", gradient)
    }
    let program = try compiled(graph)
    #expect(program.steps.count { $0.operation is RoundToBfloat16 } == 3, "\(program.text)")
    #expect(program.text.contains("-> bfloat16[6, 5]"))
    let plain = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: 2))
    #expect(!plain.text.contains("bfloat16"))
  }

  /// Weights of convolutions lie in a layout of oneDNN's own, which a predicting program makes once.
  @Test func convolutionsPackRoundedWeights() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 9, 8, 5])), graph.variable("w", TensorType([3, 3, 5, 18])))
    let b = graph.variable("b", TensorType([18]))
    graph.output("y", relu(x.convolved(with: w, SlidingWindow(strides: [1, 2], low: [1, 1], high: [1, 1])) + b))
    let variables = ["w": values([3, 3, 5, 18], 4), "b": values([18], 5)]
    try expectParity(graph, ["x": values([2, 9, 8, 5], 6)], variables: variables, precision: .bfloat16)
    let program = try compiled(graph)
    let prepared = program.steps.filter(\.isPreparation).map(\.operation.name)
    #expect(prepared.first == "roundToBfloat16", "\(program.text)")
    if Precision.emulatedBfloat16.missingInstructions == nil { #expect(prepared.contains("pack"), "\(program.text)") }
  }

  /// The derivatives by weights and bias are one kernel, whose results are Float32.
  @Test(arguments: [1, 2, 3])
  func derivativesOfConvolutionsFollowReference(groups: Int) throws {
    let graph = Graph()
    let channels = 2 * groups
    let x = graph.input("x", TensorType([3, 11, 7, channels]))
    let (w, b) = (graph.variable("w", TensorType([3, 2, 2, 3 * groups])), graph.variable("b", TensorType([3 * groups])))
    let window = SlidingWindow(strides: [2, 1], low: [1, 0], high: [2, 1], dilations: [1, 2])
    let y = x.convolved(with: w, window, groups: groups) + b
    let c = graph.input("c", y.type)
    for (index, gradient) in try gradients(of: (y * c).sum(), withRespectTo: [x, w, b]).enumerated() {
      graph.output("g\(index)", gradient)
    }
    let pass = try #require(Pass.all.first { $0.name == "bias gradients" })
    let fused = try pass(graph)
    #expect(fused.nodes.contains { $0.operation is FusedConvolutionGradients })
    try expectParity(
      fused, ["x": values(x.shape, 7), "c": values(y.shape, 8)],
      variables: ["w": values(w.shape, 9), "b": values(b.shape, 10)],
      precision: .bfloat16, tolerance: 1e-5)
  }

  /// Every kernel is compared with its definition, on its own rounded operands.
  @Test func programsCanBeValidated() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([8, 10]))
    let (v, w) = (graph.variable("v", TensorType([10, 12])), graph.variable("w", TensorType([12, 3])))
    let y = matrixMultiply(tanh(matrixMultiply(x, v)), w)
    for (index, gradient) in try gradients(of: (y * y).sum(), withRespectTo: [v, w]).enumerated() {
      graph.output("g\(index)", gradient)
    }
    let store = VariableStore()
    for (name, shape) in [("v", [10, 12]), ("w", [12, 3])] as [(String, Shape)] {
      try store.set(name, to: values(shape, 11).map { Float($0) })
    }
    let program = try compile(
      graph, variables: store, backend: CPUBackend(threads: 1),
      options: CompilationOptions(validates: true, precision: .bfloat16))
    #expect(program.text.contains("forward round"))
    try program.setInput("x", to: values([8, 10], 12).map { Float($0) })
    try program.run()
  }

  @Test func runsGiveTheSameBits() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([300, 200])), graph.variable("w", TensorType([200, 100])))
    let y = tanh(matrixMultiply(x, w))
    graph.output("loss", (y * y).mean())
    graph.update(w, to: w - 0.5 * (try gradients(of: (y * y).mean(), withRespectTo: [w])[0]))
    let weights = try (0..<2).map { _ in
      let store = VariableStore()
      try store.set("w", to: values([200, 100], 13).map { Float($0) })
      let program = try compiled(graph, store)
      try program.setInput("x", to: values([300, 200], 14).map { Float($0) })
      for _ in 0..<5 { try program.run() }
      return try store.value(of: "w").scalars.map(\.bitPattern)
    }
    #expect(weights[0] == weights[1])
  }

  @Test func onlyTheCompilerMakesThem() throws {
    let graphs = [
      { $0.input("x", TensorType([2], .bfloat16)) }, { $0.variable("x", TensorType([2], .bfloat16)) },
      { $0.constant(1, .bfloat16) }, { $0.input("x", TensorType([2])).cast(to: .bfloat16) },
    ] as [(Graph) -> Tensor]
    for make in graphs {
      let graph = Graph()
      _ = make(graph)
      #expect(throws: GraphError.self) { try graph.checkFailure() }
    }
  }

  @Test func roundingIsToTheNearestAndThenToEven() {
    let cases: [(Double, Double)] = [
      (1, 1), (1.00390625, 1), (1.003906369, 1.0078125), (1.01171875, 1.015625), (-1.00390625, -1), (0.0, 0.0),
      (3.4e38, .infinity), (-.infinity, -.infinity), (1e-40, Double(Float(bitPattern: 0x1_0000))),
    ]
    for (number, rounded) in cases { #expect(Float(number.roundedToBfloat16) == Float(rounded), "\(number)") }
    #expect(Double.nan.roundedToBfloat16.isNaN)
  }

  private func compiled(_ graph: Graph, _ store: VariableStore = VariableStore()) throws -> Program {
    try compile(
      graph, variables: store, backend: CPUBackend(threads: 2), options: CompilationOptions(precision: .bfloat16))
  }
}

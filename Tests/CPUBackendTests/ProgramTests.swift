import CPUBackend
import Differentiation
import Testing

@Suite struct ProgramTests {
  private func program(
    _ graph: Graph, _ store: VariableStore = VariableStore(), validates: Bool = false
  ) throws -> Program {
    try compile(
      graph, variables: store, backend: CPUBackend(threads: 2),
      options: CompilationOptions(verifies: true, validates: validates))
  }

  @Test func twoVariablesChangePlaces() throws {
    let graph = Graph()
    let (a, b) = (graph.variable("a", TensorType([3])), graph.variable("b", TensorType([3])))
    graph.update(a, to: b)
    graph.update(b, to: a)
    let store = VariableStore()
    try store.set("a", to: ShapedArray([1, 2, 3]))
    try store.set("b", to: ShapedArray([4, 5, 6]))
    let swap = try program(graph, store)
    try swap.run()
    #expect(try store.value(of: "a").scalars == [4, 5, 6])
    #expect(try store.value(of: "b").scalars == [1, 2, 3])
    try swap.run()
    #expect(try store.value(of: "a").scalars == [1, 2, 3])
  }

  @Test func anOutputKeepsTheOldValueOfAVariable() throws {
    let graph = Graph()
    let count = graph.variable("count", TensorType(.scalar, .int32))
    graph.output("before", count)
    graph.update(count, to: count + graph.constant(1, .int32))
    let store = VariableStore()
    let counter = try program(graph, store)
    for expected in 0..<3 {
      try counter.run()
      #expect(try counter.scalar("before") == Float(expected))
      #expect(try store.integers(of: "count") == [Int32(expected + 1)])
    }
  }

  @Test func thePowerOfZeroHasNoSlope() throws {
    let graph = Graph()
    let bases: [Float] = [0x1p-133, 0, 0x1p-127, 2, -3, .infinity, .nan]
    let (x, e) = (graph.input("x", TensorType([7])), graph.input("e", TensorType([7])))
    graph.output("slope", try gradients(of: pow(x, e).sum(), withRespectTo: [x])[0])
    let power = try program(graph)
    try power.setInput("x", to: ShapedArray(bases))
    try power.setInput("e", to: ShapedArray(repeating: 0, shape: [7]))
    try power.run()
    #expect(try power.output("slope").scalars.allSatisfy { $0 == 0 })
    var reference = Interpreter(
      values: ["x": ShapedArray(bases.map(Double.init)), "e": ShapedArray(repeating: 0, shape: [7])])
    #expect(try reference.run(graph)["slope"]?.scalars.allSatisfy { $0 == 0 } == true)
  }

  /// A weight is read by the backward pass after its gradient is known; overwriting it must wait.
  @Test func aWeightIsOverwrittenAfterItsLastReader() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([4, 3]))
    let (w1, w2) = (graph.variable("w1", TensorType([3, 5])), graph.variable("w2", TensorType([5, 2])))
    let loss = matrixMultiply(tanh(matrixMultiply(x, w1)), w2).sum()
    let slopes = try gradients(of: loss, withRespectTo: [w1, w2])
    graph.update(w2, to: w2 - slopes[1] * 0.1)
    graph.update(w1, to: w1 - slopes[0] * 0.1)
    graph.output("loss", loss)
    func ramp(_ shape: Shape) -> ShapedArray<Double> {
      ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Double($0 % 7) / 8 - 0.375 })
    }
    try expectParity(graph, ["x": ramp([4, 3])], variables: ["w1": ramp([3, 5]), "w2": ramp([5, 2])])
    let text = try program(graph).text
    #expect(text.contains("c - 0.1"), "plain gradient descent is folded into the product:\n\(text)")
  }

  @Test func programsOfOneStoreShareVariables() throws {
    let store = VariableStore()
    let training = Graph()
    let w = training.variable("w", TensorType([2]))
    training.update(w, to: w + 1)
    let prediction = Graph()
    prediction.output("y", prediction.variable("w", TensorType([2])) * 10)
    let (first, second) = try (program(training, store), program(prediction, store))
    try first.run()
    try second.run()
    #expect(try second.output("y").scalars == [10, 10])
  }

  @Test func wrongUseIsAnError() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 3]))
    let labels = graph.input("labels", TensorType([2], .int32))
    graph.output("loss", softmaxCrossEntropy(logits: x, labels: labels).losses.sum())
    let program = try program(graph)
    #expect(throws: ProgramError.self) { try program.setInput("z", to: ShapedArray([1])) }
    #expect(throws: ProgramError.self) { try program.setInput("x", to: ShapedArray([1])) }
    #expect(throws: ProgramError.self) { try program.inputBuffer("labels", as: Float.self) }
    #expect(throws: ProgramError.self) { try program.output("y") }
    try program.setInput("labels", to: ShapedArray([0, 3]))
    let error = #expect(throws: ProgramError.self) { try program.run() }
    #expect(error?.description.contains("out of range") == true)
    try program.setInput("labels", to: ShapedArray([0, 2]))
    try program.run()
  }

  @Test func aMillionNodesRun() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    var y = x
    for index in 0..<500_000 { y = index % 2 == 0 ? sin(y) : y + x }
    let slope = try gradients(of: y.sum(), withRespectTo: [x])[0]
    graph.output("slope", slope)
    #expect(graph.nodes.count > 1_000_000)
    let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: 1))
    try program.setInput("x", to: ShapedArray([0.5, -0.25]))
    try program.run()
    let values = try program.output("slope").scalars
    #expect(values.allSatisfy { $0.isFinite && $0 != 0 })
  }

  @Test(arguments: [[.max, 3], [1 << 46], [-5], [.max]] as [Shape])
  func aVariableThatMemoryCannotHoldIsRefused(shape: Shape) {
    let store = VariableStore()
    #expect(throws: VariableError.impossible("w", TensorType(shape))) { try store.declare("w", TensorType(shape)) }
    #expect(throws: VariableError.self) { try store.setIntegers("w", to: [], shape: shape) }
    #expect(store.names.isEmpty)
    let graph = Graph()
    graph.output("sum", graph.variable("w", TensorType(shape)).sum())
    #expect(throws: (any Error).self) { try program(graph, store) }
  }

  /// An operation that the backend has never heard of runs by its own definition.
  @Test func anOperationOfAnotherPackageRuns() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([3]))
    let loop = graph.apply(Cube(), to: [x + 1])[0]
    graph.output("y", graph.apply(Reverse(), to: [loop * 2])[0])
    try expectParity(graph, ["x": ShapedArray([1, 2, 3])])
  }

  @Test func validationFindsAWrongKernel() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([4]))
    graph.output("y", matrixMultiply(x.reshaped(to: [2, 2]), x.reshaped(to: [2, 2])))
    func run(_ backend: some Backend) throws {
      let program = try compile(
        graph, variables: VariableStore(), backend: backend, options: CompilationOptions(validates: true))
      try program.setInput("x", to: ShapedArray([1, 2, 3, 4]))
      try program.run()
    }
    try run(CPUBackend())
    #expect(throws: ValidationError.self) { try run(TransposingBackend()) }
  }

  @Test func whatIsNoNumberStaysSoInReLUs() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 3])), graph.input("w", TensorType([3, 4])))
    graph.output("product", relu(matrixMultiply(x, w) + graph.input("b", TensorType([4]))))
    let pixels = graph.input("pixels", TensorType([1, 2, 2, 1]))
    let kernel = graph.input("kernel", TensorType([1, 1, 1, 2]))
    graph.output("convolution", relu(pixels.convolved(with: kernel, SlidingWindow(strides: [1, 1]))))
    let program = try program(graph)
    try program.setInput("x", to: ShapedArray(shape: [2, 3], unchecked: [.nan, 1, 1, 1, 1, 1]))
    try program.setInput("w", to: ShapedArray(repeating: 1, shape: [3, 4]))
    try program.setInput("b", to: ShapedArray(repeating: 0, shape: [4]))
    try program.setInput("pixels", to: ShapedArray(shape: [1, 2, 2, 1], unchecked: [.nan, -1, 1, 2]))
    try program.setInput("kernel", to: ShapedArray(repeating: 1, shape: [1, 1, 1, 2]))
    try program.run()
    let product = try program.output("product").scalars, convolution = try program.output("convolution").scalars
    #expect(product[..<4].allSatisfy(\.isNaN) && product[4...] == [3, 3, 3, 3])
    #expect(convolution[..<2].allSatisfy(\.isNaN) && convolution[2...] == [0, 0, 1, 1, 2, 2])
  }

  @Test func sumsOfManyRowsKeepTheirDigits() throws {
    let count = 1_000_000
    let graph = Graph()
    let x = graph.input("x", TensorType([count, 2]))
    graph.output("columns", x.sum(alongAxes: [0]))
    graph.output("all", x.sum())
    let program = try program(graph)
    try program.setInput("x", to: ShapedArray(repeating: 0.1, shape: [count, 2]))
    try program.run()
    let exact = Double(Float(0.1)) * Double(count)
    for sum in try program.output("columns").scalars { #expect(abs(Double(sum) / exact - 1) < 2e-6) }
    #expect(abs(Double(try program.output("all").scalars[0]) / (2 * exact) - 1) < 2e-6)
  }

  @Test func whatAProgramCostsIsKnown() throws {
    let graph = Graph()
    let (a, b) = (graph.input("a", TensorType([8, 16])), graph.input("b", TensorType([16, 4])))
    graph.output("c", matrixMultiply(a, b))
    let program = try program(graph)
    #expect(program.steps.count == 1)
    #expect(program.cost == KernelCost(operations: 2 * 8 * 16 * 4, bytes: 4 * (8 * 16 + 16 * 4 + 8 * 4)))
    #expect(program.arenaByteCount >= program.cost.bytes)
    #expect(program.graphviz.hasPrefix("digraph"))
  }
}

/// `x³`, which no backend knows.
struct Cube: ElementwiseOperation {
  static let name = "cube"
  static let arity = 1
  func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a * a * a }
  func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent * step.operands[0] * step.operands[0] * 3] }
  static var samples: [OperationSample] { [] }
}

/// The elements in reverse order.
struct Reverse: Operation {
  static let name = "reverse"
  func resultTypes(for operands: [TensorType]) throws -> [TensorType] { operands }
  func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.graph(Reverse())] }
  func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    [ShapedArray(shape: operands[0].shape, unchecked: operands[0].scalars.reversed())]
  }
  static var samples: [OperationSample] { [] }
}

extension PullbackStep {
  fileprivate func graph(_ operation: some Operation) -> Tensor { .apply(operation, to: cotangent) }
}

/// Computes `a bᵀ` where `a b` was asked for.
struct TransposingBackend: Backend {
  func perform<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    try CPUBackend().perform(body)
  }

  func prepare(_ step: StepTypes) throws -> PreparedKernel {
    guard step.operation is MatrixMultiply else { return try CPUBackend().prepare(step) }
    return try CPUBackend().prepare(StepTypes(
      operation: MatrixMultiply(transposesRight: true), operands: step.operands, results: step.results,
      isWanted: step.isWanted))
  }
}

import CPUBackend
import Differentiation
import Testing

/// What random graphs have found: passes that took one computation for another, or made a NaN where there was none.
@Suite struct PassParityTests {
  private func values(_ shape: Shape, seed: Int = 0) -> ShapedArray<Double> {
    ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Double(($0 * 7 + seed * 3) % 11) / 8 - 0.6 })
  }

  /// The normalised elements are not all that a normalisation gives.
  @Test func aReLUOfTheMeanIsNotThatOfTheNormalised() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([4, 6])), scale = graph.input("scale", TensorType([6]))
    let (normalized, mean, variance) = normalize(x, alongAxes: [1], scale: scale, shift: scale, epsilon: 1e-3)
    graph.output("normalized", relu(normalized))
    graph.output("mean", relu(mean))
    graph.output("variance", relu(variance - 0.1))
    let x0 = values([4, 6])
    #expect(stride(from: 0, to: 24, by: 6).contains { x0.scalars[$0..<$0 + 6].reduce(0, +) < -0.1 })
    try expectParity(graph, ["x": x0, "scale": values([6], seed: 1)])
  }

  /// Rows of products may have been given another axis before they are summed by index.
  @Test func sumsOfProductsKeepTheirShape() throws {
    let graph = Graph()
    let rows = graph.input("rows", TensorType([12, 3])), weights = graph.input("weights", TensorType([3, 5]))
    let indices = graph.constant(ShapedArray(shape: [3, 4], unchecked: (0..<12).map { Double($0 % 3) }), .int32)
    let products = matrixMultiply(rows, weights).reshaped(to: [3, 4, 1, 5])
    graph.output("sums", products.scatteringAdd(indices, extent: 4))
    try expectParity(graph, ["rows": values([12, 3]), "weights": values([3, 5], seed: 1)])
  }

  /// No gradient reaches a row that is not looked up, whatever the weights behind it are.
  @Test func rowsThatAreNotLookedUpHaveNoGradient() throws {
    let graph = Graph()
    let table = graph.input("table", TensorType([4, 3])), weights = graph.input("weights", TensorType([3, 2]))
    let indices = graph.constant(ShapedArray((0..<10).map { Double($0 % 3) }), .int32)
    let output = matrixMultiply(table.gathering(indices), weights).sum()
    graph.output("gradient", try gradients(of: output, withRespectTo: [table])[0])
    var infinite = values([3, 2])
    infinite.scalars[2] = .infinity
    try expectParity(graph, ["table": values([4, 3]), "weights": infinite])
  }

  /// Steps of which nothing is read do not run: a maximum's kernel would want memory for them.
  @Test func whatNothingReadsIsNotComputed() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 9, 8, 4]))
    let kept = (0..<6).map { relu(x * Double($0)) }
    for tensor in kept { _ = tanh(tensor).maxPooled([2, 2], SlidingWindow(strides: [1, 1], low: [1, 1])) }
    for (index, tensor) in kept.enumerated() { graph.output("y\(index)", tensor) }
    try expectParity(graph, ["x": values([2, 9, 8, 4])], passes: [])
    let program = try compile(
      graph, variables: VariableStore(), backend: CPUBackend(), options: CompilationOptions(passes: []))
    #expect(!program.text.contains("max pool"))
  }

  /// Where a ReLU is 0 an infinite cotangent goes no further.
  @Test(arguments: RecurrentCell.allCases.filter { $0.gateCount == 1 })
  func infiniteCotangentsStopAtRecurrentReLUs(_ cell: RecurrentCell) throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 3, 20])), state = graph.input("state", TensorType([2, 20]))
    let weights = graph.input("weights", TensorType([20, 20]))
    let cotangent = graph.input("cotangent", TensorType([2, 3, 20]))
    let hidden = graph.apply(Recurrence(cell), to: [x, state, weights])[0]
    let slopes = try cotangents(of: hidden, withRespectTo: [x], seed: cotangent)
    graph.output("gradient", try #require(slopes[0]))
    var infinite = values([2, 3, 20], seed: 2)
    // The first step's: what goes on to an earlier step is multiplied by weights.
    let inputs = values([2, 3, 20])
    for unit in 0..<20 where inputs.scalars[unit] < -0.3 { infinite.scalars[unit] = cell == .relu ? .infinity : 1 }
    try expectParity(
      graph,
      [
        "x": inputs, "state": values([2, 20]).map { _ in 0 }, "weights": values([20, 20]).map { $0 / 8 },
        "cotangent": infinite,
      ])
  }
}

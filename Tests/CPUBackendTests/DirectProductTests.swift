import CPUBackend
import Differentiation
import Testing

/// Products without a library follow the reference wherever rows, columns and inner extents end.
@Suite struct DirectProductTests {
  private func values(_ shape: Shape, _ seed: UInt64) -> ShapedArray<Double> {
    var generator = PhiloxGenerator(seed: seed)
    return ShapedArray(
      shape: shape,
      unchecked: (0..<shape.count).map { _ in Double(Float.random(in: -1...1, using: &generator)) })
  }

  /// A layer with its derivatives, and its update by a rate that is known or given.
  private func layer(rows: Int, inner: Int, columns: Int, isRateGiven: Bool) throws -> Graph {
    let graph = Graph()
    let x = graph.input("x", TensorType([rows, inner]))
    let w = graph.variable("w", TensorType([inner, columns]))
    let b = graph.variable("b", TensorType([columns]))
    let y = matrixMultiply(x, w) + b
    graph.output("y", y)
    let derivatives = try gradients(of: (y * y).sum(), withRespectTo: [w, x])
    let rate = isRateGiven ? graph.input("rate", TensorType(.scalar)) : graph.constant(0.125)
    graph.update(w, to: w - rate * derivatives[0])
    graph.output("dx", derivatives[1])
    return graph
  }

  @Test(arguments: [1, 2, 7, 8, 9, 17], [1, 2, 15, 16, 17, 31, 33, 48, 64, 65, 130])
  func everyExtentIsWhole(rows: Int, columns: Int) throws {
    for inner in [1, 2, 5, 16, 33] {
      for isRateGiven in [false, true] {
        var inputs = ["x": values([rows, inner], 1)]
        if isRateGiven { inputs["rate"] = ShapedArray(scalar: 0.125) }
        try expectParity(
          layer(rows: rows, inner: inner, columns: columns, isRateGiven: isRateGiven), inputs,
          variables: ["w": values([inner, columns], 2), "b": values([columns], 3)])
      }
    }
  }

  /// Beyond the columns of a row lie those of the next one, which must not leak.
  @Test(arguments: [(1, 5), (1, 40), (3, 5), (9, 20)])
  func whatIsNoNumberStaysInItsColumn(rows: Int, columns: Int) throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([rows, 6])), graph.input("w", TensorType([6, columns])))
    graph.output("y", matrixMultiply(x, w))
    graph.output("z", matrixMultiply(x, w.reshaped(to: [columns, 6]), transposesRight: true))
    var weights = values([6, columns], 2)
    weights = ShapedArray(
      shape: weights.shape, unchecked: weights.scalars.enumerated().map { index, value in
        index == columns + 1 ? .nan : index == 3 * columns ? .infinity : value
      })
    try expectParity(graph, ["x": values([rows, 6], 1), "w": weights])
  }

  @Test func onlySmallProductsAreDirect() throws {
    func implementations(_ rows: Int, _ inner: Int, _ columns: Int) throws -> [String] {
      let graph = Graph()
      let x = graph.input("x", TensorType([rows, inner]))
      graph.output("y", matrixMultiply(x, graph.variable("w", TensorType([inner, columns]))))
      let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: 2))
      return program.steps.map(\.implementation)
    }
    #expect(try implementations(10, 8, 8) == ["direct product"])
    #expect(try implementations(1, 784, 128) == ["direct product"])
    #expect(try implementations(128, 784, 256).allSatisfy { $0.hasPrefix("oneDNN") })
    #expect(try implementations(1, 2_048, 2_048).allSatisfy { $0.hasPrefix("oneDNN") })
  }
}

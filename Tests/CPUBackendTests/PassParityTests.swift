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
}

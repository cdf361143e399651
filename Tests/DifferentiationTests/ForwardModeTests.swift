import Differentiation
import ReferenceBackend
import Testing

@Suite struct ForwardModeTests {
  @Test func aDirectionalDerivativeIsTheGradientTimesTheDirection() throws {
    let graph = Graph()
    let (x, v) = (graph.input("x", TensorType([3])), graph.input("v", TensorType([3])))
    let y = (sin(x) * x * x).sum()
    let forward = try directionalDerivative(of: y, withRespectTo: [x], along: [v])
    let backward = try (gradients(of: y, withRespectTo: [x])[0] * v).sum()
    let interpreter = Interpreter(values: [
      "x": ShapedArray(shape: [3], unchecked: [0.3, -1.2, 2]), "v": ShapedArray(shape: [3], unchecked: [1, 0.5, -2]),
    ])
    let values = try interpreter.evaluate([forward, backward]).map { $0.scalars[0] }
    #expect(abs(values[0] - values[1]) < 1e-12)
    #expect(abs(values[0]) > 0.1)
  }

  @Test func outputsMayHaveAnyShape() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 3])), graph.input("w", TensorType([3, 2])))
    let along = graph.constant(ShapedArray(shape: [3, 2], unchecked: [1, 2, 3, 4, 5, 6]))
    let forward = try directionalDerivative(of: matrixMultiply(x, w), withRespectTo: [w], along: [along])
    let interpreter = Interpreter(values: [
      "x": ShapedArray(shape: [2, 3], unchecked: [1, 0, 2, -1, 1, 0]),
      "w": ShapedArray(shape: [3, 2], unchecked: Array(repeating: 7, count: 6)),
    ])
    #expect(try interpreter.evaluate([forward])[0].scalars == [11, 14, 2, 2])
  }

  @Test func directionsMustFit() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([3]))
    #expect(throws: GraphError.self) {
      try directionalDerivative(of: x.sum(), withRespectTo: [x], along: [graph.input("v", TensorType([2]))])
    }
    #expect(throws: GraphError.self) { try directionalDerivative(of: x.sum(), withRespectTo: [x], along: []) }
  }
}

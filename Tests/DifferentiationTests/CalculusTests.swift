import Differentiation
import ReferenceBackend
import RealModule
import Testing

/// The functions that users differentiate with.
@Suite struct CalculusTests {
  private func close(_ a: Double, _ b: Double) -> Bool { (a - b).magnitude <= 1e-12 * max(1, b.magnitude) }

  @Test func oneNumber() throws {
    #expect(close(try gradient(at: 3.0) { x in x * x + sin(x) }, 6 + .cos(3)))
    let (value, slope) = try valueWithGradient(at: 2.0) { x in exp(x) / x }
    #expect(close(value, .exp(2) / 2) && close(slope, .exp(2) / 4))
    let (square, pullback) = try valueWithPullback(at: 3.0) { $0 * $0 }
    #expect(square == 9 && pullback(1) == 6 && pullback(-2) == -12)
  }

  @Test func severalNumbers() throws {
    let (x, y) = try gradient(at: 3.0, 4.0) { x, y in sqrt(x * x + y * y) }
    #expect(close(x, 0.6) && close(y, 0.8))
    #expect(try valueWithGradient(at: 3.0, 4.0) { x, y in x / y }.value == 0.75)
    let (value, gradient) = try valueWithGradient(at: 2.0, 3.0, 5.0) { x, y, z in x * y * z }
    #expect(value == 30 && gradient == (15, 10, 6))
    let (_, two) = try valueWithPullback(at: 2.0, 3.0) { x, y in x * y }
    #expect(two(10) == (30, 20))
    let (_, three) = try valueWithPullback(at: 2.0, 3.0, 5.0) { x, y, z in x * y + z }
    #expect(three(-1) == (-3, -2, -1))
  }

  @Test func vectorsAndArrays() throws {
    #expect(try gradient(at: [1, 2, 3]) { x in (x * x).sum() } == [2, 4, 6])
    let (mean, slopes) = try valueWithGradient(at: [1, 2, 3]) { $0.mean() }
    #expect(mean == 2 && slopes == [1, 1, 1].map { $0 / 3 })
    let matrix = ShapedArray<Double>(shape: [2, 2], unchecked: [1, 2, 3, 4])
    let ofMatrix = try gradient(at: matrix) { ($0 * $0.transposed()).sum() }
    #expect(ofMatrix == ShapedArray(shape: [2, 2], unchecked: [2, 6, 4, 8]))
    let both = try gradient(at: [matrix, ShapedArray([5, 6])]) { x in
      matrixMultiply(x[0], x[1].reshaped(to: [2, 1])).sum()
    }
    #expect(both == [ShapedArray(shape: [2, 2], unchecked: [5, 6, 5, 6]), ShapedArray([4, 6])])
  }

  @Test func pullbacksOfVectors() throws {
    let (value, pullback) = try valueWithPullback(at: [1, 2, 3]) { x in x.sliced(1..<3, alongAxis: 0) * 10 }
    #expect(value == [20, 30])
    #expect(try pullback([1, 0]) == [0, 10, 0])
    #expect(try pullback([1, -1]) == [0, 10, -10])
    #expect(throws: ShapedArrayError.self) { try pullback([1]) }
    let point = [ShapedArray([1.0, 2]), ShapedArray(scalar: 3)]
    let (product, back) = try valueWithPullback(at: point) { $0[0] * $0[1] }
    #expect(product.scalars == [3, 6])
    #expect(try back(ShapedArray([1, 1])) == [ShapedArray([3, 3]), ShapedArray(scalar: 3)])
    #expect(throws: GraphError.self) { try back(ShapedArray([1, 1, 1])) }
  }

  @Test func derivativesOfAnyOrder() throws {
    let power = { (x: Tensor) in pow(x, 5) }
    for (order, expected) in [32.0, 80, 160, 240, 240, 120, 0].enumerated() {
      #expect(try derivative(of: power, order: order, at: 2) == expected)
    }
    #expect(close(try derivative(of: { sin($0) }, order: 8, at: 0.7), .sin(0.7)))
    #expect(close(try derivative(of: { tanh($0) }, order: 3, at: 0), -2))
    #expect(throws: GraphError.self) { try derivative(of: power, order: -1, at: 2) }
    // What gives no number, or several, has no derivative.
    for shape in [[0], [2]] as [Shape] {
      for order in 0...1 {
        #expect(throws: GraphError.self) { try derivative(of: { $0.broadcast(to: shape) }, order: order, at: 2) }
      }
    }
  }

  @Test func gradientsOfGradients() throws {
    let second = try gradient(at: 3.0) { x in try gradients(of: x * x * x, withRespectTo: [x])[0] }
    #expect(second == 18)
    // The Hessian of x² y + y³ is [[2y, 2x], [2x, 6y]].
    func row(_ index: Int) throws -> (Double, Double) {
      try gradient(at: 2.0, 3.0) { x, y in try gradients(of: x * x * y + y * y * y, withRespectTo: [x, y])[index] }
    }
    #expect(try row(0) == (6, 4) && row(1) == (4, 18))
  }

  @Test func numericGradientIsAccurate() throws {
    let numeric = numericGradient(at: [ShapedArray([0.5, 30])]) { x in .exp(x[0].scalars[0]) + .log(x[0].scalars[1]) }
    #expect((numeric[0].scalars[0] - .exp(0.5)).magnitude < 1e-10)
    #expect((numeric[0].scalars[1] - 1 / 30).magnitude < 1e-10)
  }

  @Test func whatMemoryCannotHoldIsRefused() {
    let graph = Graph()
    let error = #expect(throws: GraphError.self) {
      try Interpreter().evaluate([graph.constant(1).broadcast(to: [1 << 44, 3, 4])])
    }
    #expect(error?.message.contains("too many to interpret") == true)
  }

  @Test func elementsOfAnArrayAreChangedInPlace() {
    var array = ShapedArray<Double>(repeating: 1, shape: [2, 2])
    array[element: 2] = 5
    array[element: 3] += array[element: 2]
    #expect(array.scalars == [1, 1, 5, 6] && array.shape == [2, 2])
  }

  @Test func tensorsOfAnotherFunctionAreRefused() throws {
    let error = #expect(throws: GraphError.self) {
      try gradient(at: 1.0) { x in
        let inner = try gradient(at: 2.0) { y in x * y }
        return x * inner
      }
    }
    #expect(error?.message.contains("another graph") == true)
  }
}

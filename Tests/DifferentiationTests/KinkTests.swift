import Differentiation
import Testing

/// Derivatives at the places where differences cannot tell.
@Suite struct KinkTests {
  @Test func slopesAtKinks() throws {
    #expect(try gradient(at: 0.0) { relu($0) } == 0)
    #expect(try gradient(at: 0.0) { abs($0) } == 0)
    #expect(try gradient(at: 0.3) { sign($0) } == 0)
    #expect(try gradient(at: 0.3) { floor($0) } == 0)
    #expect(try gradient(at: [-1, 0, 0.5, 1, 2]) { $0.clamped(from: 0, to: 1).sum() } == [0, 1, 1, 1, 0])
    #expect(try gradient(at: 2.0, 2.0) { maximum($0, $1) } == (0.5, 0.5))
    #expect(try gradient(at: 2.0, 2.0) { minimum($0, $1) } == (0.5, 0.5))
    #expect(try gradient(at: 2.0, 3.0) { maximum($0, $1) } == (0, 1))
    #expect(try gradient(at: 2.0, 3.0) { minimum($0, $1) } == (1, 0))
  }

  @Test func tiesShareEqually() throws {
    #expect(try gradient(at: [3, 1, 3, 2, 3]) { $0.max() } == [1.0 / 3, 0, 1.0 / 3, 0, 1.0 / 3])
    #expect(try gradient(at: [3, 1, 1, 2]) { 4 * $0.min() } == [0, 2, 2, 0])
  }

  @Test func powersAtZero() throws {
    for (exponent, slope) in [(0.0, 0.0), (1, 1), (2, 0), (3, 0)] {
      #expect(try gradient(at: 0.0) { pow($0, exponent) } == slope)
      // The same with an exponent that is not known while tracing.
      #expect(try gradient(at: 0.0, exponent) { pow($0, $1) } == (slope, 0))
    }
    #expect(try derivative(of: { pow($0, 2) }, order: 2, at: 0) == 2)
    #expect(try derivative(of: { pow($0, 2) }, order: 3, at: 0) == 0)
    #expect(try gradient(at: -2.0) { pow($0, 3) } == 12)
  }

  @Test func productsWithZeros() throws {
    #expect(try gradient(at: [2, 0, 3]) { $0.product() } == [0, 6, 0])
    #expect(try gradient(at: [0, 5, 0, 3]) { $0.product() } == [0, 0, 0, 0])
    #expect(try gradient(at: [7]) { $0.product() } == [1])
    // The mixed second derivative by the two zeros is the product of the others.
    let mixed = try gradient(at: [0, 5, 0, 3]) { x in
      try gradients(of: x.product(), withRespectTo: [x])[0].sliced(0..<1, alongAxis: 0).sum()
    }
    #expect(mixed == [0, 0, 15, 0])
  }

  @Test func stoppedGradientsAreZero() throws {
    #expect(try gradient(at: 3.0) { $0 * stopGradient($0) } == 3)
    #expect(try gradient(at: 3.0) { stopGradient($0) * 2 } == 0)
    #expect(try gradient(at: 3.0) { $0.cast(to: .int32).cast(to: .float32) } == 0)
  }

  @Test func stepRefusesWithAReason() throws {
    let error = #expect(throws: NotDifferentiable.self) {
      try gradient(at: 1.0) { x in x.graph.scope("perceptron/0") { step(x) * x } }
    }
    #expect(error?.scope == "perceptron/0" && error?.operation == "step")
    #expect(error?.description.hasPrefix("perceptron/0: step is not differentiable: its slope is zero") == true)
    #expect(try gradient(at: 1.0) { x in step(stopGradient(x)) * x } == 1)
  }
}

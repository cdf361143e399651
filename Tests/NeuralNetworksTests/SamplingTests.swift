import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

struct SamplingTests {
  /// Two examples of two means and two logarithms of variances.
  private let numbers: [Double] = [1, -2, 0, 0.5, 0.25, 0, -1, 2]

  private func trace(_ mode: LayerContext.Mode, weight: Double = 1) throws -> (output: [Double], added: Double) {
    let graph = Graph()
    let context = LayerContext(graph, mode: mode, seed: 4)
    let output = try context.trace(Sampling(weight: weight), graph.input("x", TensorType([2, 4])))
    #expect(context.addedLosses.count == 1)
    let values = try Interpreter(values: [
      "x": ShapedArray(shape: [2, 4], scalars: numbers), Graph.stepCounterName: ShapedArray(scalar: 0),
    ]).evaluate([output] + context.addedLosses)
    return (values[0].scalars, values[1].scalars[0])
  }

  @Test func `the divergence from the normal distribution is that of the formula`() throws {
    var expected = 0.0
    for example in [numbers[0..<4], numbers[4..<8]].map(Array.init) {
      for (mean, logVariance) in zip(example[0..<2], example[2..<4]) {
        expected += 0.5 * (mean * mean + exp(logVariance) - 1 - logVariance) / 2
      }
    }
    #expect(abs(try trace(.training).added - expected) < 1e-12)
    #expect(abs(try trace(.inference, weight: 0.5).added - expected / 2) < 1e-12)
  }

  @Test func `what is drawn in training is the mean in use`() throws {
    #expect(try trace(.inference).output == [1, -2, 0.25, 0])
    let drawn = try trace(.training).output
    #expect(drawn != [1, -2, 0.25, 0])
    #expect(try trace(.training).output == drawn)
    #expect(zip(drawn, [1, -2, 0.25, 0]).allSatisfy { abs($0 - $1) < 5 * exp(1) })
  }

  @Test func `other inputs are refused`() {
    let context = LayerContext(Graph(), mode: .training)
    #expect(throws: LayerError.self) { try context.trace(Sampling(), context.graph.input("odd", TensorType([2, 3]))) }
    #expect(throws: LayerError.self) {
      try context.trace(Sampling(weight: -1), context.graph.input("x", TensorType([2, 4])))
    }
    #expect(throws: LayerError.self) { try context.addLoss(context.graph.input("many", TensorType([3]))) }
  }
}

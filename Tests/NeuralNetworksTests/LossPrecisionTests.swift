import CPUBackend
import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

/// Losses and their gradients at the ends of what numbers can be, on both backends.
struct LossPrecisionTests {
  private struct Result {
    let loss: Double
    let gradient: [Double]
  }

  /// The loss of logits and its gradient, on the CPU and on the reference.
  private func results(_ loss: Loss, _ outputs: ShapedArray<Float>, _ targets: ShapedArray<Double>) throws -> [Result] {
    let graph = Graph()
    let variable = graph.input("outputs", TensorType(outputs.shape))
    let isLabels = targets.shape.rank < outputs.shape.rank
    let truth = graph.constant(targets, isLabels ? .int32 : .float32)
    let value = try loss(outputs: variable, targets: truth)
    graph.output("loss", value)
    graph.output("gradient", try gradients(of: value, withRespectTo: [variable])[0])
    let program = try compile(graph, variables: VariableStore(), backend: CPUBackend(threads: 1))
    try program.setInput("outputs", to: outputs)
    try program.run()
    var interpreter = Interpreter(values: ["outputs": outputs.map(Double.init)])
    let reference = try interpreter.run(graph)
    return [
      Result(
        loss: Double(try program.output("loss").scalars[0]),
        gradient: try program.output("gradient").scalars.map(Double.init)),
      Result(
        loss: try #require(reference["loss"]).scalars[0], gradient: try #require(reference["gradient"]).scalars),
    ]
  }

  private func agree(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * abs(b) }

  @Test(arguments: [Loss.softmaxCrossEntropy, .focal(focusing: 2), .hinge])
  func `a class that is ruled out is as one that is not there`(loss: Loss) throws {
    let labels = ShapedArray<Double>([2, 1])
    let far = ShapedArray<Float>(shape: [2, 3], unchecked: [-1e6, 0, 1, -1e6, 0, 1])
    let out = ShapedArray<Float>(shape: [2, 3], unchecked: [-.infinity, 0, 1, -.infinity, 0, 1])
    for (result, known) in zip(try results(loss, out, labels), try results(loss, far, labels)) {
      #expect(agree(result.loss, known.loss) && result.loss > 0)
      #expect(zip(result.gradient, known.gradient).allSatisfy(agree), "\(result.gradient) \(known.gradient)")
    }
  }

  @Test(arguments: [
    Loss.softmaxCrossEntropy, .softmaxCrossEntropy(classWeights: [1, 2, 3]),
    .softmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 2, 3]), .focal(focusing: 2), .hinge,
  ])
  func `places without a label are not looked at`(loss: Loss) throws {
    let labels = ShapedArray<Double>(shape: [1, 2], unchecked: [-1, 2])
    let known = try results(loss, ShapedArray(shape: [1, 2, 3], unchecked: [0, 0, 0, 0, 1, 1.5]), labels)
    for hidden in [-Float.infinity, .nan] {
      let outputs = ShapedArray<Float>(shape: [1, 2, 3], unchecked: [hidden, 0, 1, 0, 1, 1.5])
      for (result, known) in zip(try results(loss, outputs, labels), known) {
        #expect(agree(result.loss, known.loss) && result.loss > 0, "\(hidden)")
        #expect(zip(result.gradient[3...], known.gradient[3...]).allSatisfy(agree))
        // What is no number has no slope, nor has the focal loss where its logarithm is infinite.
        let hasSlope = !hidden.isNaN && loss != .focal(focusing: 2)
        #expect(!hasSlope || result.gradient[..<3].allSatisfy { $0 == 0 }, "\(result.gradient)")
      }
    }
  }

  @Test(arguments: [Loss.sumBinaryCrossEntropy, .binaryCrossEntropy])
  func `the slope of binary cross-entropy has all its digits on both sides`(loss: Loss) throws {
    let logits: [Float] = [-80, -30, -17, -12, -5, -0.5, 0, 0.5, 5, 12, 17, 30, 80]
    let outputs = ShapedArray(shape: [13, 1], unchecked: logits)
    for target in [0.0, 1, 0.25] {
      for result in try results(loss, outputs, ShapedArray(repeating: target, shape: [13, 1])) {
        for (logit, slope) in zip(logits.map(Double.init), result.gradient) {
          func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
          let exact = (1 - target) * sigmoid(logit) - target * sigmoid(-logit)
          #expect(agree(13 * slope, exact), "\(logit) \(target): \(13 * slope) \(exact)")
        }
      }
    }
  }
}

import Optimizers
import ReferenceBackend
import Testing

/// From a description to a network that has learned, through the public interface alone.
struct LearningTests {
  @Test(arguments: [
    Optimizer.adam(learningRate: 0.05), .sgd(learningRate: 0.5, momentum: 0.9), .rmsProp(learningRate: 0.02),
    .adaGrad(learningRate: 0.3), .adamW(learningRate: 0.05).scheduled(.oneCycle(steps: 150)).clipped(norm: 5),
  ])
  func `a small network learns the exclusive or`(optimizer: Optimizer) throws {
    let network = Sequential {
      Dense(8, activation: .tanh)
      Dense(1)
    }
    let graph = Graph()
    let context = LayerContext(graph, mode: .training, seed: 1)
    let outputs = try context.trace(network, graph.input("inputs", TensorType([4, 2])))
    let targets = graph.input("targets", TensorType([4], .int32))
    let loss = try Loss.binaryCrossEntropy(outputs: outputs, targets: targets)
    graph.output("loss", loss)
    graph.output("accuracy", try Metric.accuracy(outputs: outputs, targets: targets, loss: .binaryCrossEntropy))
    let prior = WeightPrior(gaussianPrior: 0.001)
    let objective = try prior.objective(loss, weights: context.weightTensors, exampleCount: 4)
    let gradients = try gradients(of: objective, withRespectTo: context.parameterTensors)
    try optimizer.update(context.parameterTensors, with: gradients)
    try graph.verify()

    var interpreter = Interpreter(values: Dictionary(uniqueKeysWithValues: zeroVariables(of: graph)))
    interpreter.values["inputs"] = try ShapedArray(shape: [4, 2], scalars: [0, 0, 0, 1, 1, 0, 1, 1])
    interpreter.values["targets"] = ShapedArray([0, 1, 1, 0])
    for parameter in context.parameters {
      interpreter.values[parameter.path] = parameter.initialValue(seed: context.seed).map(Double.init)
    }
    let start = try interpreter.run(graph)
    for _ in 0..<150 { _ = try interpreter.run(graph) }
    let end = try interpreter.run(graph)
    #expect(try #require(start["loss"]?.scalars.first) > 0.5)
    #expect(try #require(end["loss"]?.scalars.first) < 0.1)
    #expect(end["accuracy"]?.scalars == [1])
  }
}

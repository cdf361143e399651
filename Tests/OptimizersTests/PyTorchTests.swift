import FixtureSupport
import Optimizers
import ReferenceBackend
import Testing

/// Twenty training steps of a small network, every weight after every step against PyTorch's in float64.
struct PyTorchTests {
  struct Problem: Decodable {
    struct Run: Decodable {
      let losses: [Double]
      let weights: [[String: [Double]]]
    }

    let inputs: FixtureArray
    let targets: FixtureArray
    let start: [String: FixtureArray]
    let runs: [String: Run]
  }

  static let optimizers: [(String, Optimizer, WeightPrior)] = [
    ("sgd", .sgd(learningRate: 0.1), WeightPrior()),
    ("momentum", .sgd(learningRate: 0.05, momentum: 0.9), WeightPrior()),
    ("nesterov", .sgd(learningRate: 0.05, momentum: 0.9, nesterov: true), WeightPrior()),
    ("adam", .adam(), WeightPrior()),
    ("adamFast", .adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6), WeightPrior()),
    ("adamW", .adamW(), WeightPrior()),
    ("adamWFast", .adamW(learningRate: 0.05, weightDecay: 0.3), WeightPrior()),
    ("rmsProp", .rmsProp(), WeightPrior()),
    ("rmsPropCentered", .rmsProp(learningRate: 0.005, decay: 0.9, momentum: 0.5, isCentered: true), WeightPrior()),
    ("adaGrad", .adaGrad(), WeightPrior()),
    ("adamCosine", .adam(learningRate: 0.05).scheduled(.cosine(steps: 20, finalFactor: 0.1)), WeightPrior()),
    ("clippedByNorm", .sgd(learningRate: 0.1).clipped(norm: 0.5), WeightPrior()),
    ("clippedByValue", .sgd(learningRate: 0.1).clipped(value: 0.1), WeightPrior()),
    ("gaussianPrior", .sgd(learningRate: 0.1), WeightPrior(gaussianPrior: 5)),
    ("laplacePrior", .sgd(learningRate: 0.1), WeightPrior(laplacePrior: 2)),
  ]

  @Test(arguments: optimizers.indices)
  func `twenty steps match`(index: Int) throws {
    let (name, optimizer, prior) = Self.optimizers[index]
    let problem: Problem = try Fixture.load("optimizers")
    let run = try #require(problem.runs[name])
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let network = Sequential {
      Dense(4, activation: .tanh)
      Dense(2)
    }
    let outputs = try context.trace(network, graph.input("inputs", TensorType(problem.inputs.array.shape)))
    let targets = graph.input("targets", TensorType(problem.targets.array.shape))
    let loss = try Loss.halfSumSquaredError(outputs: outputs, targets: targets)
    let objective = try prior.objective(
      loss, weights: context.weightTensors, exampleCount: problem.inputs.array.shape[0])
    let gradients = try gradients(of: objective, withRespectTo: context.parameterTensors)
    try optimizer.update(context.parameterTensors, with: gradients)
    graph.output("loss", objective)

    var interpreter = Interpreter(values: ["inputs": problem.inputs.array, "targets": problem.targets.array])
    for (name, value) in zeroVariables(of: graph) { interpreter.values[name] = value }
    for (name, value) in problem.start { interpreter.values[name] = value.array }
    #expect(run.losses.count == 20)
    for step in run.losses.indices {
      let loss = try #require(try interpreter.run(graph)["loss"])
      #expect(worstDifference(loss.scalars, [run.losses[step]]) < 1e-12, "loss of step \(step)")
      for (name, expected) in run.weights[step] {
        let actual = try #require(interpreter.values[name])
        #expect(worstDifference(actual.scalars, expected) < 1e-12, "\(name) after step \(step)")
      }
    }
    #expect(context.parameters.map(\.path) == ["dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias"])
  }
}

/// Zeros for every variable of a graph, which is how the state of optimizers starts.
func zeroVariables(of graph: Graph) -> [(String, ShapedArray<Double>)] {
  graph.nodes.compactMap { node in
    (node.operation as? Variable).map { ($0.variableName, ShapedArray(repeating: 0, shape: $0.type.shape)) }
  }
}

import CPUBackend
import Optimizers
import Training

/// A training step or a prediction, compiled and ready to run.
struct Workload {
  let program: Program
  let parameterCount: Int

  /// What it is compiled for.
  struct Settings {
    let threads: Int
    var precision = Precision.float32
  }

  static let names = [
    "tiny", "mlp", "mlp-adam", "wide", "lenet", "resnet20", "gpt", "lstm", "predict-mlp-1", "predict-lenet-1",
    "predict-lenet-64", "resnet20-recomputed",
  ]

  /// - Throws: `BenchmarkError` for a name that is not in `names`, or where the processor lacks instructions.
  init(_ name: String, threads: Int, precision: Precision = .float32) throws {
    if let missing = precision.missingInstructions {
      throw BenchmarkError(
        description: "this processor has no instructions for \(precision.rawValue) (\(missing)); use "
          + precision.substitute)
    }
    let settings = Settings(threads: threads, precision: precision)
    switch name {
    case "tiny":
      try self.init(
        Self.network([8, 8, 1], .tanh), input: [10, 2], loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.03),
        settings: settings)
    case "mlp":
      try self.init(
        Self.network([128, 10], .relu), input: [32, 784], loss: .softmaxCrossEntropy,
        optimizer: .sgd(learningRate: 0.1), settings: settings)
    case "mlp-adam":
      try self.init(
        Self.network([256, 256, 10], .relu), input: [128, 784], loss: .softmaxCrossEntropy,
        optimizer: .adam(learningRate: 0.001), settings: settings)
    case "wide":
      try self.init(
        Self.network([2048, 2048, 10], .relu), input: [256, 784], loss: .softmaxCrossEntropy,
        optimizer: .adam(learningRate: 0.001), settings: settings)
    case "lenet":
      try self.init(
        Self.lenet, input: [64, 28, 28, 1], loss: .softmaxCrossEntropy,
        optimizer: .sgd(learningRate: 0.01, momentum: 0.9), settings: settings)
    case "resnet20", "resnet20-recomputed":
      let network = Sequential.residualNetwork(blocksPerStage: 3, classes: 10)
      try self.init(
        name == "resnet20" ? network : Sequential(network.layers.map { $0 is Residual ? Recomputed([$0]) : $0 }),
        input: [64, 32, 32, 3], loss: .softmaxCrossEntropy,
        optimizer: .sgd(learningRate: 0.1, momentum: 0.9), weightDecay: 1e-4, settings: settings)
    case "gpt":
      try self.init(
        try Preset.gptNetwork(vocabulary: 65, context: 64), input: [12, 64], tokens: 65, loss: .softmaxCrossEntropy,
        optimizer: .adamW(learningRate: 0.001), settings: settings)
    case "lstm":
      try self.init(
        Sequential {
          Embedding(65, features: 64)
          LSTM(128)
          Dense(65)
        }, input: [32, 64], tokens: 65, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.001),
        settings: settings)
    case "predict-lenet-1": try self.init(predicting: Self.lenet, input: [1, 28, 28, 1], settings: settings)
    case "predict-lenet-64": try self.init(predicting: Self.lenet, input: [64, 28, 28, 1], settings: settings)
    case "predict-mlp-1":
      try self.init(predicting: Self.network([128, 10], .relu), input: [1, 784], settings: settings)
    default:
      let names = Self.names.joined(separator: ", ")
      throw BenchmarkError(description: "there is no workload '\(name)'; there are \(names)")
    }
  }

  static func network(_ sizes: [Int], _ activation: ActivationFunction) -> Sequential {
    Sequential(sizes.enumerated().map { index, units in
      Dense(units, activation: index + 1 < sizes.count ? activation : .identity)
    })
  }

  private static let lenet = Sequential {
    Convolution(6, kernel: 5, padding: .explicit(2), activation: .relu)
    MaxPooling(2)
    Convolution(16, kernel: 5, activation: .relu)
    MaxPooling(2)
    Flatten()
    network([120, 84, 10], .relu)
  }

  /// A step: forward, loss, backward and update, on one batch of random numbers.
  /// - Parameter tokens: how many kinds there are, where the input is tokens; nil for real numbers.
  init(
    _ network: some Layer, input: Shape, tokens: Int? = nil, loss: Loss, optimizer: Optimizer, weightDecay: Double = 0,
    settings: Settings
  ) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let outputs = try context.trace(network, graph.input("x", TensorType(input, tokens == nil ? .float32 : .int32)))
    let targets = graph.input(
      "y",
      loss.isForClasses
        ? TensorType(Shape(Array(outputs.shape.dimensions.dropLast())), .int32) : TensorType(outputs.shape))
    let value = try loss(outputs: outputs, targets: targets)
    graph.output("loss", value)
    let parameters = context.parameterTensors
    let prior = WeightPrior(gaussianPrior: weightDecay)
    let objective = try prior.objective(value, weights: context.weightTensors, exampleCount: 1)
    try optimizer.update(parameters, with: gradients(of: objective, withRespectTo: parameters))
    try self.init(graph, context.parameters, tokens: tokens, settings: settings)
    var generator = PhiloxGenerator(seed: 1)
    if loss.isForClasses {
      try Self.fill(
        program.inputBuffer("y", as: Int32.self), below: outputs.shape.dimensions.last ?? 1, &generator)
    } else {
      try Self.fill(program.inputBuffer("y", as: Float.self), &generator)
    }
  }

  /// A prediction: forward alone.
  private init(predicting network: Sequential, input: Shape, settings: Settings) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .inference)
    graph.output("y", try context.trace(network, graph.input("x", TensorType(input))))
    try self.init(graph, context.parameters, settings: settings)
  }

  private init(_ graph: Graph, _ parameters: [Parameter], tokens: Int? = nil, settings: Settings) throws {
    let variables = VariableStore()
    for parameter in parameters { try variables.set(parameter.path, to: parameter.initialValue(seed: 0)) }
    program = try compile(
      graph, variables: variables, backend: CPUBackend(threads: settings.threads),
      options: CompilationOptions(precision: settings.precision))
    parameterCount = parameters.filter(\.isLearned).reduce(0) { $0 + $1.shape.count }
    var generator = PhiloxGenerator(seed: 0)
    if let tokens {
      try Self.fill(program.inputBuffer("x", as: Int32.self), below: tokens, &generator)
    } else {
      try Self.fill(program.inputBuffer("x", as: Float.self), &generator)
    }
  }

  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<Int32>, below bound: Int, _ generator: inout PhiloxGenerator
  ) {
    for index in buffer.indices { buffer[index] = Int32.random(in: 0..<Int32(clamping: bound), using: &generator) }
  }

  private static func fill(_ buffer: UnsafeMutableBufferPointer<Float>, _ generator: inout PhiloxGenerator) {
    for index in buffer.indices { buffer[index] = Float.random(in: -1.7...1.7, using: &generator) }
  }
}

struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
}

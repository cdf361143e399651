import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// What layers keep between steps, and no gradient changes.
struct StateTests {
  /// Adds up the means of the batches that it has seen; passes its input on in training, adds the sum in use.
  private struct Summing: UnaryLayer {
    static let kind = "summing"
    var name: String? { nil }

    func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
      let sum = try context.state("sum", shape: [input.shape[1]], initialValue: 0.5)
      try context.update(sum, to: sum + input.mean(alongAxes: [0]))
      return context.mode == .training ? input : input + sum
    }

    init() {}

    init(from decoder: any Decoder) throws { _ = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: []]) }

    func encode(to encoder: any Encoder) throws { try DescriptionWriter(Self.kind).write(to: encoder) }
  }

  private let network = Sequential {
    Summing()
    Dense(1, weightInitializer: .constant(1))
  }

  private func data() throws -> Dataset {
    try Dataset(
      features: .floats((1...10).map(Float.init)), featureShape: [1], values: [Float](repeating: 0, count: 10),
      targetShape: [1])
  }

  @Test func `state follows the batches of both sizes, and neither gradients nor priors change it`() throws {
    let options = TrainingOptions(epochs: 2, batchSize: 4, gaussianPrior: 1, shuffle: false)
    let trainer = try makeTrainer(network, .meanSquaredError, optimizer: .adam(learningRate: 0.01), options: options)
    try trainer.fit(data())
    let model = try trainer.model()
    #expect(model.weights.map(\.name) == ["summing1/sum", "dense1/weight", "dense1/bias"])
    // 0.5, and twice the means of 1 to 4, of 5 to 8, and of 9 and 10.
    #expect(model.weights[0].values.scalars == [37.5])
    #expect(model.weightCount == 2)
  }

  @Test func `state is saved with a model, used in predictions and in evaluation, and left alone there`() throws {
    let options = TrainingOptions(epochs: 1, batchSize: 10)
    let trainer = try makeTrainer(network, .meanSquaredError, optimizer: .sgd(learningRate: 1e-30), options: options)
    try trainer.fit(data())
    let model = try trainer.model()
    try withTemporaryFile { path in
      try model.save(to: path)
      let read = try Model(contentsOf: path, layers: [Summing.self])
      #expect(read == model)
      for _ in 0..<2 { #expect(try read.predictor(batchSize: 1).predict([1]) == [[7]]) }
    }
    let squares = (1...10).map { (Double($0) + 6) * (Double($0) + 6) }
    for _ in 0..<2 { #expect(abs(try trainer.evaluate(data()).loss - squares.reduce(0, +) / 10) < 1e-3) }
  }

  @Test func `a batch without a variance leaves the running statistics as they are`() throws {
    func weights(_ count: Int) throws -> [Model.Weight] {
      let values: [Float] = (0..<count).map { $0.isMultiple(of: 2) ? 10 : -10 }
      let trainer = try makeTrainer(
        Sequential { BatchNormalization(); Dense(1) }, .meanSquaredError, optimizer: .sgd(learningRate: 0),
        options: TrainingOptions(epochs: 100, batchSize: 4, shuffle: false))
      try trainer.fit(Dataset(features: .floats(values), featureShape: [1], values: values))
      return try trainer.model().weights
    }
    let (even, odd) = (try weights(8), try weights(9))
    #expect(even == odd)
    // Of four values, 10 and -10 in turn.
    #expect(abs(try #require(odd.first { $0.name.hasSuffix("variance") }).values.scalars[0] - 400 / 3) < 0.1)
  }

  @Test func `early stopping gives the best epoch's state back`() throws {
    let options = TrainingOptions(
      epochs: 5, batchSize: 10, patience: 2)
    let trainer = try makeTrainer(network, .meanSquaredError, optimizer: .sgd(learningRate: 1e-30), options: options)
    // The sum grows by 5.5 each epoch, and the validation loss with it.
    let report = try trainer.fit(data(), validation: data())
    #expect(report.bestEpoch == 1 && report.epochs.count == 3)
    #expect(try trainer.model().weights[0].values.scalars == [6])
  }

  @Test func `only state can be updated, and only once`() throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let state = try context.state("kept", shape: [2])
    let weight = try context.parameter(
      "weight", shape: [2], role: .weight, initializer: .zeros, fanIn: 1, fanOut: 1)
    #expect(context.parameterTensors.map(\.value) == [weight.value])
    #expect(context.weightTensors.map(\.value) == [weight.value])
    #expect(context.parameters.map(\.role) == [.state, .weight])
    #expect(throws: LayerError.self) { try context.update(weight, to: state) }
    #expect(throws: LayerError.self) { try context.update(state + 1, to: state) }
    #expect(throws: LayerError.self) { try context.state("kept", shape: [2]) }
    #expect(throws: LayerError.self) { try context.state("endless", shape: [2], initialValue: .infinity) }
    try context.update(state, to: state + 1)
    #expect(throws: GraphError.self) { try context.update(state, to: state + 1) }
  }
}

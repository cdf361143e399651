import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Means of batches in which not every example counts alike, put together.
struct LossWeightTests {
  /// Four sequences of four places, of which the first two have a single label.
  private func sequences() throws -> Dataset {
    try Dataset(
      features: .floats((0..<32).map { Float($0 * 7 % 5) - 2 }), featureShape: [4, 2],
      classes: [0, -1, -1, -1, 1, -1, -1, -1, 1, 0, 1, 1, 0, 0, 1, 1], targetShape: [4], classNames: ["a", "b"])
  }

  private func rare() throws -> Dataset {
    try Dataset(
      features: .floats([1, 2, -1, 0.5, 0.3, 1, 2, -1]), featureShape: [2], classes: [0, 0, 0, 1],
      classNames: ["a", "b"])
  }

  private let sequenceNetwork = Sequential { RMSNormalization(usesScale: false); Dense(2) }

  private func fit(
    _ network: some Layer, _ loss: Loss, _ data: Dataset, rate: Double = 1, batchSize: Int = 4, parts: Int = 1
  ) throws -> (trainer: Trainer, loss: Double, weights: [Float]) {
    let trainer = try makeTrainer(
      network, loss, optimizer: .sgd(learningRate: rate),
      options: TrainingOptions(epochs: 1, batchSize: batchSize, gradientAccumulation: parts, shuffle: false))
    let report = try trainer.fit(data)
    return (trainer, try #require(report.epochs.last).loss, try trainer.model().weights.flatMap(\.values.scalars))
  }

  @Test func `parts of a batch add up to it, whatever its mean is taken over`() throws {
    func check(_ network: some Layer, _ loss: Loss, _ data: Dataset) throws {
      let whole = try fit(network, loss, data)
      for parts in [2, 3, 4] {
        let sum = try fit(network, loss, data, parts: parts)
        #expect(abs(sum.loss - whole.loss) < 1e-6, "\(loss) \(parts)")
        for (x, y) in zip(sum.weights, whole.weights) { #expect(abs(x - y) < 1e-5, "\(loss) \(parts)") }
      }
    }
    let weighted = Loss.softmaxCrossEntropy(classWeights: [1, 10])
    try check(sequenceNetwork, .softmaxCrossEntropy, sequences())
    try check(sequenceNetwork, weighted, sequences())
    try check(Dense(2), weighted, rare())
    try check(Dense(2), .softmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 10]), rare())
    try check(Dense(2), weighted, rare().weighted(by: [1, 2, 0, 5]))
    // By hand: half of each example's weight, for or against, of 13.
    let bias = try fit(Dense(2, weightInitializer: .zeros), weighted, rare()).weights.suffix(2)
    #expect(zip(bias, [-3.5 / 13, 3.5 / 13]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func `the loss of an epoch and of an evaluation is one mean over all, in batches of any size`() throws {
    for (network, loss, data) in [
      (sequenceNetwork, .softmaxCrossEntropy, try sequences()),
      (sequenceNetwork, .softmaxCrossEntropy(classWeights: [1, 10]), try sequences()),
      (Sequential { Dense(2) }, .softmaxCrossEntropy(classWeights: [1, 10]), try rare()),
      (Sequential { Dense(2) }, .softmaxCrossEntropy(classWeights: [0.01, 0.02]), try rare()),
    ] as [(Sequential, Loss, Dataset)] {
      let whole = try fit(network, loss, data, rate: 0)
      for size in [1, 2, 3] {
        let parts = try fit(network, loss, data, rate: 0, batchSize: size)
        #expect(abs(parts.loss - whole.loss) < 1e-6, "\(loss) \(size)")
        let evaluation = try whole.trainer.model().evaluate(data, batchSize: size)
        #expect(abs(evaluation.loss - whole.loss) < 1e-6, "\(loss) \(size)")
      }
    }
  }
}

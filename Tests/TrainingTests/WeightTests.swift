import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Examples that count differently.
struct WeightTests {
  private let weights: [Float] = [2, 0, 1, 1, 3, 0, 2, 1]

  private func data(_ rows: [Int]) throws -> Dataset {
    try Dataset(
      features: .floats(rows.flatMap { [Float($0 % 3) - 1, Float($0 * 5 % 7) / 3 - 1] }), featureShape: [2],
      classes: rows.map { Int32($0 * 3 / 8) }, classNames: ["a", "b", "c"])
  }

  private func fit(_ data: Dataset, batchSize: Int, accumulation: Int = 1) throws -> (Trainer, TrainingReport) {
    let trainer = try makeTrainer(
      smallNetwork(4, outputs: 3), optimizer: .sgd(learningRate: 0.5),
      options: TrainingOptions(epochs: 6, batchSize: batchSize, gradientAccumulation: accumulation))
    return (trainer, try trainer.fit(data))
  }

  @Test func `an example of weight 2 is as good as two, and one of weight 0 as none`() throws {
    let weighted = try data(Array(0..<8)).weighted(by: weights)
    #expect(try weighted.subset([4, 1]).weights == [2.4, 0])
    let repeated = try data((0..<8).flatMap { row in Array(repeating: row, count: Int(weights[row])) })
    let (a, b) = (try fit(weighted, batchSize: 8), try fit(repeated, batchSize: 10))
    for (x, y) in zip(try a.0.model().weights, try b.0.model().weights) {
      for (x, y) in zip(x.values.scalars, y.values.scalars) { #expect(abs(x - y) < 1e-5) }
    }
    for (x, y) in zip(a.1.epochs, b.1.epochs) { #expect(abs(x.loss - y.loss) < 1e-5) }
    let (model, evaluation) = (try a.0.model(), try b.0.evaluate(repeated))
    #expect(abs(try a.0.evaluate(weighted).loss - evaluation.loss) < 1e-5)
    #expect(abs(try model.evaluate(weighted, batchSize: 3).loss - evaluation.loss) < 1e-5)
    #expect(abs(try model.evaluate(data(Array(0..<8))).loss - evaluation.loss) > 1e-3)
    // Parts of a batch add up to the batch.
    let parts = try fit(weighted, batchSize: 8, accumulation: 2).0.model().weights
    for (x, y) in zip(try a.0.model().weights, parts) {
      for (x, y) in zip(x.values.scalars, y.values.scalars) { #expect(abs(x - y) < 1e-5) }
    }
    #expect(weighted.fingerprint != (try data(Array(0..<8)).fingerprint))
  }

  @Test func `measuring a model minds the weights as evaluating it does`() throws {
    let weighted = try data(Array(0..<8)).weighted(by: weights)
    let model = try fit(weighted, batchSize: 8).0.model()
    #expect(try model.measure(weighted).evaluation.loss == model.evaluate(weighted).loss)
  }

  @Test func `a trainer minds the weights of what it judges by, whatever it has learned from`() throws {
    let plain = try data(Array(0..<8))
    let weighted = try plain.weighted(by: weights)
    let trainer = try fit(plain, batchSize: 8).0
    let expected = try trainer.model().evaluate(weighted).loss
    #expect(abs(expected - (try trainer.model().evaluate(plain).loss)) > 1e-3)
    #expect(abs(try trainer.evaluate(weighted).loss - expected) < 1e-6)
    #expect(try trainer.evaluate(plain).loss == trainer.model().evaluate(plain).loss)
    let report = try trainer.fit(plain, validation: weighted, epochs: 1, batchSize: 8)
    #expect(try abs(#require(report.epochs.last?.validationLoss) - trainer.model().evaluate(weighted).loss) < 1e-6)
  }

  @Test func `the loss of a part is the mean by its weights`() throws {
    let weighted = try data(Array(0..<8)).weighted(by: weights)
    let model = try fit(weighted, batchSize: 8).0.model()
    let rows = [0, 3, 4]
    let losses = try rows.map { try model.evaluate(data([$0])).loss }
    let expected = zip(rows, losses).reduce(0) { $0 + Double(weights[$1.0]) * $1.1 } / 6
    #expect(abs(try model.evaluate(weighted.subset(rows)).loss - expected) < 1e-6)
    #expect(try weighted.subset(rows).withWeightsOfMeanOne().weights == [1, 0.5, 1.5])
    #expect(try weighted.withWeightsOfMeanOne().weights == weighted.weights)
    // Nothing counts of what remains.
    #expect(try model.evaluate(weighted.subset([1, 5])).loss == 0)
  }

  @Test func `examples that are held back leave weights of mean 1`() throws {
    let rows = Array(0..<8).map { $0 % 3 }
    let plain = try Dataset(
      features: .floats(rows.flatMap { _ in [Float(1), 2] }), featureShape: [2], classes: rows.map { _ in 1 },
      classNames: ["a", "b"])
    func loss(_ data: Dataset) throws -> EpochReport {
      let trainer = try makeTrainer(
        smallNetwork(4, outputs: 2), optimizer: .sgd(learningRate: 0),
        options: TrainingOptions(epochs: 1, batchSize: 8, validationFraction: 0.25))
      return try #require(trainer.fit(data).epochs.last)
    }
    // All examples are the same, so that the mean of their losses does not depend on their weights.
    let (a, b) = (try loss(plain), try loss(plain.weighted(by: [1, 2, 3, 4, 5, 6, 7, 80])))
    #expect(abs(a.loss - b.loss) < 1e-6)
    #expect(try abs(#require(a.validationLoss) - #require(b.validationLoss)) < 1e-6)
  }

  @Test func `weights stay where features or targets are replaced`() throws {
    let weighted = try data(Array(0..<8)).weighted(by: weights)
    #expect(try weighted.reconstructing().weights == weighted.weights)
    #expect(try weighted.replacingFeatures(with: Array(repeating: 1, count: 16)).weights == weighted.weights)
  }

  @Test func `weights that cannot be used are refused`() throws {
    let data = try data(Array(0..<4))
    for weights in [[1, 1, 1], [1, 1, 1, -1], [1, 1, 1, .nan], [0, 0, 0, 0]] as [[Float]] {
      #expect(throws: DatasetError.self) { try data.weighted(by: weights) }
    }
    #expect(throws: DatasetError.self) { try SequenceTests.data().weighted(by: []) }
    let trainer = try fit(data, batchSize: 4).0
    #expect(message { try trainer.fit(data.weighted(by: [1, 2, 3, 4])) }.contains("learned from before had none"))
  }
}

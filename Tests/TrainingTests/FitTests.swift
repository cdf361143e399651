import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Training from data to weights.
struct FitTests {
  @Test func `the exclusive or is learned with one output and with two`() throws {
    let options = TrainingOptions(epochs: 200, batchSize: TrainingOptions.fullBatch, seed: 1)
    for (loss, outputs) in [(Loss.binaryCrossEntropy, 1), (.softmaxCrossEntropy, 2), (.hinge, 2)] {
      let trainer = try makeTrainer(
        smallNetwork(outputs: outputs), loss, optimizer: .adam(learningRate: 0.05), options: options)
      let report = try trainer.fit(Synthetic.xor())
      #expect(report.epochs.last?.accuracy == 1)
      #expect(try trainer.evaluate(Synthetic.xor()).correct == 4)
      #expect(report.stepCount == 200)
    }
  }

  @Test func `one output is too few for a softmax`() throws {
    let told = message {
      try makeTrainer(smallNetwork(outputs: 1), .softmaxCrossEntropy, optimizer: .adam(), options: TrainingOptions())
        .fit(Synthetic.xor())
    }
    #expect(told.contains("1 output") && told.contains("binaryCrossEntropy"), "\(told)")
  }

  @Test func `the share of time spent waiting for examples is reported`() throws {
    let data = try Synthetic.twoMoons(count: 200, noise: 0.1, seed: 3)
    let options = TrainingOptions(epochs: 3, batchSize: 50, seed: 1)
    let trainer = try makeTrainer(smallNetwork(outputs: 2), optimizer: .adam(), options: options)
    let report = try trainer.fit(data)
    #expect(report.epochs.allSatisfy { $0.dataShare > 0 && $0.dataShare < 1 })
    let shares = report.epochs.map(\.dataShare)
    #expect((try #require(shares.min())...(try #require(shares.max()))).contains(report.dataShare))
  }

  @Test(arguments: [1, 7, 32, TrainingOptions.fullBatch])
  func `stochastic, mini-batch and full-batch descent learn the moons`(batchSize: Int) throws {
    let data = try Synthetic.twoMoons(count: 200, noise: 0.1, seed: 3)
    let isFull = batchSize == TrainingOptions.fullBatch
    let options = TrainingOptions(epochs: isFull ? 400 : 60, batchSize: batchSize, seed: 2)
    let trainer = try makeTrainer(smallNetwork(outputs: 2), optimizer: .adam(learningRate: 0.02), options: options)
    let report = try trainer.fit(data)
    #expect(report.stepCount == options.stepCount(exampleCount: 200))
    #expect(try #require(try trainer.evaluate(data).accuracy) >= 0.99)
  }

  @Test func `a line is learned, and numbers have no accuracy`() throws {
    let data = try Synthetic.line(count: 64, slope: 2, intercept: -1, noise: 0, seed: 0)
    let options = TrainingOptions(epochs: 100, batchSize: 16)
    let trainer = try makeTrainer(Dense(1), .meanSquaredError, optimizer: .sgd(learningRate: 0.2), options: options)
    let report = try trainer.fit(data)
    let evaluation = try trainer.evaluate(data)
    #expect(evaluation.loss < 1e-6)
    #expect(evaluation.accuracy == nil && evaluation.confusionMatrix == nil)
    #expect(report.epochs.allSatisfy { $0.accuracy == nil })
    let weights = try trainer.model().weights
    #expect(abs(weights[0].values.scalars[0] - 2) < 0.01 && abs(weights[1].values.scalars[0] + 1) < 0.01)
  }

  @Test func `images reach a dense layer as rows, and digits are learned`() throws {
    let digits = try Digits.load()
    let trainer = try makeTrainer(
      smallNetwork(64, outputs: 10), optimizer: .adam(learningRate: 0.005), options: TrainingOptions(epochs: 12))
    let report = try trainer.fit(digits.training, validation: digits.test)
    #expect(try #require(report.kept?.validationAccuracy) >= 0.94)
    let flat = try makeTrainer(
      Sequential {
        Flatten()
        smallNetwork(64, outputs: 10)
      })
    try flat.fit(digits.training, epochs: 0)
    #expect(try flat.model().weights[0].values.shape == [64, 64])
  }

  @Test func `full-batch descent takes the step that the formula says`() throws {
    // One weight, no bias: loss = mean((w x - y)²), so w moves by -η · 2 · mean(x (w x - y)).
    let data = try Dataset(features: .floats([1, 2, 3]), featureShape: [1], values: [2, 4, 6])
    let network = Dense(1, usesBias: false, weightInitializer: .constant(1))
    for batchSize in [3, TrainingOptions.fullBatch] {
      let options = TrainingOptions(epochs: 1, batchSize: batchSize)
      let trainer = try makeTrainer(network, .meanSquaredError, optimizer: .sgd(learningRate: 0.01), options: options)
      let report = try trainer.fit(data)
      // 2/3 · (1·(1 - 2) + 2·(2 - 4) + 3·(3 - 6))
      let slope: Double = -28.0 / 3.0
      let weight = Double(try trainer.model().weights[0].values.scalars[0])
      #expect(abs(weight - (1 - 0.01 * slope)) < 1e-6)
      // (1² + 2² + 3²) / 3
      #expect(abs(report.epochs[0].loss - 14.0 / 3.0) < 1e-5)
    }
  }

  @Test func `a smaller last batch is learned from too, with its own mean`() throws {
    let data = try Dataset(features: .floats([1, 2, 3]), featureShape: [1], values: [2, 4, 6])
    let network = Dense(1, usesBias: false, weightInitializer: .constant(1))
    let options = TrainingOptions(epochs: 1, batchSize: 2, shuffle: false)
    let trainer = try makeTrainer(network, .meanSquaredError, optimizer: .sgd(learningRate: 0.01), options: options)
    #expect(try trainer.fit(data).stepCount == 2)
    // From 1 by the mean over two examples, 2/2 · (1·(1 - 2) + 2·(2 - 4)), then by that of one, 2 · 3 · (3w - 6).
    let first: Double = 1 + 0.01 * 5
    let second: Double = first - 0.06 * (3 * first - 6)
    let weight = Double(try trainer.model().weights[0].values.scalars[0])
    #expect(abs(weight - second) < 1e-6)
  }

  @Test func `no epochs leave the initial weights`() throws {
    let trainer = try makeTrainer(smallNetwork(outputs: 2), options: TrainingOptions(seed: 5))
    let report = try trainer.fit(Synthetic.xor(), epochs: 0)
    #expect(report.epochs.isEmpty && report.keptEpoch == nil && report.stopReason == .epochsDone)
    let parameters = try smallNetwork(outputs: 2).parameters(for: TensorType([1, 2]))
    #expect(try trainer.model().weights.map(\.values) == parameters.map { $0.initialValue(seed: 5) })
  }

  @Test func `two calls of three epochs do what one of six does`() throws {
    let data = try Synthetic.twoMoons(count: 60, seed: 0)
    let once = try makeTrainer(smallNetwork(outputs: 2))
    try once.fit(data, epochs: 6, batchSize: 16)
    let twice = try makeTrainer(smallNetwork(outputs: 2))
    try twice.fit(data, epochs: 3, batchSize: 16)
    let report = try twice.fit(data, epochs: 3, batchSize: 16)
    #expect(report.epochs.map(\.epoch) == [4, 5, 6])
    #expect(try once.model().weights == twice.model().weights)
    #expect(twice.epochsDone == 6)
  }

  @Test func `a prior keeps weights small and leaves the reported loss to the data`() throws {
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    func squares(gaussianPrior: Double = 0, laplacePrior: Double = 0) throws -> Float {
      let trainer = try makeTrainer(
        smallNetwork(outputs: 2), .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02),
        options: TrainingOptions(epochs: 60, gaussianPrior: gaussianPrior, laplacePrior: laplacePrior))
      let report = try trainer.fit(data)
      let last = try #require(report.epochs.last)
      #expect(abs(last.loss - (try trainer.evaluate(data).loss)) < 0.1)
      return try trainer.model().weights.filter { $0.name.hasSuffix("weight") }
        .flatMap(\.values.scalars).reduce(0) { $0 + $1 * $1 }
    }
    let free = try squares()
    #expect(try squares(gaussianPrior: 1) < 0.7 * free)
    #expect(try squares(laplacePrior: 1) < 0.7 * free)
  }

  @Test func `dropout drops in training alone`() throws {
    let network = Sequential {
      Dense(64, activation: .relu)
      Dropout(0.5)
      Dense(2)
    }
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    let trainer = try makeTrainer(network)
    let report = try trainer.fit(data, epochs: 60)
    let evaluation = try trainer.evaluate(data)
    #expect(try #require(report.epochs.last).loss > evaluation.loss)
    #expect(try trainer.evaluate(data).loss == evaluation.loss)
  }

  @Test func `a schedule is followed`() throws {
    let optimizer = Optimizer.sgd(learningRate: 1).scheduled(.stepDecay(factor: 0.5, every: 4))
    let trainer = try makeTrainer(smallNetwork(outputs: 2), .softmaxCrossEntropy, optimizer: optimizer)
    let report = try trainer.fit(Synthetic.xor(), epochs: 3, batchSize: 1)
    #expect(report.epochs.map(\.learningRate) == [1, 0.5, 0.25])
  }
}

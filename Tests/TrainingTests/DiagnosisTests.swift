import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Trainings that go wrong say why; one that goes well says nothing.
struct DiagnosisTests {
  private func train(
    _ network: some Layer, _ data: Dataset, validation: Dataset? = nil, rate: Double = 0.01, epochs: Int = 10,
    batchSize: Int = 20
  ) throws -> (report: TrainingReport, kinds: [Finding.Kind], trainer: Trainer) {
    let trainer = try makeTrainer(
      network, optimizer: .adam(learningRate: rate), options: TrainingOptions(epochs: epochs, batchSize: batchSize))
    let report = try trainer.fit(data, validation: validation, measuresLayers: true)
    let findings = Diagnosis.findings(of: report, learningRate: rate)
    #expect(findings.allSatisfy { !$0.evidence.isEmpty && $0.advice.contains("--") && !$0.title.isEmpty })
    return (report, findings.map(\.kind), trainer)
  }

  private func deep(_ activation: ActivationFunction, _ initializer: Initializer) -> Sequential {
    Sequential((0..<6).map { _ in Dense(20, activation: activation, weightInitializer: initializer) as any Layer }
      + [Dense(2) as any Layer])
  }

  @Test func `a training that goes well has no findings`() throws {
    let data = try Synthetic.twoMoons(count: 200, noise: 0.1, seed: 0)
    let run = try train(
      smallNetwork(outputs: 2), data, validation: Synthetic.twoMoons(count: 100, noise: 0.1, seed: 1), epochs: 20)
    #expect(run.kinds.isEmpty)
    // Before the first step and after each epoch.
    #expect(run.report.statistics.map(\.step) == Array(stride(from: 0, through: 200, by: 10)))
    let last = try #require(run.report.statistics.last)
    #expect(last.parameters.map(\.path) == ["dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias"])
    #expect(last.activations.map(\.function) == ["tanh"])
    #expect(last.parameters.allSatisfy { $0.norm > 0 && $0.gradientNorm > 0 })
  }

  @Test func `what is measured is what the network does`() throws {
    let data = try Dataset(features: .floats([1, 2, -3, 4]), featureShape: [2], values: [1, 2])
    let network = Sequential {
      Dense(1, activation: .relu, weightInitializer: .constant(1))
      Dense(1, weightInitializer: .constant(2))
    }
    let trainer = try makeTrainer(network, .meanSquaredError, options: TrainingOptions(epochs: 0))
    let start = try #require(trainer.fit(data, measuresLayers: true).statistics.first)
    // Hidden units 3 and 1, outputs 6 and 2, errors 5 and 0: the loss is 25 / 2.
    #expect(start.activations[0].mean == 2 && start.activations[0].standardDeviation == 1)
    #expect(start.activations[0].saturated == 0 && start.activations[0].dead == 0)
    // d loss / d w2 = mean of 2 · error · hidden = 5 · 3; d w1 = 5 · 2 · [1, 2].
    #expect(abs(start.parameters[2].gradientNorm - 15) < 1e-4)
    #expect(abs(start.parameters[0].gradientNorm - 10 * 5.0.squareRoot()) < 1e-3)
    #expect(start.parameters[2].norm == 2 && start.parameters[0].isWeight && !start.parameters[1].isWeight)
  }

  @Test func `measuring changes nothing`() throws {
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    let network = Sequential {
      Dense(8, activation: .relu)
      Dropout(0.3)
      BatchNormalization()
      Dense(2)
    }
    let (measured, plain) = (try makeTrainer(network), try makeTrainer(network))
    try measured.fit(data, measuresLayers: true)
    try plain.fit(data)
    #expect(try measured.model() == plain.model())
  }

  @Test func `gradients that vanish are found`() throws {
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    let run = try train(deep(.sigmoid, .normal(mean: 0, deviation: 0.1)), data)
    #expect(run.kinds.contains(.vanishingGradients))
  }

  @Test func `gradients that explode are found`() throws {
    let data = try Synthetic.line(count: 40, noise: 0.1, seed: 0)
    let trainer = try makeTrainer(
      Dense(1), .meanSquaredError, optimizer: .sgd(learningRate: 30), options: TrainingOptions(epochs: 6, batchSize: 40)
    )
    let report = try trainer.fit(data, measuresLayers: true)
    #expect(Diagnosis.findings(of: report, learningRate: 1).map(\.kind).contains(.explodingGradients))
  }

  @Test func `units at their bounds are found`() throws {
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    let saturated = try train(deep(.tanh, .normal(mean: 0, deviation: 20)), data, epochs: 1)
    #expect(saturated.kinds.contains(.saturatedUnits))
    let dead = Sequential {
      Dense(10, activation: .relu, biasInitializer: .constant(-100))
      Dense(2)
    }
    #expect(try train(dead, data, epochs: 1).kinds.contains(.deadUnits))
  }

  @Test func `overfitting is found`() throws {
    let run = try train(
      smallNetwork(64, outputs: 2), Synthetic.twoMoons(count: 24, noise: 0.5, seed: 1),
      validation: Synthetic.twoMoons(count: 200, noise: 0.5, seed: 2), rate: 0.02, epochs: 400, batchSize: 24)
    #expect(run.kinds.contains(.overfitting))
    // Weights that were taken back to the best epoch are not spoilt.
    let stopping = try makeTrainer(
      smallNetwork(64, outputs: 2), optimizer: .adam(learningRate: 0.02),
      options: TrainingOptions(epochs: 400, batchSize: 24, patience: 50))
    let report = try stopping.fit(
      Synthetic.twoMoons(count: 24, noise: 0.5, seed: 1),
      validation: Synthetic.twoMoons(count: 200, noise: 0.5, seed: 2))
    #expect(report.stopReason == .noImprovement && report.epochs.count > 50)
    #expect(!Diagnosis.findings(of: report, learningRate: 0.02).map(\.kind).contains(.overfitting))
  }

  @Test func `learning rates that do not suit are found`() throws {
    let data = try Synthetic.twoMoons(count: 200, noise: 0.1, seed: 0)
    #expect(try train(smallNetwork(outputs: 2), data, rate: 30, epochs: 12).kinds.contains(.learningRateTooLarge))
    #expect(try train(smallNetwork(outputs: 2), data, rate: 2e-5, epochs: 12).kinds.contains(.learningRateTooSmall))
  }

  @Test func `constant answers are found`() throws {
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    let constant = Sequential {
      Dense(3, weightInitializer: .zeros)
      Dense(2, weightInitializer: .zeros, biasInitializer: .zeros)
    }
    let trainer = try makeTrainer(constant, options: TrainingOptions(epochs: 0))
    try trainer.fit(data)
    let model = try trainer.model()
    let predictions = try model.predictor(batchSize: 10, threads: 1).predict(data)
    #expect(Diagnosis.findings(of: predictions, by: model, on: data).map(\.kind) == [.constantPredictions])
    let good = try train(smallNetwork(outputs: 2), data).trainer.model()
    let answers = try good.predictor(batchSize: 10, threads: 1).predict(data)
    #expect(Diagnosis.findings(of: answers, by: good, on: data).isEmpty)
  }

  @Test func `columns that give the answer away are found`() throws {
    var generator = PhiloxGenerator(seed: 2)
    let noise = (0..<300).map { _ in Float.random(in: -1...1, using: &generator) }
    let columns = [(name: "noise", features: [0]), (name: "leak", features: [1])]
    let classes = (0..<100).map { Int32($0 % 3) }
    let leaking = (0..<100).flatMap { [noise[$0], Float(classes[$0]) * 5 + noise[$0 + 100]] }
    let data = try Dataset(
      features: .floats(leaking), featureShape: [2], classes: classes, classNames: ["a", "b", "c"])
    let findings = try Diagnosis.leaks(of: columns, in: data)
    #expect(findings.count == 1 && findings[0].evidence.contains("'leak'"))
    let truth = (0..<100).map { noise[$0 + 200] }
    let numbers = try Dataset(
      features: .floats((0..<100).flatMap { [noise[$0], 3 * truth[$0] - 1] }), featureShape: [2], values: truth)
    #expect(try Diagnosis.leaks(of: columns, in: numbers).map(\.kind) == [.leakedColumn])
    let honest = try Dataset(
      features: .floats(Array(noise.prefix(200))), featureShape: [2], classes: classes, classNames: ["a", "b", "c"])
    #expect(try Diagnosis.leaks(of: columns, in: honest).isEmpty)
  }

  @Test func `categories give answers away as numbers do`() throws {
    // A colour that goes with the class but for one example in 200, and one that goes with nothing.
    let classes = (0..<400).map { Int32($0 % 4) }
    let rows = classes.enumerated().map { row, truth -> [Float] in
      let colour = row == 7 ? (truth + 1) % 4 : truth
      let other = row / 4 % 3
      return (0..<4).map { $0 == Int(colour) ? 1 : 0 } + (0..<3).map { $0 == other ? 1 : 0 }
    }
    let columns = [(name: "colour", features: [0, 1, 2, 3]), (name: "other", features: [4, 5, 6])]
    let data = try Dataset(
      features: .floats(rows.flatMap { $0 }), featureShape: [7], classes: classes, classNames: ["a", "b", "c", "d"])
    let found = try Diagnosis.leaks(of: columns, in: data)
    #expect(found.count == 1 && found[0].evidence.contains("'colour'") && found[0].evidence.contains("399 of 400"))

    // The code of an embedded category, in no order, of which each value has its price.
    let price = (0..<400).map { Float(($0 % 20) * 7 % 20) }
    let codes = (0..<400).flatMap { [Float($0 % 20), Float($0 % 3)] }
    let embedded = [(name: "town", features: [0]), (name: "rest", features: [1])]
    let numbers = try Dataset(features: .floats(codes), featureShape: [2], values: price)
    let leak = try Diagnosis.leaks(of: embedded, in: numbers)
    #expect(leak.count == 1 && leak[0].evidence.contains("'town'") && leak[0].evidence.contains("variance"))

    // A value for each example would always be right.
    let names = (0..<400).map { Float($0 * 7 % 400) }
    let unique = try Dataset(
      features: .floats(names), featureShape: [1], classes: classes, classNames: ["a", "b", "c", "d"])
    #expect(try Diagnosis.leaks(of: [(name: "name", features: [0])], in: unique).isEmpty)
  }

  @Test func `a loss that is not finite names the step, the batch and the layer`() throws {
    let data = try Synthetic.twoMoons(count: 60, seed: 0)
    let network = Sequential {
      Dense(8, activation: .relu)
      Dense(8, activation: .relu)
      Dense(2)
    }
    try withTemporaryFile { path in
      let trainer = try makeTrainer(
        network, optimizer: .sgd(learningRate: 1e12), options: TrainingOptions(epochs: 50, batchSize: 20))
      let error = #expect(throws: TrainingError.self) {
        try trainer.fit(data, checkpoints: CheckpointPolicy(path: path))
      }
      let text = error?.description ?? ""
      #expect(error?.kind == .notFinite && text.contains("step") && text.contains("examples"))
      #expect(text.contains("'dense"), "\(text)")
      // The checkpoint and the weights are those before.
      #expect(try Checkpoint(contentsOf: path).stopReason == nil)
      #expect(throws: Never.self) { try trainer.model() }
    }
  }

  /// The experiment of Glorot and Bengio (2010): see `Examples/GlorotBengio`.
  @Test func `deep sigmoids with standard normal weights saturate, tanh with Glorot's weights does not`() throws {
    let data = try Digits.load().training
    func start(_ activation: ActivationFunction, _ initializer: Initializer) throws -> NetworkStatistics {
      let network = Sequential([Flatten() as any Layer]
        + (0..<5).map { _ in Dense(100, activation: activation, weightInitializer: initializer) as any Layer }
        + [Dense(10, weightInitializer: initializer) as any Layer])
      let trainer = try makeTrainer(network, options: TrainingOptions(epochs: 0))
      return try #require(trainer.fit(data, measuresLayers: true).statistics.first)
    }
    let sigmoid = try start(.sigmoid, .normal(mean: 0, deviation: 1))
    #expect(sigmoid.activations.contains { $0.saturated > 0.5 })
    let tanh = try start(.tanh, .glorotUniform)
    #expect(tanh.activations.allSatisfy { $0.saturated < 0.1 && $0.standardDeviation > 0.1 })
    let sizes = tanh.weights.map(\.gradientSize)
    #expect((sizes.max() ?? 1) < 10 * (sizes.min() ?? 0))
  }
}

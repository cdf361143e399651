import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Backpropagation and its rivals.
@Suite struct AlgorithmTests {
  private func options(
    _ algorithm: LearningAlgorithm, epochs: Int, batchSize: Int = TrainingOptions.fullBatch, seed: UInt64 = 0,
    gridValues: Int = 5, gridBounds: ClosedRange<Double> = -2...2
  ) -> TrainingOptions {
    TrainingOptions(
      epochs: epochs, batchSize: batchSize, seed: seed, threads: 1, shuffle: false, algorithm: algorithm,
      gridValues: gridValues, gridBounds: gridBounds)
  }

  /// Both inputs, as 0 and 1, and whether both are 1.
  private var and: Dataset {
    get throws {
      try Dataset(
        features: .floats([0, 0, 0, 1, 1, 0, 1, 1]), featureShape: [2], classes: [0, 0, 0, 1],
        classNames: ["no", "yes"])
    }
  }

  private func weights(
    _ network: some Layer, _ loss: Loss, _ optimizer: Optimizer, _ options: TrainingOptions, _ data: Dataset
  ) throws -> [Float] {
    let trainer = try Trainer(network, loss: loss, optimizer: optimizer, options: options)
    try trainer.fit(data)
    return try trainer.model().weights.flatMap(\.values.scalars)
  }

  /// Their steps may take minutes, in which a race or a progress bar must not stand still.
  @Test(arguments: [LearningAlgorithm.oneWeightAtATime, .finiteDifferences, .exhaustive])
  func searchesCanBeFollowedAndEndedWithinAStep(_ algorithm: LearningAlgorithm) throws {
    struct Stop: Error {}
    let trainer = try Trainer(
      Dense(2), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), options: options(algorithm, epochs: 5))
    var moments: [TrainingProgress] = []
    #expect(throws: Stop.self) {
      try trainer.fit(and) { progress in
        moments.append(progress)
        throw Stop()
      }
    }
    #expect(moments.count == 1 && moments[0].step == 0 && moments[0].endedEpoch == nil)
    #expect(moments[0].loss.isFinite && moments[0].loss > 0)
    #expect(try trainer.evaluate(and).loss.isFinite)
  }

  @Test func thePerceptronLearnsWhatALineCanSeparate() throws {
    let network = Dense(1, weightInitializer: .zeros)
    let trainer = try Trainer(
      network, loss: .perceptron, optimizer: .sgd(learningRate: 1),
      options: options(.perceptron, epochs: 20, batchSize: 1))
    try trainer.fit(and)
    #expect(try trainer.evaluate(and).accuracy == 1)
    // The step unit fires above 0.
    #expect(try trainer.model().chosenClass([0.25]) == 1 && trainer.model().chosenClass([0]) == 0)
    // By hand, in the order of the examples: the rule changes weights by whole numbers.
    #expect(try trainer.model().weights.flatMap(\.values.scalars).allSatisfy { $0 == $0.rounded() })
  }

  @Test func oneStepOfThePerceptronIsItsRule() throws {
    let data = try Dataset(
      features: .floats([2, -3]), featureShape: [2], classes: [1], classNames: ["no", "yes"])
    // z = 0 does not fire, the target is 1: w += 0.5 (1 - 0) x, b += 0.5.
    let found = try weights(
      Dense(1, weightInitializer: .zeros), .perceptron, .sgd(learningRate: 0.5),
      options(.perceptron, epochs: 1, batchSize: 1), data)
    #expect(found == [1, -1.5, 0.5])
  }

  @Test func oneStepOfWidrowAndHoffIsTheDeltaRule() throws {
    let data = try Dataset(features: .floats([2, -3]), featureShape: [2], values: [4])
    // z = 1, t - z = 3: w += 0.25 · 3 x, b += 0.25 · 3.
    let found = try weights(
      Dense(1, weightInitializer: .zeros, biasInitializer: .constant(1)), .halfSumSquaredError,
      .sgd(learningRate: 0.25), options(.widrowHoff, epochs: 1, batchSize: 1), data)
    #expect(found == [1.5, -2.25, 1.75])
  }

  @Test(arguments: [LearningAlgorithm.perceptron, .widrowHoff])
  func rulesOfOneLayerRefuseMore(_ algorithm: LearningAlgorithm) throws {
    let loss: Loss = algorithm == .perceptron ? .perceptron : .halfSumSquaredError
    let deep = try Trainer(
      smallNetwork(outputs: 1), loss: loss, optimizer: .sgd(learningRate: 1), options: options(algorithm, epochs: 1))
    #expect(message { try deep.fit(and) }.contains("no rule for hidden layers"))
    let other = try Trainer(
      Dense(2), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 1), options: options(algorithm, epochs: 1))
    #expect(message { try other.fit(and) }.contains("use the loss '\(loss.kind)'"))
  }

  @Test func finiteDifferencesTakeTheStepsOfBackpropagation() throws {
    let data = try Synthetic.twoMoons(count: 40, seed: 1)
    func run(_ algorithm: LearningAlgorithm) throws -> [Float] {
      try weights(
        smallNetwork(4, outputs: 2), .softmaxCrossEntropy, .sgd(learningRate: 0.5), options(algorithm, epochs: 20),
        data)
    }
    let (exact, measured) = (try run(.backpropagation), try run(.finiteDifferences))
    #expect(zip(exact, measured).allSatisfy { abs($0 - $1) < 2e-3 })
    #expect(exact != measured)
  }

  @Test(arguments: [LearningAlgorithm.finiteDifferences, .oneWeightAtATime, .exhaustive])
  func searchesMoveWhatIsLearnedAndLeaveStateToLayers(_ algorithm: LearningAlgorithm) throws {
    let data = try Dataset(features: .floats([1, 2, 3, 10]), featureShape: [1], values: [1, 2, 3, 4])
    func weights(_ algorithm: LearningAlgorithm) throws -> [String: [Float]] {
      let trainer = try Trainer(
        Sequential { BatchNormalization(); Dense(1, usesBias: false) }, loss: .meanSquaredError,
        optimizer: .adamW(learningRate: 0.01, weightDecay: 1), options: options(algorithm, epochs: 5))
      try trainer.fit(data)
      let weights = try trainer.model().weights.map { ($0.name, $0.values.scalars) }
      return Dictionary(uniqueKeysWithValues: weights)
    }
    let (exact, found) = (try weights(.backpropagation), try weights(algorithm))
    // The same five batches have gone by.
    for name in ["mean", "variance"] {
      let path = "batchNormalization1/\(name)"
      #expect(abs(try #require(exact[path])[0] - #require(found[path])[0]) < 1e-5)
    }
    #expect(algorithm == .exhaustive || exact["dense1/weight"] != found["dense1/weight"])
    if algorithm == .finiteDifferences {
      for (path, values) in exact { #expect(abs(values[0] - (found[path]?[0] ?? .nan)) < 1e-3, "\(path)") }
    }
  }

  @Test(arguments: [
    (LearningAlgorithm.finiteDifferences, Optimizer.sgd(learningRate: 0.01)), (.finiteDifferences, .adam()),
    (.oneWeightAtATime, .sgd(learningRate: 0.01)),
  ])
  func dropoutDrawsAnotherMaskInEachStepOfASearch(_ algorithm: LearningAlgorithm, _ optimizer: Optimizer) throws {
    let data = try Dataset(features: .floats([Float](repeating: 1, count: 8)), featureShape: [8], values: [1])
    func run(_ algorithm: LearningAlgorithm, epochs: Int) throws -> [Float] {
      try weights(
        Sequential { Dropout(0.5); Dense(1, usesBias: false, weightInitializer: .zeros) }, .meanSquaredError, optimizer,
        options(algorithm, epochs: epochs), data)
    }
    // What is dropped in the only step is not moved, by any algorithm.
    let first = try run(algorithm, epochs: 1)
    #expect(first.map { $0 == 0 } == (try run(.backpropagation, epochs: 1).map { $0 == 0 }))
    #expect(first.contains(0) && first.contains { $0 != 0 })
    #expect(try !run(algorithm, epochs: 20).contains(0))
    guard algorithm == .finiteDifferences else { return }
    let (exact, measured) = (try run(.backpropagation, epochs: 20), try run(algorithm, epochs: 20))
    for (x, y) in zip(exact, measured) { #expect(abs(x - y) < 1e-4) }
  }

  @Test func feedbackAlignmentLearnsByAnotherGradient() throws {
    let data = try Synthetic.twoMoons(count: 200, seed: 1)
    func trainer(_ algorithm: LearningAlgorithm, epochs: Int) throws -> Trainer {
      let trainer = try Trainer(
        smallNetwork(outputs: 2), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 1),
        options: options(algorithm, epochs: epochs))
      try trainer.fit(data)
      return trainer
    }
    #expect(try trainer(.feedbackAlignment, epochs: 500).evaluate(data).accuracy ?? 0 > 0.95)
    let one = try trainer(.feedbackAlignment, epochs: 1).model().weights
    let other = try trainer(.backpropagation, epochs: 1).model().weights
    // The last layer's weights get their own gradient, the first layer's one that came another way.
    #expect(one[3].values == other[3].values)
    #expect(one[0].values != other[0].values)
  }

  @Test func theForwardGradientIsRightOnAverage() throws {
    let data = try Synthetic.twoMoons(count: 30, seed: 1)
    func change(_ algorithm: LearningAlgorithm, _ seed: UInt64) throws -> [Float] {
      func run(_ epochs: Int) throws -> [Float] {
        try weights(
          Dense(2, weightInitializer: .constant(0.1)), .softmaxCrossEntropy, .sgd(learningRate: 1),
          options(algorithm, epochs: epochs, seed: seed), data)
      }
      return zip(try run(1), try run(0)).map { $0 - $1 }
    }
    let exact = try change(.backpropagation, 0)
    let runs = 200
    var mean = exact.map { _ in Float(0) }
    for seed in 0..<runs {
      for (index, value) in try change(.forwardGradient, UInt64(seed)).enumerated() {
        mean[index] += value / Float(runs)
      }
    }
    // Each component of (g·v) v varies by about |g|, so a mean of 200 by a 14th of it.
    let length = exact.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(zip(exact, mean).allSatisfy { abs($0 - $1) < 0.35 * length })
    #expect(mean != exact)
  }

  @Test func oneWeightAtATimeSolvesXor() throws {
    let data = Synthetic.xor()
    let trainer = try Trainer(
      smallNetwork(4, outputs: 2), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.5),
      options: options(.oneWeightAtATime, epochs: 100))
    let report = try trainer.fit(data)
    #expect(try trainer.evaluate(data).accuracy == 1)
    // Every pass runs the network once, and once or twice a weight.
    let weightCount = 2 * 4 + 4 + 4 * 2 + 2
    #expect(report.evaluationCount > 100 * data.count * (1 + weightCount))
    #expect(report.evaluationCount <= 100 * data.count * (1 + 2 * weightCount))
    #expect(zip(report.epochs, report.epochs.dropFirst()).allSatisfy { $1.loss <= $0.loss })
  }

  @Test func anExhaustiveSearchFindsTheBestOfTheGrid() throws {
    let trainer = try Trainer(
      Dense(1), loss: .meanSquaredError, optimizer: .sgd(learningRate: 1),
      options: options(.exhaustive, epochs: 5))
    // 2 a - b + 1 is on the grid.
    let data = try Dataset(features: .floats([0, 0, 0, 1, 1, 0, 1, 1]), featureShape: [2], values: [1, 0, 3, 2])
    try trainer.fit(data)
    #expect(try trainer.model().weights.flatMap(\.values.scalars) == [2, -1, 1])
    #expect(try trainer.evaluate(data).loss == 0)
  }

  @Test func aGridReachesAsFarAsWeightsDo() throws {
    let trainer = try Trainer(
      Dense(1), loss: .meanSquaredError, optimizer: .sgd(learningRate: 1),
      options: options(.exhaustive, epochs: 3, gridValues: 3, gridBounds: 0...3e38))
    let data = try Dataset(features: .floats([1, 2, 3]), featureShape: [1], values: [1, 0, -1])
    try trainer.fit(data)
    #expect(try trainer.model().weights.flatMap(\.values.scalars) == [0, 0])
    let estimate = try Trainer(
      Dense(1), loss: .meanSquaredError, optimizer: .sgd(learningRate: 1),
      options: options(.exhaustive, epochs: 100_000, gridValues: 100_000)
    ).searchEstimate(data)
    #expect(estimate.valueCount == 100_000)
  }

  @Test func aSearchThatWouldTakeTooLongIsRefusedWithItsTime() throws {
    let trainer = try Trainer(
      smallNetwork(outputs: 2), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 1),
      options: options(.exhaustive, epochs: 5))
    let estimate = try trainer.searchEstimate(and)
    #expect(estimate.weightCount == 2 * 16 + 16 + 16 * 2 + 2)
    #expect(estimate.seconds > 1e40)
    let error = message { try trainer.fit(and) }
    #expect(error.contains("5 values for each of 82 weights") && error.contains("years"))
  }

  /// The classic sum: 1,000 values each, at a nanosecond.
  @Test(arguments: [(2, "1 ms"), (4, "16.7 minutes"), (5, "11.6 days"), (6, "31.7 years")])
  func estimatesAreInUnitsThatPeopleKnow(_ weightCount: Int, _ duration: String) {
    let estimate = SearchEstimate(weightCount: weightCount, valueCount: 1000, secondsPerEvaluation: 1e-9)
    #expect(estimate.description.hasSuffix("takes \(duration)"))
  }

  @Test func gridsAreChecked() throws {
    func problem(
      epochs: Int, batchSize: Int = TrainingOptions.fullBatch, gridValues: Int = 5,
      gridBounds: ClosedRange<Double> = -2...2
    ) -> String {
      message {
        try options(
          .exhaustive, epochs: epochs, batchSize: batchSize, gridValues: gridValues, gridBounds: gridBounds).validate()
      }
    }
    #expect(problem(epochs: 1, gridValues: 1).contains("gridValues is 1"))
    #expect(problem(epochs: 5, gridBounds: 0...(.infinity)).contains("gridBounds"))
    for bounds in [-1e308...1e308, -1...1e39] {
      #expect(problem(epochs: 5, gridBounds: bounds).contains("gridBounds"))
    }
    for count in [100_001, .max] {
      #expect(problem(epochs: count, gridValues: count).contains("gridValues is \(count); use 2 to 100,000"))
    }
    #expect(problem(epochs: 100_000, gridValues: 100_000, gridBounds: -3e38...3e38).isEmpty)
    #expect(problem(epochs: 4).contains("epochs is 4; use 5"))
    #expect(problem(epochs: 5, batchSize: 8).contains("the full batch"))
    #expect(problem(epochs: 5).isEmpty)
  }
}

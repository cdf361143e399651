import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// What ends a run, and what progress is told of it.
struct StoppingTests {
  /// Few noisy examples, so that a large network soon learns them by heart and its validation loss rises.
  private func overfitting() throws -> (training: Dataset, validation: Dataset) {
    (try Synthetic.twoMoons(count: 24, noise: 0.5, seed: 1), try Synthetic.twoMoons(count: 200, noise: 0.5, seed: 2))
  }

  @Test func `early stopping ends the run and restores the best weights`() throws {
    let data = try overfitting()
    let options = TrainingOptions(epochs: 500, batchSize: 8, patience: 4)
    let trainer = try makeTrainer(
      smallNetwork(64, outputs: 2), optimizer: .adam(learningRate: 0.05), options: options)
    let report = try trainer.fit(data.training, validation: data.validation)
    #expect(report.stopReason == .noImprovement)
    let best = try #require(report.epochs.min { $0.validationLoss ?? 0 < $1.validationLoss ?? 0 })
    #expect(report.bestEpoch == best.epoch && report.keptEpoch == best.epoch)
    #expect(report.epochs.count == best.epoch + 4)
    #expect(try trainer.evaluate(data.validation).loss == best.validationLoss)
    #expect(best.validationLoss != report.epochs.last?.validationLoss)
  }

  @Test func `a task that is cancelled ends the run after a step`() async throws {
    let steps = try await Task {
      let trainer = try makeTrainer(smallNetwork(outputs: 2))
      let data = try Synthetic.twoMoons(count: 64, seed: 1)
      #expect(throws: CancellationError.self) {
        try withUnsafeCurrentTask { task in
          _ = try trainer.fit(data, epochs: 10_000, batchSize: 8) { _ in task?.cancel() }
        }
      }
      return trainer.stepsDone
    }.value
    #expect(steps > 0 && steps < 80_000)
  }

  @Test func `what counts epochs and steps is right while a run goes on, which another cannot`() throws {
    let data = try Synthetic.twoMoons(count: 64, seed: 1)
    let trainer = try makeTrainer(smallNetwork(outputs: 2))
    try trainer.fit(data, epochs: 2, batchSize: 8)
    var counts: [[Int]] = []
    var refusals: [String] = []
    try trainer.fit(data, epochs: 3, batchSize: 8) { progress in
      guard progress.endedEpoch != nil else { return }
      counts.append([trainer.epochsDone, trainer.stepsDone])
      refusals.append(message { try trainer.fit(data, epochs: 1) })
    }
    #expect(counts == [[3, 24], [4, 32], [5, 40]])
    #expect(refusals.count == 3 && refusals.allSatisfy { $0.contains("wait for the first call") })
    #expect(try trainer.fit(data, epochs: 1, batchSize: 8).epochs.count == 1 && trainer.epochsDone == 6)
  }

  @Test func `a fall that is too small counts as none`() throws {
    let data = try overfitting()
    let options = TrainingOptions(epochs: 50, batchSize: 8, patience: 2, minimumImprovement: 1e9)
    let trainer = try makeTrainer(smallNetwork(outputs: 2), options: options)
    let report = try trainer.fit(data.training, validation: data.validation)
    #expect(report.stopReason == .noImprovement && report.epochs.count == 3)
    // Smaller or not, the weights of the lowest loss are kept.
    #expect(report.keptEpoch == report.epochs.min { $0.validationLoss ?? 0 < $1.validationLoss ?? 0 }?.epoch)
  }

  @Test func `without early stopping the last weights stay`() throws {
    let data = try overfitting()
    let trainer = try makeTrainer(smallNetwork(64, outputs: 2), optimizer: .adam(learningRate: 0.05))
    let report = try trainer.fit(data.training, validation: data.validation, epochs: 60, batchSize: 8)
    #expect(report.stopReason == .epochsDone && report.keptEpoch == 60)
    #expect(try #require(report.bestEpoch) < 60)
    #expect(try trainer.evaluate(data.validation).loss == report.epochs.last?.validationLoss)
  }

  @Test func `a run ends the first time that the accuracy is reached`() throws {
    let data = try Synthetic.twoMoons(count: 200, seed: 0)
    let trainer = try makeTrainer(
      smallNetwork(outputs: 2), optimizer: .adam(learningRate: 0.02),
      options: TrainingOptions(epochs: 200, stopAtAccuracy: 0.97))
    let report = try trainer.fit(data, validation: Synthetic.twoMoons(count: 100, seed: 1))
    #expect(report.stopReason == .accuracyReached && report.epochs.count < 200)
    let accuracies = report.epochs.compactMap(\.validationAccuracy)
    #expect(try #require(accuracies.last) >= 0.97)
    #expect(accuracies.dropLast().allSatisfy { $0 < 0.97 })
  }

  @Test func `a run ends when the loss no longer falls`() throws {
    let data = try Synthetic.line(count: 32, noise: 0.1, seed: 0)
    let options = TrainingOptions(
      epochs: 1000, batchSize: TrainingOptions.fullBatch, flatEpochs: 3, flatTolerance: 1e-3)
    let trainer = try makeTrainer(Dense(1), .meanSquaredError, optimizer: .sgd(learningRate: 0.3), options: options)
    let report = try trainer.fit(data)
    #expect(report.stopReason == .lossIsFlat && report.epochs.count < 1000)
    let losses = report.epochs.map(\.loss)
    // What the rule says of these losses: the epoch at which three in a row have not fallen by a thousandth.
    var (reference, flat, end) = (losses[0], 0, 1)
    while flat < 3, end < losses.count {
      let isFalling = losses[end] < reference * (1 - 1e-3)
      (reference, flat, end) = (isFalling ? losses[end] : reference, isFalling ? 0 : flat + 1, end + 1)
    }
    #expect(flat == 3 && end == losses.count)
    #expect(reference < 0.02 && losses[0] > 1)
  }

  @Test func `validation data are split off, the same by seed, and are not learned from`() throws {
    let data = try Digits.loadAll()
    let options = TrainingOptions(epochs: 1, batchSize: 100, seed: 4, validationFraction: 0.25)
    let split = try makeTrainer(smallNetwork(outputs: 10), options: options)
    let report = try split.fit(data)
    let parts = try data.split(validationFraction: 0.25, seed: 4, isStratified: true)
    let given = try makeTrainer(smallNetwork(outputs: 10), options: options)
    let other = try given.fit(parts.training, validation: parts.validation)
    #expect(report.stepCount == (parts.training.count + 99) / 100)
    #expect(report.epochs.map(\.validationLoss) == other.epochs.map(\.validationLoss))
    #expect(try split.model().weights == given.model().weights)
  }

  @Test func `progress tells of steps and of every epoch`() throws {
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    let trainer = try makeTrainer(smallNetwork(outputs: 2))
    var ended: [Int] = []
    var seen: [TrainingProgress] = []
    let report = try trainer.fit(data, epochs: 5, batchSize: 30) { progress in
      seen.append(progress)
      if let epoch = progress.endedEpoch { ended.append(epoch.epoch) }
    }
    #expect(ended == [1, 2, 3, 4, 5])
    #expect(seen.allSatisfy { $0.steps == 4 && $0.epochs == 5 && (1...4).contains($0.step) && $0.loss.isFinite })
    #expect(seen.allSatisfy { $0.totalStepCount == 20 && $0.stepCount == ($0.epoch - 1) * 4 + $0.step })
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.seconds < $1.seconds })
    #expect(try #require(seen.last).seconds <= report.seconds)
    #expect(seen.compactMap(\.endedEpoch) == report.epochs)
  }

  private struct Cancelled: Error {}

  @Test func `what progress throws ends the run, and the trainer stays usable`() throws {
    let data = try Synthetic.twoMoons(count: 100, seed: 0)
    let trainer = try makeTrainer(smallNetwork(outputs: 2))
    #expect(throws: Cancelled.self) {
      try trainer.fit(data, epochs: 50) { if $0.endedEpoch?.epoch == 3 { throw Cancelled() } }
    }
    #expect(trainer.epochsDone == 3)
    let untouched = try makeTrainer(smallNetwork(outputs: 2))
    try untouched.fit(data, epochs: 3)
    #expect(try trainer.model().weights == untouched.model().weights)
    #expect(try trainer.fit(data, epochs: 1).epochs.first?.epoch == 4)
  }

  @Test func `a loss that is not finite ends the run with the place and advice`() throws {
    let data = try Synthetic.line(count: 32, seed: 0)
    let trainer = try makeTrainer(
      Dense(1), .meanSquaredError, optimizer: .sgd(learningRate: 1e6), options: TrainingOptions(batchSize: 8))
    let error = #expect(throws: TrainingError.self) { try trainer.fit(data) }
    #expect(error?.kind == .notFinite)
    #expect(error?.description.contains("epoch") == true && error?.description.contains("step") == true)
    #expect(error?.advice.contains("smaller learning rate") == true)
  }

  @Test func `weights that are not finite cannot be saved`() throws {
    let data = try Dataset(features: .floats([1e30]), featureShape: [1], values: [0])
    let network = Dense(1, usesBias: false, weightInitializer: .constant(1e-12))
    let trainer = try makeTrainer(network, .meanAbsoluteError, optimizer: .sgd(learningRate: 1e30))
    // The loss of the only step is finite; the weight after it is -1e30 · 1e30.
    try trainer.fit(data, epochs: 1)
    let error = #expect(throws: TrainingError.self) { try trainer.model() }
    #expect(error?.kind == .notFinite)
  }
}

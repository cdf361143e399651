import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Training on windows of tokens, in steps.
struct SequenceTests {
  /// A text of a fixed pattern, which a network that sees three tokens can learn by heart.
  static func data(context: Int = 4) throws -> Dataset {
    let tokens = (0..<400).map { Int32([0, 1, 0, 2, 1, 2][$0 % 6]) }
    let tokenizer = Tokenizer(charactersOf: "abc".unicodeScalars)
    return try Dataset(
      TokenWindows(over: tokens, length: context), vocabulary: tokenizer.vocabulary, tokenizer: tokenizer)
  }

  static let network = Sequential {
    Embedding(3, features: 8)
    PositionalEmbedding(length: 4)
    MultiHeadAttention(heads: 2, isCausal: true)
    Dense(16, activation: .relu)
    Dense(3)
  }

  private struct Cancelled: Error {}

  @Test(arguments: [3, Int.max])
  func `runs of steps follow each other, however far apart evaluations are`(steps: Int) throws {
    let options = TrainingOptions(batchSize: 3, steps: steps, evaluationInterval: .max)
    let trainer = try makeTrainer(smallNetwork(outputs: 2), options: options)
    let data = Synthetic.xor()
    for run in 1...2 {
      if steps == 3 {
        #expect(try trainer.fit(data).epochs.map(\.step) == [3 * run])
        #expect(trainer.stepsDone == 3 * run)
      } else {
        #expect(throws: Cancelled.self) { try trainer.fit(data) { _ in throw Cancelled() } }
        #expect(trainer.stepsDone == run)
      }
    }
  }

  @Test func `a network learns the next token in steps`() throws {
    let options = TrainingOptions(batchSize: 16, validationFraction: 0.2, steps: 250, evaluationInterval: 100)
    let trainer = try Trainer(
      Self.network, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), options: options)
    var ended: [Int] = []
    let report = try trainer.fit(Self.data()) { progress in
      #expect(progress.totalStepCount == 250)
      if progress.endedEpoch != nil { ended.append(progress.stepCount) }
    }
    #expect(report.epochs.map(\.step) == [100, 200, 250] && report.stepCount == 250 && ended == [100, 200, 250])
    #expect(trainer.stepsDone == 250 && report.isOfSteps)
    #expect(report.kept.map(report.place) == "step 250")
    #expect(try trainer.model().metadata["epochs"] == nil && trainer.model().metadata["steps"] == "250")
    // The first places of a window cannot be known, the others can.
    #expect(try #require(report.epochs.last?.validationLoss) < 0.35)
    #expect(try #require(report.epochs.last?.validationAccuracy) > 0.8)

    let file = FileManager.default.temporaryDirectory.appendingPathComponent("tokens-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let model = try trainer.model()
    try model.save(to: file)
    let copy = try Model(contentsOf: file)
    #expect(copy == model && copy.featureType == .int32 && copy.classShape == [4])
    #expect(try copy.tokenizer() == Tokenizer(charactersOf: "abc".unicodeScalars))
    let predictor = try copy.predictor(batchSize: 2)
    let rows = try predictor.predict(integers: [0, 1, 0, 2, 1, 2, 0, 1])
    #expect(rows.count == 2 && rows[0].count == 12)
    #expect(rows[0][9...].max() == rows[0][10] && rows[1][9...].max() == rows[1][9])
    #expect(throws: TrainingError.self) { try predictor.predict([0, 1, 0, 2]) }
    let data = try Self.data()
    #expect(try predictor.predict(data, rows: 3..<5).count == 2)
    let evaluation = try copy.evaluate(data)
    #expect(evaluation.count == data.count * 4 && evaluation.confusionMatrix == nil)
  }

  @Test func `steps go on where another call ended, and the same batches follow`() throws {
    func weights(_ parts: [Int]) throws -> [Model.Weight] {
      var model: Model?
      let trainer = try Trainer(
        Self.network, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1),
        options: TrainingOptions(batchSize: 7, steps: parts[0]))
      let data = try Self.data()
      for _ in parts {
        try trainer.fit(data)
        model = try trainer.model()
      }
      return try #require(model).weights
    }
    #expect(try weights([40, 40]) == weights([80]))
  }

  @Test func `a sample is judged between, all of it at the end`() throws {
    let data = try Self.data()
    let options = TrainingOptions(batchSize: 8, steps: 4, evaluationInterval: 2, evaluationExamples: 5)
    let trainer = try Trainer(
      Self.network, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0), options: options)
    let report = try trainer.fit(data, validation: data)
    let all = try trainer.evaluate(data)
    #expect(report.epochs[0].validationLoss != all.loss)
    #expect(report.epochs[1].validationLoss == all.loss)
  }

  @Test func `a loss that is not finite is placed by its step in the run`() throws {
    let options = TrainingOptions(batchSize: 8, steps: 60, evaluationInterval: 10)
    let trainer = try Trainer(
      Self.network, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 1e30), options: options)
    let error = #expect(throws: TrainingError.self) { try trainer.fit(Self.data()) }
    #expect(error?.kind == .notFinite)
    let message = try #require(error?.message)
    #expect(message.contains(/at step [0-9]+ of 60, whose batch/) && !message.contains("epoch"), "\(message)")
  }

  @Test func `options of steps are checked, written and read`() throws {
    let options = TrainingOptions(steps: 20, evaluationInterval: 3, evaluationExamples: 9)
    #expect(try JSONDecoder().decode(TrainingOptions.self, from: JSONEncoder().encode(options)) == options)
    #expect(options.stepCount(exampleCount: 1000) == 20)
    for options in [
      TrainingOptions(steps: 0), TrainingOptions(evaluationInterval: 0), TrainingOptions(evaluationExamples: 0),
    ] {
      #expect(throws: TrainingError.self) { try options.validate() }
    }
  }

  @Test func `what does not fit is told`() throws {
    let data = try Self.data()
    func message(_ network: Sequential) -> String {
      let error = #expect(throws: (any Error).self) {
        try Trainer(network, loss: .softmaxCrossEntropy, optimizer: .adam()).fit(data)
      }
      return error.map { "\($0)" } ?? ""
    }
    #expect(message(Sequential { Embedding(3, features: 2); Dense(4) }).contains("4 outputs, but there are 3 classes"))
    #expect(
      message(
        Sequential {
          Embedding(3, features: 2); Flatten(); Dense(3)
        }
      ).contains("one for each class at each place"))
    #expect(message(Sequential { Dense(3) }).contains("int32[1, 4]"))
    // A vocabulary that is too small is found when a token does not fit.
    #expect(!message(Sequential { Embedding(2, features: 2); Dense(3) }).isEmpty)
  }
}

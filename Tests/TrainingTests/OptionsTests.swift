import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Options, their texts, and what is said of those that cannot be used.
struct OptionsTests {
  @Test func `options are coded by readable keys, of which any may be left out`() throws {
    let options = TrainingOptions(
      epochs: 7, batchSize: 5, gradientAccumulation: 2, seed: .max, threads: 2, precision: .bfloat16, gaussianPrior: 1,
      laplacePrior: 2,
      validationFraction: 0.25, patience: 3, minimumImprovement: 0.01, flatEpochs: 2, flatTolerance: 0.5,
      stopAtAccuracy: 0.9, shuffle: false, shift: 2, flip: true, steps: 4, evaluationInterval: 3,
      evaluationExamples: 6, algorithm: .exhaustive, gridValues: 8, gridBounds: -1...3, longestSearch: 9)
    let standard = TrainingOptions()
    for (given, usual) in zip(Mirror(reflecting: options).children, Mirror(reflecting: standard).children) {
      #expect("\(given.value)" != "\(usual.value)", "\(given.label ?? "") is to be coded too")
    }
    let coded = try JSONEncoder().encode(options)
    #expect(try JSONDecoder().decode(TrainingOptions.self, from: coded) == options)
    func read(_ text: String) throws -> TrainingOptions {
      try JSONDecoder().decode(TrainingOptions.self, from: Data(text.utf8))
    }
    #expect(try read("{}") == TrainingOptions())
    #expect(
      try read(#"{"batchSize": "full", "shift": 1, "patience": 2, "threads": null}"#)
        == TrainingOptions(
          batchSize: TrainingOptions.fullBatch, patience: 2, shift: 1))
    let full = TrainingOptions(batchSize: TrainingOptions.fullBatch)
    #expect(try JSONDecoder().decode(TrainingOptions.self, from: JSONEncoder().encode(full)) == full)
    #expect(message { _ = try read(#"{"epoch": 1}"#) }.contains("'epoch'"))
    #expect(message { _ = try read(#"{"flatTolerence": 1}"#) }.contains("'flatTolerence'"))
    #expect(throws: (any Error).self) { try read(#"{"batchSize": "some"}"#) }
  }

  @Test func `steps of a run are counted, the last batch included`() {
    #expect(TrainingOptions(epochs: 3, batchSize: 4).stepCount(exampleCount: 10) == 9)
    #expect(TrainingOptions(epochs: 3, batchSize: TrainingOptions.fullBatch).stepCount(exampleCount: 10) == 3)
    #expect(TrainingOptions(epochs: 0).stepCount(exampleCount: 10) == 0)
    #expect(TrainingOptions(epochs: .max, batchSize: 1).stepCount(exampleCount: 10) == .max)
  }

  static let unusable: [(options: TrainingOptions, expected: String)] = [
    (TrainingOptions(epochs: -1), "epochs is -1"),
    (TrainingOptions(batchSize: 0), "batchSize is 0"),
    (TrainingOptions(threads: 0), "threads is 0"),
    (TrainingOptions(precision: .emulatedBfloat16, algorithm: .finiteDifferences), "precision is emulatedBfloat16"),
    (TrainingOptions(gaussianPrior: .nan), "gaussianPrior"),
    (TrainingOptions(validationFraction: 1), "validationFraction is 1"),
    (TrainingOptions(validationFraction: .nan), "validationFraction is nan"),
    (TrainingOptions(patience: 0), "patience is 0"),
    (TrainingOptions(minimumImprovement: .infinity), "minimumImprovement is inf"),
    (TrainingOptions(flatTolerance: -1), "flatTolerance is -1"),
    (TrainingOptions(flatEpochs: 0), "flatEpochs is 0"),
    (TrainingOptions(stopAtAccuracy: 98), "stopAtAccuracy is 98"),
    (TrainingOptions(shift: -1), "shift is -1"),
  ]

  @Test(arguments: unusable.indices)
  func `an option that cannot be used is named`(index: Int) throws {
    let (options, expected) = Self.unusable[index]
    #expect(message { try options.validate() }.contains(expected))
    #expect(message { _ = try makeTrainer(Dense(1), options: options) }.contains(expected))
  }

  @Test func `optimizers and losses that cannot be used are refused`() throws {
    for learningRate in [Double.nan, .infinity, -1] {
      #expect(throws: OptimizerError.self) {
        try makeTrainer(Dense(1), optimizer: .adam(learningRate: learningRate))
      }
    }
    #expect(throws: LossError.self) { try makeTrainer(Dense(1), .huber(delta: -1)) }
  }

  @Test func `data that do not fit are refused with what to do`() throws {
    let xor = Synthetic.xor()
    let digits = try Digits.load().training
    let line = try Synthetic.line(count: 9, seed: 0)
    func fit(
      _ network: some Layer, _ data: Dataset, _ options: TrainingOptions, _ loss: Loss = .softmaxCrossEntropy
    ) -> String {
      message { try makeTrainer(network, loss, options: options).fit(data) }
    }
    let plain = TrainingOptions(epochs: 1)
    #expect(fit(Dense(3), xor, plain).contains("give its last layer 2 units"))
    #expect(fit(Dense(10), xor, plain, .meanSquaredError).contains("2 units"))
    #expect(fit(Dense(2), line, plain).contains("labels"))
    #expect(fit(Sequential {}, xor, plain).contains("no parameters"))
    #expect(fit(Dense(1 << 40), line, plain, .meanSquaredError) != "")
    #expect(fit(Dense(2), xor, TrainingOptions(patience: 5)).contains("validationFraction"))
    #expect(fit(Dense(2), xor, TrainingOptions(stopAtAccuracy: 0.9)).contains("validationFraction"))
    #expect(fit(Dense(2), xor, TrainingOptions(validationFraction: 0.01)).contains("validation"))
    #expect(fit(Dense(2), xor, TrainingOptions(shift: 1)).contains("[2]"))
    let none = try Dataset(features: .floats([]), featureShape: [2], classes: [], classNames: ["a", "b"])
    #expect(fit(Dense(2), none, plain).contains("no training examples"))

    let trainer = try makeTrainer(Dense(2))
    try trainer.fit(xor, epochs: 1)
    #expect(message { try trainer.fit(digits) }.contains("[8, 8]"))
    #expect(message { try trainer.fit(xor, validation: digits) }.contains("validation data"))
    #expect(message { try trainer.fit(xor, epochs: 1, batchSize: 0) }.contains("batchSize"))
  }

  @Test func `an accuracy cannot be waited for where numbers are predicted`() throws {
    let data = try Synthetic.line(count: 30, seed: 0)
    let options = TrainingOptions(epochs: 1, validationFraction: 0.3, stopAtAccuracy: 0.9)
    let trainer = try makeTrainer(Dense(1), .meanSquaredError, options: options)
    #expect(message { try trainer.fit(data) }.contains("accuracy"))
  }
}

import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Loss, accuracy and predictions of trained networks.
struct EvaluationTests {
  private func digitsModel() throws -> (model: Model, test: Dataset) {
    let digits = try Digits.load()
    let trainer = try makeTrainer(smallNetwork(32, outputs: 10))
    try trainer.fit(digits.training, epochs: 4)
    return (try trainer.model(), digits.test)
  }

  @Test func `a batch size that does not divide the data changes nothing but rounding`() throws {
    let (model, test) = try digitsModel()
    let whole = try model.evaluate(test, batchSize: test.count)
    #expect(whole.count == test.count && test.count % 100 != 0)
    for batchSize in [1, 7, 100, test.count - 1, 10 * test.count] {
      let parts = try model.evaluate(test, batchSize: batchSize)
      #expect(abs(parts.loss - whole.loss) < 1e-5)
      #expect(parts.correct == whole.correct && parts.confusionMatrix == whole.confusionMatrix)
    }
  }

  #if os(Linux)
  /// The memory of this process that is in use, in bytes.
  private func residentByteCount() throws -> Int {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
    return try #require(Int(pages)) * sysconf(Int32(_SC_PAGESIZE))
  }

  @Test func `evaluations of many sizes do not pile up memory`() throws {
    let width = 2048
    let data = try Dataset(
      features: .floats([Float](repeating: 1, count: 400 * width)), featureShape: [width],
      values: [Float](repeating: 1, count: 400), targetShape: [1])
    let trainer = try makeTrainer(Dense(1), .meanSquaredError)
    try trainer.fit(data, epochs: 0)
    let before = try residentByteCount()
    for count in 200..<400 { #expect(try trainer.evaluate(data.subset(0..<count)).count == count) }
    // A batch of each size takes 2.4 MB on average: 480 MB in all.
    #expect(try residentByteCount() - before < 240 << 20)
  }
  #endif

  @Test func `the loss of an evaluation is the mean over its examples`() throws {
    let (model, test) = try digitsModel()
    let rows = try (0..<50).map { try model.evaluate(test.subset([$0])).loss }
    let together = try model.evaluate(test.subset(0..<50)).loss
    #expect(abs(together - rows.reduce(0, +) / 50) < 1e-5)
  }

  @Test func `the confusion matrix counts every example by class and answer`() throws {
    let (model, test) = try digitsModel()
    let evaluation = try model.evaluate(test)
    let matrix = try #require(evaluation.confusionMatrix)
    let predictor = try model.predictor(batchSize: 64)
    var expected = Array(repeating: Array(repeating: 0, count: 10), count: 10)
    for (actual, outputs) in zip(try #require(test.classes), try predictor.predict(test)) {
      expected[Int(actual)][try #require(predictor.chosenClass(outputs))] += 1
    }
    #expect(matrix == expected)
    #expect(evaluation.correct == (0..<10).map { matrix[$0][$0] }.reduce(0, +))
    #expect(evaluation.accuracy == Double(try #require(evaluation.correct)) / Double(test.count))
  }

  @Test func `predictions are probabilities and do not depend on the batch`() throws {
    let (model, test) = try digitsModel()
    let all = try model.predictor(batchSize: 50).predict(test)
    #expect(all.count == test.count)
    #expect(all.allSatisfy { $0.count == 10 && abs($0.reduce(0, +) - 1) < 1e-5 && $0.allSatisfy { $0 >= 0 } })
    let single = try model.predictor(batchSize: 1)
    for row in [0, 17, test.count - 1] {
      let features = try #require(test.features(at: row)).scalars
      let alone = try single.predict(features)
      #expect(alone.count == 1)
      #expect(zip(alone[0], all[row]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    #expect(try single.predict(test, rows: 3..<6).count == 3)
    #expect(try single.predict([]).isEmpty)
  }

  @Test func `one output decides between two classes`() throws {
    for loss in [Loss.binaryCrossEntropy, .hinge, .meanSquaredError] {
      let data = try Synthetic.twoMoons(count: 100, seed: 0)
      let trainer = try makeTrainer(smallNetwork(outputs: 1), loss, optimizer: .adam(learningRate: 0.03))
      try trainer.fit(data, epochs: 80)
      let evaluation = try trainer.evaluate(data)
      #expect(try #require(evaluation.accuracy) >= 0.97)
      let matrix = try #require(evaluation.confusionMatrix)
      #expect(matrix[0][0] + matrix[1][1] == evaluation.correct)
      let predictor = try trainer.model().predictor(batchSize: 100)
      let chosen = try predictor.predict(data).compactMap { predictor.chosenClass($0) }
      let right = zip(chosen, try #require(data.classes)).filter { $0 == Int($1) }.count
      #expect(right == evaluation.correct)
    }
  }

  @Test func `evaluation takes data with fewer classes, and refuses others`() throws {
    let (model, test) = try digitsModel()
    let few = try Dataset(
      features: .floats(try #require(test.features(at: 0)).scalars), featureShape: [8, 8], classes: [0],
      classNames: ["0", "1"])
    #expect(try model.evaluate(few).count == 1)
    let renamed = try Dataset(
      features: few.features, featureShape: [8, 8], classes: [0], classNames: ["one", "two"])
    #expect(message { _ = try model.evaluate(renamed) }.contains("'one', 'two'"))
    let flat = try Dataset(features: few.features, featureShape: [64], classes: [0], classNames: ["0"])
    #expect(message { _ = try model.evaluate(flat) }.contains("[64]"))
    let numbers = try Dataset(features: few.features, featureShape: [8, 8], values: [0])
    #expect(message { _ = try model.evaluate(numbers) }.contains("numbers"))
    let none = try Dataset(features: .floats([]), featureShape: [8, 8], classes: [], classNames: ["0"])
    #expect(message { _ = try model.evaluate(none) }.contains("no evaluation examples"))
  }

  @Test func `a predictor refuses what does not fit`() throws {
    let (model, test) = try digitsModel()
    #expect(message { _ = try model.predictor(batchSize: 0) }.contains("batchSize is 0"))
    #expect(message { _ = try model.predictor(batchSize: 1, threads: 0) }.contains("threads is 0"))
    let predictor = try model.predictor(batchSize: 2)
    #expect(message { _ = try predictor.predict([1, 2, 3]) }.contains("64"))
    #expect(message { _ = try predictor.predict(test, rows: 0..<10_000) }.contains("no examples"))
    #expect(message { _ = try predictor.predict(Synthetic.xor()) }.contains("[2]"))
  }
}

import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Measures, compared with scikit-learn's; see `Fixtures/scores.py`.
struct ScoresTests {
  private struct Fixture: Decodable {
    struct Classes: Decodable {
      let outputs: [[Float]]
      let truth: [Int]
      let accuracy, balancedAccuracy, precision, recall, f1, rocAUC, logLoss: Double
      let confusionMatrix: [[Int]]
    }
    struct Numbers: Decodable {
      let outputs, truth: [Double]
      let meanAbsoluteError, rootMeanSquaredError, rSquared: Double
      /// The same numbers as 20 examples of two targets.
      let ofTwoTargets: Measures
      struct Measures: Decodable { let meanAbsoluteError, rootMeanSquaredError, rSquared: Double }
    }
    let classes: [Classes]
    let numbers: Numbers
  }

  private func fixture() throws -> Fixture {
    let file = try #require(Bundle.module.url(forResource: "scores", withExtension: "json"))
    return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }

  private func expectClose(_ value: Double?, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(abs((value ?? .nan) - expected) < 1e-6, "\(value ?? .nan), \(expected)", sourceLocation: sourceLocation)
  }

  @Test func `measures of classes are scikit-learn's`() throws {
    for expected in try fixture().classes {
      let names = expected.outputs[0].indices.map { "class \($0)" }
      let scores = try ClassificationScores(
        outputs: expected.outputs, truth: expected.truth, classNames: names, areProbabilities: true)
      expectClose(scores.accuracy, expected.accuracy)
      expectClose(scores.balancedAccuracy, expected.balancedAccuracy)
      expectClose(scores.precision, expected.precision)
      expectClose(scores.recall, expected.recall)
      expectClose(scores.f1, expected.f1)
      expectClose(scores.rocAUC, expected.rocAUC)
      expectClose(scores.logLoss, expected.logLoss)
      #expect(scores.confusionMatrix == expected.confusionMatrix)
      #expect(scores.reliability.reduce(0) { $0 + $1.count } == expected.truth.count)
    }
  }

  @Test func `one output for two classes is as good as two`() throws {
    let two = try fixture().classes[0]
    let one = try ClassificationScores(
      outputs: two.outputs.map { [$0[1]] }, truth: two.truth, classNames: ["no", "yes"], areProbabilities: true)
    expectClose(one.rocAUC, two.rocAUC)
    expectClose(one.f1, two.f1)
    expectClose(one.logLoss, two.logLoss)
  }

  @Test(arguments: [1e-9, 1e-30] as [Float])
  func `one output of tiny probabilities ranks both classes`(unit: Float) throws {
    let scores = try ClassificationScores(
      outputs: [[unit], [2 * unit], [3 * unit], [4 * unit]], truth: [0, 0, 1, 1], classNames: ["a", "b"],
      areProbabilities: true)
    #expect(scores.classes.map(\.rocAUC) == [1, 1])
  }

  @Test func `classes that do not occur are in no mean`() throws {
    let outputs: [[Float]] = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]]
    let scores = try ClassificationScores(
      outputs: outputs, truth: [0, 0, 0, 1], classNames: ["a", "b", "c"], areProbabilities: true)
    expectClose(scores.precision, 0.75)
    expectClose(scores.recall, 5.0 / 6)
    expectClose(scores.f1, (0.8 + 2.0 / 3) / 2)
    expectClose(scores.balancedAccuracy, scores.recall)
    let single = try ClassificationScores(outputs: [[1], [1]], truth: [0, 0], classNames: ["a"], areProbabilities: true)
    #expect(single.accuracy == 1 && single.f1 == 1 && single.confusionMatrix == [[2]])
  }

  @Test func `measures of numbers are scikit-learn's`() throws {
    let expected = try fixture().numbers
    let scores = try RegressionScores(predictions: expected.outputs, truth: expected.truth)
    expectClose(scores.meanAbsoluteError, expected.meanAbsoluteError)
    expectClose(scores.rootMeanSquaredError, expected.rootMeanSquaredError)
    expectClose(scores.rSquared, expected.rSquared)
    let targets = try RegressionScores(
      predictions: expected.outputs, truth: expected.truth, targetCount: 2)
    expectClose(targets.meanAbsoluteError, expected.ofTwoTargets.meanAbsoluteError)
    expectClose(targets.rootMeanSquaredError, expected.ofTwoTargets.rootMeanSquaredError)
    expectClose(targets.rSquared, expected.ofTwoTargets.rSquared)
    for same in [3, 0.1] {
      let truth = Array(repeating: same, count: 10)
      #expect(try RegressionScores(predictions: Array(repeating: 0.2, count: 10), truth: truth).rSquared == nil)
    }
    // Squares of such numbers are 0.
    #expect(try RegressionScores(predictions: [0.1, 0.2], truth: [1e-200, 2e-200]).rSquared == nil)
  }

  @Test func `labels are right one by one, and all together`() throws {
    let scores = try LabelScores(predictions: [[0.9, 0.2], [0.6, 0.7], [0.1, 0.4]], truth: [1, 0, 1, 0, 0, 0])
    expectClose(scores.labelAccuracy, 5.0 / 6)
    expectClose(scores.exactMatch, 2.0 / 3)
    #expect(throws: TrainingError.self) { try LabelScores(predictions: [[0.9]], truth: [1, 0]) }
  }

  @Test func `a network that is always sure and half right is badly calibrated`() throws {
    let scores = try ClassificationScores(
      outputs: [[1, 0], [1, 0]], truth: [0, 1], classNames: ["a", "b"], areProbabilities: true)
    #expect(scores.calibrationError == 0.5)
    #expect(scores.reliability.map(\.confidence) == [1] && scores.reliability.map(\.accuracy) == [0.5])
    #expect(scores.classes.map(\.count) == [1, 1] && scores.classes[1].precision == 0)
    #expect(scores.rocAUC == 0.5)
  }

  @Test func `what does not fit is refused`() {
    for (outputs, truth) in [([[Float(1), 0]], [0, 1]), ([[1, 0, 0]], [0]), ([[1, 0]], [2]), ([], [])] {
      #expect(throws: TrainingError.self) {
        try ClassificationScores(outputs: outputs, truth: truth, classNames: ["a", "b"], areProbabilities: true)
      }
    }
    #expect(throws: TrainingError.self) {
      try ClassificationScores(
        outputs: [[0, 1], [.nan, 1]], truth: [0, 1], classNames: ["a", "b"], areProbabilities: true)
    }
    #expect(throws: TrainingError.self) { try RegressionScores(predictions: [1], truth: [1, 2]) }
    #expect(throws: TrainingError.self) {
      try RegressionScores(predictions: [1, 2, 3], truth: [1, 2, 3], targetCount: 2)
    }
  }

  @Test func `columns that decide matter, others do not`() throws {
    var generator = PhiloxGenerator(seed: 1)
    let features = (0..<600).map { _ in Float.random(in: -1...1, using: &generator) }
    let classes = (0..<200).map { Int32(features[3 * $0 + 1] > 0 ? 1 : 0) }
    let data = try Dataset(features: .floats(features), featureShape: [3], classes: classes, classNames: ["-", "+"])
    let trainer = try makeTrainer(smallNetwork(outputs: 2))
    try trainer.fit(data, epochs: 30, batchSize: 20)
    let columns = [(name: "first", features: [0]), (name: "second", features: [1]), (name: "third", features: [2])]
    let model = try trainer.model()
    let importance = try model.importance(of: columns, on: data)
    #expect(importance.first?.name == "second")
    #expect(importance[0].importance > 10 * abs(importance[1].importance))
    #expect(try importance == model.importance(of: columns, on: data))
    let measured = try model.measure(data)
    #expect(try measured.scores == model.scores(on: data))
    #expect(try measured.evaluation.loss == model.evaluate(data).loss)
    let predictions = try model.predictor(batchSize: data.count).predict(data)
    #expect(measured.predictions.count == data.count)
    for (one, other) in zip(measured.predictions.joined(), predictions.joined()) { #expect(abs(one - other) < 1e-6) }
    guard case .classes(let scores) = measured.scores else { throw CancellationError() }
    #expect(scores.confusionMatrix == measured.evaluation.confusionMatrix)
    #expect(try scores.accuracy == trainer.evaluate(data).accuracy)
    #expect(throws: TrainingError.self) { try model.importance(of: [(name: "x", features: [3])], on: data) }
  }
}

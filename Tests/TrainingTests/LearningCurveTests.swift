import Datasets
import NeuralNetworks
import Optimizers
import Testing
import Training

/// What more examples would bring.
struct LearningCurveTests {
  private func curve(sizes: [Int]? = nil, repeats: Int) throws -> LearningCurve {
    try LearningCurve(
      training: Synthetic.twoMoons(count: 40, seed: 1), held: Synthetic.twoMoons(count: 30, seed: 2), sizes: sizes,
      repeats: repeats,
      trainer: { seed, _ in
        try makeTrainer(smallNetwork(outputs: 2), options: TrainingOptions(epochs: 2, seed: seed))
      })
  }

  @Test func `each size is trained on as often as asked`() throws {
    let curve = try curve(sizes: [100, 10], repeats: 2)
    #expect(curve.points.map(\.count) == [10, 40] && curve.scoreName == "accuracy")
    #expect(curve.points.allSatisfy { $0.scores.count == 2 && $0.scores.allSatisfy { (0...1).contains($0) } })
  }

  @Test func `numbers have a loss, also where they stand for two classes`() throws {
    let numbers = try Dataset(
      features: .floats([-1, 1, -2, 2, -3, 3]), featureShape: [1], values: [0, 1, 0, 1, 0, 1])
    let curve = try LearningCurve(training: numbers, held: numbers, sizes: [6], repeats: 1) { seed, _ in
      try makeTrainer(
        Dense(1, weightInitializer: .zeros), .binaryCrossEntropy, optimizer: .sgd(learningRate: 0),
        options: TrainingOptions(epochs: 1, seed: seed))
    }
    #expect(curve.scoreName == "loss" && abs(curve.points[0].mean - 0.6931472) < 1e-6)
  }

  @Test(arguments: [Int.max, 1001, 0, -1])
  func `how often is checked`(repeats: Int) {
    #expect(message { _ = try curve(repeats: repeats) }.contains("repeats is \(repeats); use 1 to 1,000"))
  }
}

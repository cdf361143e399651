import Datasets
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

  @Test(arguments: [Int.max, 1001, 0, -1])
  func `how often is checked`(repeats: Int) {
    #expect(message { _ = try curve(repeats: repeats) }.contains("repeats is \(repeats); use 1 to 1,000"))
  }
}

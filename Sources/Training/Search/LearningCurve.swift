import Datasets
import NeuralNetworks
import Optimizers

/// What more examples would bring: how good a network becomes that learns from a part of the data, against the part's
/// size.
public struct LearningCurve: Sendable {
  /// One size.
  public struct Point: Hashable, Sendable, Codable {
    /// The number of training examples.
    public let count: Int
    /// The scores on the held-back examples, one for each repetition: the accuracy, or the loss where numbers are
    /// predicted.
    public let scores: [Double]

    /// The mean score.
    public var mean: Double { scores.reduce(0, +) / Double(max(scores.count, 1)) }
    /// The standard deviation of the scores, as of a sample; 0 for one.
    public var deviation: Double {
      let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(max(scores.count - 1, 1))).squareRoot()
    }
  }

  /// By rising size.
  public let points: [Point]
  /// What the scores are.
  public let scoreName: String

  /// Trains on parts of the data, several times on each size with other examples and other first weights.
  /// - Parameters:
  ///   - training: from which parts are taken.
  ///   - held: examples that no part has, by which each network is judged.
  ///   - sizes: the numbers of training examples; those above what there are count as all.
  ///   - repeats: how often each size is trained on, 1 to 1,000 times.
  ///   - convertingLoss: makes a score of the loss, such as one in the units of what is predicted.
  ///   - trainer: makes the trainer for a seed and a number of examples.
  ///   - onPoint: called after each size.
  /// - Throws: `TrainingError` when `repeats` or `sizes` cannot be used, and what training throws.
  public init(
    training: Dataset, held: Dataset, sizes: [Int]? = nil, repeats: Int = 3, seed: UInt64 = 0,
    convertingLoss: (Double) -> Double = { $0 },
    trainer: (_ seed: UInt64, _ count: Int) throws -> Trainer, onPoint: (Point) throws -> Void = { _ in }
  ) throws {
    try require((1...1000).contains(repeats), "repeats", repeats, "1 to 1,000")
    let sizes = Set((sizes ?? Self.sizes(upTo: training.count)).map { min($0, training.count) }).sorted()
    try require(sizes.first ?? 0 >= 1, "sizes", "\(sizes)", "numbers of examples, 1 or more")
    var points: [Point] = []
    for size in sizes {
      let scores = try (0..<repeats).map { index in
        let seed = seed &+ UInt64(index)
        let order = try Batches(exampleCount: training.count, batchSize: size, seed: seed, epoch: 0)
        let trainer = try trainer(seed, size)
        try trainer.fit(training.subset(order[0]))
        let evaluation = try trainer.evaluate(held)
        return held.predictsClasses ? evaluation.accuracy ?? 0 : convertingLoss(evaluation.loss)
      }
      let point = Point(count: size, scores: scores)
      points.append(point)
      try onPoint(point)
    }
    self.points = points
    scoreName = held.predictsClasses ? "accuracy" : "loss"
  }

  /// Seven sizes, each about one and a half times the one before, of which the last is all.
  static func sizes(upTo count: Int) -> [Int] {
    (0..<7).map { max(1, Int((Double(count) / Double.power(1.6, 6 - $0)).rounded())) }
  }
}

extension Double {
  fileprivate static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

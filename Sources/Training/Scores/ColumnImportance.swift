import Datasets

/// How much worse a model is when one column of its data is shuffled, so that it tells nothing any more.
public struct ColumnImportance: Hashable, Sendable, Codable {
  /// What the column is called.
  public let name: String
  /// The rise of the mean loss over the shuffles: about 0 where the column is not used.
  public let importance: Double
  /// The standard deviation of the rise over the shuffles.
  public let deviation: Double
}

extension Model {
  /// Measures how much each column matters, by shuffling it among the examples. Source: Breiman, "Random Forests"
  /// (2001), section 10.
  /// - Parameters:
  ///   - columns: which features belong together under which name; features of one example are counted from 0.
  ///   - repeats: how often each column is shuffled.
  /// - Returns: the columns, the most important one first.
  /// - Throws: `TrainingError` when the data are not of the model's form or a column has features that do not exist.
  public func importance(
    of columns: [(name: String, features: [Int])], on data: Dataset, repeats: Int = 3, seed: UInt64 = 0,
    threads: Int? = nil
  ) throws -> [ColumnImportance] {
    try require(repeats >= 1, "repeats", repeats, "1 or more")
    try task.check(data, called: "evaluation")
    let evaluator = Evaluator(task, try makeVariables(), threads: threads)
    let base = try evaluator.evaluate(data).loss
    var all = [Float](repeating: 0, count: data.count * featureShape.count)
    try all.withUnsafeMutableBufferPointer { try data.copyFeatures(of: 0..<data.count, into: $0) }
    let orders = try (0..<repeats).map {
      try Batches(exampleCount: data.count, batchSize: data.count, seed: seed, epoch: $0).order
    }
    let width = featureShape.count
    let importances = try columns.map { column in
      guard column.features.allSatisfy({ (0..<width).contains($0) }) else {
        throw TrainingError(
          .mismatch, "the column '\(column.name)' has features that an example of \(featureShape) has not",
          advice: "count features from 0 to \(width - 1)")
      }
      let rises = try orders.map { order in
        var shuffled = all
        for (row, source) in order.enumerated() {
          for feature in column.features { shuffled[row * width + feature] = all[source * width + feature] }
        }
        return try evaluator.evaluate(data.replacingFeatures(with: shuffled)).loss - base
      }
      let center = mean(rises) ?? 0
      let variance = mean(rises.map { ($0 - center) * ($0 - center) }) ?? 0
      return ColumnImportance(name: column.name, importance: center, deviation: variance.squareRoot())
    }
    return importances.sorted { ($1.importance, $0.name) < ($0.importance, $1.name) }
  }
}

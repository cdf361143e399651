import ArgumentParser
import Chainrule

/// All that can be chosen about learning from a table.
struct TableOptionGroups: ParsableArguments {
  @OptionGroup
  var target: TargetOptions

  @OptionGroup
  var reading: TableReadingOptions

  @OptionGroup
  var learning: TableLearningOptions

  var given: [GivenOptions] { [target.given, reading.given, learning.given] }

  /// Reads a table and makes examples of it.
  /// - Parameters:
  ///   - name: what the table is called.
  ///   - testFraction: the share of the rows that is held back; 0 for none.
  /// - Throws: `DatasetError`, and `UsageError` when options do not fit each other.
  func load(_ path: String, name: String, testFraction: Double, seed: UInt64) throws -> LoadedData {
    let table = try Table(path: path, options: reading.options)
    var options = try PreparedTable.Options(
      target: target.target, task: target.task, labelDelimiter: target.labelDelimiter, column: reading.kinds,
      split: learning.split(testFraction: testFraction, seed: seed), preprocessing: learning.preprocessing,
      weightColumn: learning.weightColumn)
    let folds = try learning.folds.map { try PreparedTable.folds($0, table, options) } ?? []
    if !folds.isEmpty { options.split.testFraction = 0 }
    let prepared = try PreparedTable(table, options)
    return LoadedData(
      name: name, splits: prepared.splits, preprocessing: prepared.preprocessing, folds: folds,
      warnings: prepared.warnings)
  }
}

/// What came of a cross-validation.
struct FoldScores: Encodable {
  /// One measure over all folds.
  struct Spread: Encodable {
    let mean: Double
    /// The standard deviation between folds.
    let deviation: Double
    /// The values, fold by fold.
    let values: [Double]

    init?(_ values: [Double?]) {
      let known = values.compactMap { $0 }
      guard known.count == values.count, !known.isEmpty else { return nil }
      let mean = known.reduce(0, +) / Double(known.count)
      let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(known.count - 1, 1))
      (self.mean, deviation, self.values) = (mean, variance.squareRoot(), known)
    }
  }

  /// What came of one fold.
  struct Fold {
    let evaluation: Evaluation?
    let scores: Scores?

    init(_ trainer: Trainer, on plan: TrainingPlan) throws {
      let test = try plan.test.map { try trainer.model().measure($0, threads: plan.options.threads) }
      (evaluation, scores) = (test?.evaluation, test?.scores)
    }

    var numbers: RegressionScores? { if case .numbers(let scores) = scores { scores } else { nil } }
    var labels: LabelScores? { if case .labels(let scores) = scores { scores } else { nil } }
  }

  let count: Int
  let loss: Spread?
  let accuracy: Spread?
  let rootMeanSquaredError: Spread?
  let meanAbsoluteError: Spread?
  let rSquared: Spread?
  let labelAccuracy: Spread?

  init(_ folds: [Fold]) {
    count = folds.count
    loss = Spread(folds.map(\.evaluation?.loss))
    accuracy = Spread(folds.map(\.evaluation?.accuracy))
    rootMeanSquaredError = Spread(folds.map(\.numbers?.rootMeanSquaredError))
    meanAbsoluteError = Spread(folds.map(\.numbers?.meanAbsoluteError))
    rSquared = Spread(folds.map(\.numbers?.rSquared))
    labelAccuracy = Spread(folds.map(\.labels?.labelAccuracy))
  }

  /// The measure that matters most, with its spread.
  var text: String {
    if let accuracy { return "accuracy \(percent(accuracy.mean)) ± \(percent(accuracy.deviation))" }
    if let labelAccuracy { return "labels \(percent(labelAccuracy.mean)) ± \(percent(labelAccuracy.deviation)) right" }
    guard let rootMeanSquaredError else { return "" }
    let (mean, deviation) = (rootMeanSquaredError.mean, rootMeanSquaredError.deviation)
    let explained = rSquared.map { ", R² \(fixed($0.mean, 4))" } ?? ""
    return "root mean squared error \(fixed(mean, 4)) ± \(fixed(deviation, 4))\(explained)"
  }
}

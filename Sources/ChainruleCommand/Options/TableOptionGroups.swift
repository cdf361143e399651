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

  /// A table made into examples, and what came of a cross-validation before.
  struct Prepared {
    let table: PreparedTable
    let folds: FoldScores?
  }

  /// Reads a table and makes examples of it; nil for other data.
  /// - Parameters:
  ///   - testFraction: the share of the rows that is held back; 0 for none.
  ///   - plan: how to learn from a fold.
  /// - Throws: `UsageError` when options for tables are given with other data.
  func prepare(
    _ source: DataSource, testFraction: Double, seed: UInt64, plan: (PreparedTable) throws -> TrainingPlan
  ) throws -> Prepared? {
    guard let path = source.tablePath else {
      guard target.target.isEmpty, learning.folds == nil else {
        throw UsageError("--target and --folds are for tables, but '\(source.name)' is none.")
      }
      guard learning.weightColumn == nil else {
        throw UsageError("--weight-column is for tables, but '\(source.name)' is none.")
      }
      return nil
    }
    let table = try Table(path: path, options: reading.options)
    var options = try PreparedTable.Options(
      target: target.target, task: target.task, labelDelimiter: target.labelDelimiter, kinds: reading.kinds,
      split: learning.split(testFraction: testFraction, seed: seed), preprocessing: learning.preprocessing,
      weight: learning.weightColumn)
    guard let count = learning.folds else { return Prepared(table: try PreparedTable(table, options), folds: nil) }
    let folds = try FoldScores(PreparedTable.folds(count, table, options).map { fold in
      let plan = try plan(fold)
      let trainer = try plan.trainer()
      try trainer.fit(plan.training, validation: nil)
      return try FoldScores.Fold(trainer, on: plan)
    })
    options.split = TableSplit(.none, seed: seed)
    return Prepared(table: try PreparedTable(table, options), folds: folds)
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
    let loss: Double?
    let accuracy: Double?
    let scores: TargetScores?

    init(_ trainer: Trainer, on plan: TrainingPlan) throws {
      let evaluation = try plan.test.map { try trainer.evaluate($0) }
      loss = evaluation?.loss
      accuracy = evaluation?.accuracy
      scores = try plan.test.flatMap { try trainer.model().targetScores(on: $0) }
    }
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
    loss = Spread(folds.map(\.loss))
    accuracy = Spread(folds.map(\.accuracy))
    rootMeanSquaredError = Spread(folds.map { $0.scores?.rootMeanSquaredError })
    meanAbsoluteError = Spread(folds.map { $0.scores?.meanAbsoluteError })
    rSquared = Spread(folds.map { $0.scores?.rSquared })
    labelAccuracy = Spread(folds.map { $0.scores?.labelAccuracy })
  }

  /// The measure that matters most, with its spread.
  var text: String {
    if let accuracy { return "accuracy \(percent(accuracy.mean)) ± \(percent(accuracy.deviation))" }
    if let labelAccuracy { return "labels \(percent(labelAccuracy.mean)) ± \(percent(labelAccuracy.deviation)) right" }
    guard let rootMeanSquaredError, let rSquared else { return "" }
    let (mean, deviation) = (rootMeanSquaredError.mean, rootMeanSquaredError.deviation)
    return "root mean squared error \(fixed(mean, 4)) ± \(fixed(deviation, 4)), R² \(fixed(rSquared.mean, 4))"
  }
}

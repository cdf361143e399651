import ArgumentParser
import Chainrule

/// What is learned from which form of data, and how: the options that all commands which train have in common.
struct LearningArguments: ParsableArguments {
  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @OptionGroup(title: "Learning")
  var optimizer: OptimizerOptions

  @OptionGroup(title: "Algorithm")
  var algorithm: AlgorithmOptions

  @OptionGroup(title: "Run")
  var run: RunOptions

  @OptionGroup
  var data: DataArguments

  func validate() throws { try optimizer.validate(with: network.preset) }

  /// Data that were read, and what follows from them.
  struct Prepared {
    let plan: TrainingPlan
    /// What came of a cross-validation before; nil where none was asked for.
    let folds: FoldScores?
    /// What is to be minded of a table.
    let warnings: [TableInspection.Warning]
  }

  /// Reads the data, of whatever form, and decides how to learn from them.
  /// - Throws: errors of data, and `UsageError` when options do not fit them.
  func prepare(_ source: DataSource) throws -> Prepared {
    let loaded = try load(source)
    let folds = try loaded.folds.map { fold in
      let plan = try plan(LoadedData(name: loaded.name, splits: fold.splits, preprocessing: fold.preprocessing))
      let trainer = try plan.trainer()
      try trainer.fit(plan.training, validation: nil)
      return try trainer.model().measure(plan.judged.data, threads: plan.options.threads)
    }
    return Prepared(
      plan: try plan(loaded), folds: folds.isEmpty ? nil : FoldScores(folds), warnings: loaded.warnings)
  }

  /// Reads the data.
  /// - Throws: as `prepare(_:)`.
  func load(_ source: DataSource) throws -> LoadedData {
    try data.load(source, seed: run.seed, validationFraction: run.validationFraction)
  }

  /// Decides how to learn from data.
  /// - Throws: `UsageError` when options do not fit them.
  func plan(_ loaded: LoadedData) throws -> TrainingPlan {
    try TrainingPlan(
      data: loaded.splits, preprocessing: loaded.preprocessing, network: network, learning: optimizer,
      algorithm: algorithm, run: run)
  }
}

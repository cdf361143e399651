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

  @OptionGroup(title: "Text")
  var text: TextOptions

  @OptionGroup(title: "Tables")
  var tables: TableOptionGroups

  @OptionGroup(title: "Images")
  var images: ImageTrainingOptions

  func validate() throws { try optimizer.validate(with: network.preset) }

  /// Data that were read, and what follows from them.
  struct Prepared {
    /// What the data are called.
    let name: String
    let plan: TrainingPlan
    /// What came of a cross-validation before; nil where none was asked for.
    let folds: FoldScores?
  }

  /// Finds the data, without reading them.
  /// - Throws: `DatasetError` when there are none of that name.
  func source(_ data: String) throws -> DataSource { try DataSource(data, images: images.options) }

  /// Reads the data, of whatever form, and decides how to learn from them.
  /// - Throws: errors of data, and `UsageError` when options do not fit them.
  func prepare(_ source: DataSource) throws -> Prepared {
    try text.check(with: source)
    let prepared = try tables.prepare(source, testFraction: images.images.testFraction, seed: run.seed) { fold in
      try plan(fold.splits, fold.preprocessing)
    }
    let data = try prepared?.table.splits
      ?? source.load(
        tokens: text.tokens ?? .characters, context: text.context ?? 64, validationFraction: run.validationFraction,
        inBackground: true)
    return Prepared(
      name: source.name, plan: try plan(data, prepared?.table.preprocessing), folds: prepared?.folds)
  }

  private func plan(_ data: DatasetSplits, _ preprocessing: Preprocessing?) throws -> TrainingPlan {
    try TrainingPlan(
      data: data, preprocessing: preprocessing, network: network, learning: optimizer, algorithm: algorithm, run: run)
  }
}

import ArgumentParser
import Chainrule

/// How a table is split and made into numbers.
struct TableLearningOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A column that says 'train' or 'test' in each row.", valueName: "column"))
  var splitColumn: String?

  @Option(
    help: ArgumentHelp("Hold rows back so that those with the same value here stay together.", valueName: "column"))
  var groupColumn: String?

  @Option(help: ArgumentHelp("Hold the latest rows back, by dates or numbers of this column.", valueName: "column"))
  var timeColumn: String?

  @Option(
    help: ArgumentHelp(
      "A column of numbers of 0 or more: how much each row counts in the loss. Nothing else is learned from it.",
      valueName: "column"))
  var weightColumn: String?

  @Option(
    help: ArgumentHelp(
      "Cross-validate: hold back each of so many parts in turn, and report mean and spread. The model that is saved "
        + "learns from all rows.", valueName: "count"),
    transform: Parse.whole(2...1000))
  var folds: Int?

  @Option(
    help: ArgumentHelp(
      "How numbers are scaled: \(NumberScaling.Choice.allCases.map(\.rawValue).joined(separator: ", ")). "
        + "(default: \(PreprocessingOptions().scaling.rawValue))", valueName: "kind"),
    transform: {
      NumberScaling.Choice(rawValue: try Parse.choice($0, of: NumberScaling.Choice.allCases.map(\.rawValue)))
        ?? .automatic
    })
  var scaling: NumberScaling.Choice?

  @Option(
    help: ArgumentHelp(
      "Into how many intervals each number is split, for features of their own. "
        + "(default: \(PreprocessingOptions().intervalCount))", valueName: "count"),
    transform: Parse.whole(PreprocessingOptions.intervalCounts))
  var intervalCount: Int?

  @Option(
    help: ArgumentHelp(
      "The number of categories beyond which a vector is learned for each, in place of one feature a category. "
        + "(default: \(PreprocessingOptions().greatestOneHotCount))", valueName: "count"),
    transform: Parse.whole(PreprocessingOptions.greatestOneHotCounts))
  var greatestOneHotCount: Int?

  func validate() throws {
    let given = [splitColumn, groupColumn, timeColumn].compactMap { $0 }
    guard given.count <= 1 else {
      throw UsageError("Give one of --split-column, --group-column and --time-column.")
    }
    guard folds == nil || (splitColumn == nil && timeColumn == nil) else {
      throw UsageError("--folds are chosen at random or by --group-column.")
    }
  }

  /// - Throws: `UsageError` when a cross-validation is asked of a command that trains for something else.
  func requireNoFolds() throws { try refuse(["--folds": folds != nil], "is for 'train'.") }

  var given: GivenOptions {
    [
      "--split-column": splitColumn != nil, "--group-column": groupColumn != nil, "--time-column": timeColumn != nil,
      "--weight-column": weightColumn != nil, "--folds": folds != nil, "--scaling": scaling != nil,
      "--interval-count": intervalCount != nil, "--greatest-one-hot-count": greatestOneHotCount != nil,
    ]
  }

  var preprocessing: PreprocessingOptions {
    var options = PreprocessingOptions()
    if let scaling { options.scaling = scaling }
    if let intervalCount { options.intervalCount = intervalCount }
    if let greatestOneHotCount { options.greatestOneHotCount = greatestOneHotCount }
    return options
  }

  /// - Parameter testFraction: the share of the rows that is held back; 0 for none.
  /// - Throws: `UsageError` when nothing is held back and a column is to say what is.
  func split(testFraction: Double, seed: UInt64) throws -> TableSplit {
    let column: TableSplit.Method? =
      splitColumn.map { .splitColumn($0) } ?? groupColumn.map { .groupColumn($0) }
      ?? timeColumn.map { .timeColumn($0) }
    guard testFraction > 0 || column == nil else {
      throw UsageError("--test-fraction 0 holds nothing back, so no column can say what is.")
    }
    return TableSplit(column ?? .random, testFraction: testFraction, seed: seed)
  }
}

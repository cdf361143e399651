import ArgumentParser
import Chainrule

/// How data of every form are read and made into examples.
struct DataArguments: ParsableArguments {
  @OptionGroup(title: "Text")
  var text: TextArguments

  @OptionGroup(title: "Tables")
  var tables: TableOptionGroups

  @OptionGroup(title: "Images")
  var images: ImageTrainingOptions

  /// Finds the data, without reading them.
  /// - Throws: `DatasetError` when there are none of that name.
  func source(_ data: String) throws -> DataSource { try DataSource(data, images: images.options) }

  /// Reads the data and makes examples of them.
  /// - Parameters:
  ///   - seed: by which rows of a table, or images, are held back.
  ///   - validationFraction: the share of a text, its end, that is held back.
  /// - Throws: errors of data, and `UsageError` when options do not fit them.
  func load(_ source: DataSource, seed: UInt64, validationFraction: Double? = nil) throws -> LoadedData {
    if !source.isText { try source.refuseOptions(text.given, for: "texts") }
    if !source.isImages { try source.refuseOptions(images.given, for: "images") }
    if let path = source.tablePath {
      return try tables.load(path, name: source.name, testFraction: images.options.testFraction, seed: seed)
    }
    for given in tables.given { try source.refuseOptions(given, for: "tables") }
    if !source.isImages { try source.refuseOptions(images.givenToSplit, for: "tables and images") }
    let splits = try source.load(
      text: text.options(validationFraction: validationFraction), seed: seed, inBackground: true)
    return LoadedData(name: source.name, splits: splits)
  }
}

/// Data that were read, ready to be learned from.
struct LoadedData {
  /// What the data are called.
  let name: String
  let splits: DatasetSplits
  /// How the columns of a table became features; nil for other data.
  var preprocessing: Preprocessing?
  /// What a cross-validation learns from, fold by fold; empty where none was asked for.
  var folds: [PreparedTable] = []
  /// What is to be minded of a table.
  var warnings: [TableInspection.Warning] = []
}

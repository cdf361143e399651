import ArgumentParser
import Chainrule

/// A trained model, and what to try it on.
struct ModelAndData: ParsableArguments {
  @Argument(help: "A model that 'chainrule train' has saved.")
  var model: String

  @Argument(help: DataSource.help)
  var data: String

  @Option(help: ArgumentHelp("Which part of the data to use: training or test.", valueName: "part"))
  var split: DataSource.Split?

  @Option(
    help: ArgumentHelp("How many threads to use. (default: all processors)", valueName: "count"),
    transform: Parse.count)
  var threads: Int?

  @OptionGroup(title: "Images")
  var images: ImageArguments

  @OptionGroup(title: "Reading a table")
  var readingOptions: TableReadingOptions

  /// What a model is tried on.
  struct Examples {
    let data: Dataset
    /// What they are called.
    let split: String
    /// Whether it is known what is to be predicted.
    let hasTargets: Bool
  }

  /// Reads the examples for a model.
  /// - Parameter needsTargets: whether it must be known what is to be predicted. Where it need not, of a table all rows
  ///   are taken, and else those that were held back, where it is the table that the model was trained on.
  func examples(for model: Model, needsTargets: Bool) throws -> Examples {
    let source = try DataSource(data, for: model, images, needsClasses: needsTargets)
    if source.tablePath == nil { try source.refuseOptions(readingOptions.given, for: "tables") }
    if !source.isImages { try source.refuseOptions(images.given, for: "images") }
    guard let path = source.tablePath, let preprocessing = model.preprocessing else {
      var (data, split) = try source.load(split, for: model)
      // An autoencoder's targets are its features.
      if model.targetShape == [data.featureShape.count], data.classes != nil { data = try data.reconstructing() }
      return Examples(data: data, split: split, hasTargets: true)
    }
    let table = try preprocessing.table(path: path, options: readingOptions.options)
    let isKnown = preprocessing.target.isIn(table)
    guard isKnown || needsTargets else {
      return Examples(data: try preprocessing.examples(table), split: DataSource.whole, hasTargets: false)
    }
    guard isKnown else {
      throw DatasetError(
        .mismatch, path: path,
        "the table lacks the target \(preprocessing.target.columns.map { "'\($0)'" }.joined(separator: ", "))",
        advice: "add it, or use 'chainrule predict'")
    }
    if needsTargets || split != nil, let parts = try preprocessing.heldBackRows(of: table) {
      let chosen = split ?? .test
      let rows = chosen == .test ? parts.test : parts.training
      return Examples(data: try preprocessing.dataset(table, rows: rows), split: chosen.rawValue, hasTargets: true)
    }
    guard split == nil else { throw DataSource.isNotHeldBack(path, "table", "rows") }
    if needsTargets {
      return Examples(data: try preprocessing.dataset(table), split: DataSource.whole, hasTargets: true)
    }
    let areAllKnown = try preprocessing.dataset(table).count == table.rowCount
    return Examples(
      data: try areAllKnown ? preprocessing.dataset(table) : preprocessing.examples(table), split: DataSource.whole,
      hasTargets: areAllKnown)
  }
}

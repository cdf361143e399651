import ArgumentParser
import Chainrule

/// `chainrule inspect DATA`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what is in a table, and what to mind before a network learns from it.",
    discussion: "Tables are CSV, TSV, JSON Lines, SQLite, NPY and NPZ files; text may be compressed with gzip.")

  @Argument(help: "A table.")
  var data: String

  @OptionGroup
  var targetOptions: TargetOptions

  @OptionGroup(title: "Reading")
  var readingOptions: TableReadingOptions

  @Option(help: ArgumentHelp("How many rows to show.", valueName: "count"), transform: Parse.count)
  var rows = 3

  @Flag(help: "Print one JSON object and nothing else.")
  var json = false

  func run() throws {
    let table = try Table(path: data, options: readingOptions.options)
    let inspection = try TableInspection(
      table, target: targetOptions.target, task: targetOptions.task, labelDelimiter: targetOptions.labelDelimiter,
      column: readingOptions.kinds, exampleCount: rows)
    if json {
      try Output.writeLine(inspection)
    } else {
      Output.write(InspectionView(inspection).text)
    }
  }
}

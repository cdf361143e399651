import ArgumentParser
import Chainrule
import Foundation

/// `chainrule predict MODEL DATA`.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predicts with a model, example by example.",
    discussion: """
      The examples held back for testing are used where the data have some, else all of them; of a table, which need not
      have the target, all rows.
      """)

  @OptionGroup
  var given: ModelAndData

  @Option(
    help: ArgumentHelp("How many examples to predict. (default: all)", valueName: "count"), transform: Parse.count)
  var limit: Int?

  @Flag(help: "Print one JSON object a line and nothing else: one for each example.")
  var json = false

  func run() throws {
    let trained = try Model(contentsOf: given.model)
    guard trained.classShape.rank == 0 else {
      throw UsageError("A model of sequences has no single prediction for an example; use 'generate' for texts.")
    }
    let threads = given.threads
    let given = try given.examples(for: trained, needsTargets: false)
    let examples = given.data
    let count = min(limit ?? examples.count, examples.count)
    let predictor = try trained.predictor(batchSize: min(count, 256), threads: threads)
    if !json { Output.writeLine(Terminal.current.dim(Prediction.header)) }
    // In parts, so that what is known is shown at once, and memory stays small.
    for start in stride(from: 0, to: count, by: 4096) {
      let rows = start..<min(start + 4096, count)
      for (row, outputs) in zip(rows, try predictor.outputs(examples, rows: rows)) {
        let prediction = Prediction(row: row, outputs, by: predictor, of: examples, hasTargets: given.hasTargets)
        try json ? Output.writeLine(prediction) : Output.writeLine(prediction.text)
      }
      try Output.finish()
    }
  }
}

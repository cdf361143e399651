import ArgumentParser
import Chainrule
import Foundation

/// `chainrule evaluate MODEL DATA`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures how good a model is on data.",
    discussion: "The examples held back for testing are used where the data have some, else all of them.")

  @OptionGroup
  var given: ModelAndData

  @Flag(help: "Print one JSON object and nothing else.")
  var json = false

  func run() throws {
    let start = Date()
    let trained = try Model(contentsOf: given.model)
    let examples = try given.examples(for: trained, needsTargets: true)
    let measurement = try trained.measure(examples.data, threads: given.threads)
    let (evaluation, scores) = (measurement.evaluation, examples.hasTargets ? measurement.scores : nil)
    if json {
      try Output.writeLine(
        Summary(
          accuracy: evaluation.accuracy, loss: evaluation.loss, count: evaluation.count, correct: evaluation.correct,
          classes: evaluation.confusionMatrix == nil ? nil : trained.classNames,
          confusionMatrix: evaluation.confusionMatrix, epochs: trained.metadata["epochs"].flatMap { Int($0) },
          model: given.model, scores: scores.map(ScoresLine.init), split: examples.split,
          seconds: Date().timeIntervalSince(start)))
    } else {
      Output.write(EvaluationView(evaluation, of: trained, split: examples.split, scores: scores).text)
    }
  }

  private struct Summary: Encodable {
    let accuracy: Double?
    let loss: Double
    let count: Int
    let correct: Int?
    let classes: [String]?
    /// How often each class (row) was taken for each (column).
    let confusionMatrix: [[Int]]?
    /// How many the model was trained for.
    let epochs: Int?
    let model: String
    /// By the measures that suit what is predicted; of numbers in the units of a table's target.
    let scores: ScoresLine?
    let split: String
    let seconds: Double
  }
}

import ArgumentParser
import Chainrule
import Foundation

/// `chainrule find-learning-rate DATA`.
struct FindLearningRate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-learning-rate",
    abstract: "Finds a learning rate: trains a few steps while it rises, and shows where the loss falls most steeply.",
    discussion: "Takes the options of 'chainrule train', so that what is found fits what is then trained.")

  @Argument(help: DataSource.help)
  var data: String

  @Option(help: ArgumentHelp("The first learning rate.", valueName: "number"), transform: Parse.positive)
  var from = 1e-6

  @Option(help: ArgumentHelp("The last learning rate.", valueName: "number"), transform: Parse.positive)
  var to = 10.0

  @Option(help: ArgumentHelp("How many steps to train, 20 or more.", valueName: "count"), transform: Parse.count)
  var testSteps = 200

  @Option(help: ArgumentHelp("Also save the plot here.", valueName: "plot.svg"))
  var svg: String?

  @OptionGroup
  var learning: LearningArguments

  @Flag(help: "Print one JSON object and nothing else.")
  var json = false

  func validate() throws {
    guard from < to else { throw UsageError("--from must be below --to.") }
    try learning.data.tables.learning.requireNoFolds()
    guard testSteps >= 20 else { throw UsageError("--test-steps must be 20 or more.") }
  }

  func run() throws {
    if let svg { try AtomicFile(path: svg).checkWritable() }
    let plan = try learning.prepare(learning.data.source(data)).plan
    let search = try LearningRateSearch(
      plan.network, loss: plan.loss, optimizer: plan.optimizer, options: plan.options, data: plan.training,
      range: from...to, steps: testSteps)
    let chart = LineChart(
      "Loss while the learning rate rises", xTitle: "learning rate",
      [
        LineChart.Series("loss", search.points.map { ($0.learningRate, $0.loss) }),
        LineChart.Series("smoothed", search.points.map { ($0.learningRate, $0.smoothedLoss) }),
      ], isLogarithmicX: true)
    if let svg { try AtomicFile(path: svg).write(Array(chart.svg().utf8)) }
    if json { return try Output.writeLine(Summary(suggestion: search.suggestion, points: search.points)) }
    Output.writeLine(chart.text(columns: min(Terminal.current.width - 1, 100)))
    if let rate = search.suggestion {
      Output.writeLine("\(Terminal.current.bold("Try"))  --learning-rate \(roundedRate(rate))")
    } else {
      Output.writeLine("The loss does not fall at any of these learning rates; look at the network and the data.")
    }
  }

  private struct Summary: Encodable {
    let suggestion: Double?
    let points: [LearningRateSearch.Point]
  }
}

/// A learning rate of one or two digits, as people write it.
func roundedRate(_ rate: Double) -> String {
  guard rate > 0, rate.isFinite else { return "\(rate)" }
  let exponent = floor(log10(rate))
  let digits = (rate / pow(10, exponent) * 10).rounded() / 10
  return "\(Double("\(digits)e\(Int(exponent))") ?? rate)"
}

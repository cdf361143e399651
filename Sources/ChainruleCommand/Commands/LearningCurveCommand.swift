import ArgumentParser
import Chainrule

/// `chainrule learning-curve DATA`.
struct LearningCurveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learning-curve",
    abstract: "Shows what more examples would bring: the score against the number of training examples.",
    discussion: "Takes the options of 'chainrule train'. Scores are of a part of the training data that is held back.")

  @Argument(help: DataSource.help)
  var data: String

  @Option(
    help: ArgumentHelp(
      "Numbers of training examples, such as 100,200,400. (default: seven up to all)", valueName: "sizes"),
    transform: Parse.layerSizes)
  var sizes: [Int]?

  @Option(
    help: ArgumentHelp("How often each size is trained on, each time on other examples.", valueName: "count"),
    transform: Parse.whole(1...1000))
  var repeats = 3

  @Option(help: ArgumentHelp("Also save the plot here.", valueName: "plot.svg"))
  var svg: String?

  @OptionGroup
  var learning: LearningArguments

  @Flag(help: "Print one JSON object a line and nothing else: one for each size.")
  var json = false

  func validate() throws { try learning.data.tables.learning.requireNoFolds() }

  func run() throws {
    if let svg { try AtomicFile(path: svg).checkWritable() }
    let plan = try learning.prepare(learning.data.source(data)).plan
    var options = plan.options
    let parts = try plan.parts()
    options.validationFraction = options.patience == nil ? 0 : 0.1
    options.stopAtAccuracy = nil
    if !json { Output.writeLine(Terminal.current.dim("examples       score   deviation")) }
    let curve = try LearningCurve(
      training: parts.training, held: parts.validation, sizes: sizes, repeats: repeats, seed: options.seed,
      convertingLoss: plan.lossView.convert
    ) { seed, count in
      var own = options
      own.seed = seed
      if count < Preset.leastCountToHoldBack { (own.patience, own.validationFraction) = (nil, 0) }
      let held = Int((Double(count) * own.validationFraction).rounded())
      return try Trainer(
        plan.network, loss: plan.loss,
        optimizer: learning.optimizer.optimizer(
          preset: plan.recipe, stepCount: own.stepCount(exampleCount: count - held)), options: own)
    } onPoint: { point in
      if json { return try Output.writeLine(point) }
      Output.writeLine(
        [
          grouped(point.count).padded(to: 8), loss(point.mean).padded(to: 10), loss(point.deviation).padded(to: 10),
        ].joined(separator: "  "))
    }
    let chart = LineChart(
      "\(plan.hasAccuracy ? curve.scoreName : plan.lossView.title) against the number of examples", xTitle: "examples",
      [
        LineChart.Series("mean", curve.points.map { (Double($0.count), $0.mean) }),
        LineChart.Series("mean - deviation", curve.points.map { (Double($0.count), $0.mean - $0.deviation) }),
        LineChart.Series("mean + deviation", curve.points.map { (Double($0.count), $0.mean + $0.deviation) }),
      ], isLogarithmicX: true)
    if let svg { try AtomicFile(path: svg).write(Array(chart.svg().utf8)) }
    if !json { Output.writeLine("\n" + chart.text(columns: min(Terminal.current.width - 1, 100))) }
  }
}

import ArgumentParser
import Chainrule
import Foundation

/// `chainrule race DATA`.
struct RaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "race",
    abstract: "Compares backpropagation with its rivals: the same data, the same first weights, the same time.",
    discussion: """
      Each learns for as long as --seconds says. What it reached is shown against the time, and against the number of \
      network evaluations: a forward pass over one example is one, and a step of backpropagation counts as three.

        chainrule race digits --seconds 5 --out race.svg
      """)

  @Argument(help: DataSource.help)
  var data: String

  @Option(
    help: ArgumentHelp("Which to compare, by the names of train's --algorithm. (default: all)", valueName: "names"),
    transform: Parse.algorithms)
  var algorithms: [LearningAlgorithm] = LearningAlgorithm.allCases

  @Option(help: ArgumentHelp("How long each may learn.", valueName: "seconds"), transform: Parse.positive)
  var seconds = 3.0

  @Option(
    help: ArgumentHelp("The sizes of the hidden layers of those that can have any.", valueName: "sizes"),
    transform: Parse.layerSizes)
  var hidden: [Int] = [16]

  @Option(
    help: ArgumentHelp("Compare with polynomial regression of this degree, too; 0 for none.", valueName: "degree"),
    transform: Parse.wholeNumber)
  var polynomial = 2

  @Option(
    help: ArgumentHelp("The size of a step of those that follow a slope.", valueName: "number"),
    transform: Parse.positive)
  var learningRate = 0.1

  @Option(
    help: ArgumentHelp("How many examples make a step, or 'full'.", valueName: "size"), transform: Parse.batchSize)
  var batchSize = 32

  @Option(help: ArgumentHelp("What all random choices follow from.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Where to save the plots.", valueName: "race.svg"))
  var out: String?

  @OptionGroup
  var dataArguments: DataArguments

  @Flag(help: "Print one JSON object for each and nothing else.")
  var json = false

  func validate() throws {
    try dataArguments.tables.learning.requireNoFolds()
  }

  func run() throws {
    if let out { try AtomicFile(path: out).checkWritable() }
    let loaded = try dataArguments.load(dataArguments.source(data), seed: seed)
    let splits = loaded.splits
    guard !splits.training.hasSequenceTargets, !splits.training.predictsEachStep else {
      throw UsageError("A race is for examples with one target each; '\(loaded.name)' is a text or of sequences.")
    }
    try splits.training.requireSeveralClasses()
    let race = try Race(seconds: seconds)
    var results: [RaceResult] = []
    if !json, loaded.preprocessing?.target.task == .regression {
      Output.writeLine("The losses are of standardised numbers, whose deviation is 1.\n")
    }
    if !json {
      let titles = "                            seconds  evaluations     loss  accuracy  on test data"
      Output.writeLine(Terminal.current.bold(titles))
    }
    for entry in entries(loaded) {
      let result = race.run(entry, training: splits.training, test: splits.test)
      results.append(result)
      if json { try Output.writeLine(result) } else { Output.writeLine(line(result)) }
    }
    let charts = [
      chart(results, "seconds", \.seconds), chart(results, "network evaluations") { Double($0.evaluationCount) },
    ]
    if !json { for chart in charts { Output.write("\n" + chart.text()) } }
    guard let out else { return }
    try AtomicFile(path: out).write(Array(LineChart.column(charts).utf8))
    if !json { Output.writeLine("\nThe plots: \(out)") }
  }

  private func entries(_ loaded: LoadedData) -> [RaceEntry] {
    let data = loaded.splits.training
    let standardLoss = loaded.preprocessing.map { Preset.table(data, $0).loss }
      ?? (data.classes == nil ? .meanSquaredError : .softmaxCrossEntropy)
    func entry(_ algorithm: LearningAlgorithm, _ name: String, _ network: any Layer) -> RaceEntry {
      var options = TrainingOptions(batchSize: batchSize, seed: seed, algorithm: algorithm)
      if algorithm == .exhaustive { options.batchSize = TrainingOptions.fullBatch }
      return RaceEntry(
        name, AnyLayer(network), loss: algorithm.loss ?? standardLoss, optimizer: .sgd(learningRate: learningRate),
        options: options)
    }
    // Numbers of a table are no classes, which is what the perceptron's rule is for.
    let isRegression = loaded.preprocessing?.target.task == .regression
    let rivals = algorithms.filter { $0 != .perceptron || !isRegression }.map { algorithm in
      let network = DenseNetwork(hidden: algorithm.loss == nil ? hidden : [], activation: .tanh)
      return entry(algorithm, algorithm.rawValue, network.network(for: data, loaded.preprocessing))
    }
    guard polynomial > 0 else { return rivals }
    return rivals + [entry(.backpropagation, "polynomial regression", polynomialRegression(loaded))]
  }

  /// Of columns with many categories products are taken of the vectors that are learned for them: of a feature for each
  /// there would be too many.
  private func polynomialRegression(_ loaded: LoadedData) -> any Layer {
    let (data, embeddings) = (loaded.splits.training, loaded.preprocessing?.embeddings ?? [])
    return Sequential {
      if data.featureShape.rank != 1 { Flatten() }
      if !embeddings.isEmpty { ColumnEmbeddings(counts: embeddings.map(\.count), sizes: embeddings.map(\.size)) }
      PolynomialFeatures(degree: polynomial)
      Dense(data.classes == nil ? data.targetShape.count : data.classNames.count)
    }
  }

  private func line(_ result: RaceResult) -> String {
    let name = result.name.leading(26)
    guard let last = result.points.last, result.problem == nil else {
      return "\(name)  \(Terminal.current.dim(result.problem ?? "it did not come to its first step"))"
    }
    let accuracy = last.accuracy.map(percent) ?? ""
    let test = result.test.map { $0.accuracy.map(percent) ?? loss($0.loss) } ?? ""
    return "\(name)  \(fixed(last.seconds, 2).padded(to: 7))  \(grouped(last.evaluationCount).padded(to: 11))  "
      + "\(loss(last.loss).padded(to: 7))  \(accuracy.padded(to: 8))  \(test.padded(to: 12))"
  }

  /// What was reached: accuracy, or the loss where there is none.
  private func chart(
    _ results: [RaceResult], _ title: String, _ place: (RaceResult.Point) -> Double
  ) -> LineChart {
    let hasAccuracy = results.contains { $0.points.contains { $0.accuracy != nil } }
    let series = results.map { result in
      LineChart.Series(result.name, result.points.map { (x: max(place($0), 1e-3), y: $0.accuracy ?? $0.loss) })
    }
    return LineChart(
      "\(hasAccuracy ? "Training accuracy" : "Training loss") against \(title)", xTitle: title, series,
      isLogarithmicX: true, isLogarithmicY: !hasAccuracy)
  }
}

import ArgumentParser
import Chainrule

/// What follows from the data and the options of a run.
struct TrainingPlan {
  let training: Dataset
  /// What the run is watched by, when it is not a part of the training data.
  let validation: Dataset?
  /// What the finished network is judged by.
  let test: Dataset?
  /// The preset that was chosen or that texts are learned with, if any.
  let preset: Preset?
  /// What the run follows where options say nothing else: the preset, or what suits tables.
  let recipe: Preset?
  /// How the columns of a table became features; nil for other data.
  let preprocessing: Preprocessing?
  let network: AnyLayer
  let loss: Loss
  let optimizer: Optimizer
  let options: TrainingOptions

  /// - Throws: `UsageError` when the options need held-back examples and there are none.
  init(
    data: DatasetSplits, preprocessing: Preprocessing? = nil, network: NetworkOptions, learning: OptimizerOptions,
    algorithm: AlgorithmOptions, run: RunOptions
  ) throws {
    let isText = data.training.tokenizer != nil
    preset = network.preset ?? (isText && network.source == nil ? .gpt : nil)
    let reconstructs = preset?.reconstructs ?? false
    training = try reconstructs ? data.training.reconstructing() : data.training
    try training.requireSeveralClasses()
    let heldBack = try reconstructs ? data.test?.reconstructing() : data.test
    // The end of a text is what a run is watched by, and there is no further part.
    test = isText ? nil : heldBack
    self.preprocessing = preprocessing
    let training = training
    recipe = preset ?? preprocessing.map { Preset.table(training, $0) }
    var options = run.options(preset: recipe, exampleCount: training.count)
    if isText { options.validationFraction = 0 }
    learning.apply(to: &options)
    try algorithm.check(learning, run)
    algorithm.apply(to: &options, run)
    self.options = options
    validation = options.validationFraction > 0 ? nil : heldBack
    guard options.stopAtAccuracy == nil || validation != nil || options.validationFraction > 0 else {
      throw UsageError(
        "--stop-at-accuracy needs examples that are held back, and these data have no test split; "
          + "give --validation-fraction 0.1 too.")
    }
    guard run.minimumImprovement == nil || options.patience != nil else {
      throw UsageError("--minimum-improvement is for --patience, which says how long to wait for it.")
    }
    if options.steps == nil {
      try refuse(["--evaluation-interval": run.evaluationInterval != nil], "is for runs of --steps.")
    }
    loss = try learning.loss(preset: recipe, algorithm: options.algorithm, for: training)
    self.network = try network.network(
      for: training, preset: preset, preprocessing, isOneLayer: options.algorithm.loss != nil)
    let held = Int((Double(training.count) * options.validationFraction).rounded())
    optimizer = try learning.optimizer(
      preset: recipe, stepCount: options.stepCount(exampleCount: training.count - held))
  }

  func trainer() throws -> Trainer {
    let trainer = try Trainer(network, loss: loss, optimizer: optimizer, options: options)
    trainer.preprocessing = preprocessing
    return trainer
  }

  /// Examples to learn from and others to compare trainings by, neither of which are test data.
  /// - Throws: `DatasetError` when there are too few examples.
  func parts() throws -> (training: Dataset, validation: Dataset) {
    if training.tokenizer != nil, let validation { return (training, validation) }
    return try training.split(
      validationFraction: options.validationFraction > 0 ? options.validationFraction : Self.comparisonFraction,
      seed: options.seed, isStratified: training.classes != nil)
  }

  /// What the finished network is judged by, and what it is called: the training data where nothing was held back.
  var judged: (data: Dataset, part: String) {
    test.map { ($0, "test") } ?? validation.map { ($0, "validation") } ?? (training, "training")
  }

  /// How long the run is, and the key of the option that says so.
  var length: (key: String, count: Int) { options.steps.map { ("steps", $0) } ?? ("epochs", options.epochs) }

  /// The share of the training data that trainings are compared by, unless something else is asked for.
  static let comparisonFraction = 0.2

  var hasAccuracy: Bool { training.predictsClasses }

  var lossView: LossView { LossView(loss, preprocessing) }

  /// What the examples are called by which the run is watched; nil when there are none.
  var heldBackName: String? {
    let isValidation = options.validationFraction > 0 || training.tokenizer != nil
    return validation == nil && options.validationFraction == 0 ? nil : isValidation ? "validation" : "test"
  }

  /// What is about to happen, in three lines.
  func introduction(_ name: String) -> String {
    let shape = training.featureShape.dimensions.map(String.init).joined(separator: "x")
    var data = "\(name): \(counted(training.count, "example")) of \(shape)"
    if hasAccuracy { data += " in \(counted(training.classNames.count, "class", "classes"))" }
    if options.validationFraction > 0 { data += ", \(percent(options.validationFraction)) of them held back" }
    if let test { data += ", and \(grouped(test.count)) to test with" }
    if training.tokenizer != nil {
      data = "\(name): windows of \(shape) tokens, of \(grouped(training.classNames.count)) kinds"
    }
    let batch = options.batchSize >= training.count ? "all examples at once" : "batches of \(options.batchSize)"
    let means = switch options.algorithm {
    case .backpropagation: "\(optimizer.kind), learning rate \(optimizer.learningRate)"
    case .exhaustive: "exhaustive search"
    default: "\(options.algorithm.rawValue) and \(optimizer.kind), learning rate \(optimizer.learningRate)"
    }
    return """
      \(Terminal.current.bold("Data"))      \(data)
      \(columnSummary)\(Terminal.current.bold("Network"))   \(networkSummary)
      \(Terminal.current.bold("Learning"))  \(loss.kind) by \(means), \(batch)


      """
  }

  /// What is learned from which columns of a table, and which are left out; empty for other data.
  private var columnSummary: String {
    guard let preprocessing else { return "" }
    let kinds = ColumnKind.allCases.compactMap { kind -> String? in
      let count = preprocessing.columns.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }
    let leftOut = preprocessing.leftOut.prefix(6).map { "'\($0.name)' (\($0.reason))" }
    let more = preprocessing.leftOut.count > 6 ? " and \(preprocessing.leftOut.count - 6) more" : ""
    let targets = preprocessing.target.columns.map { "'\($0)'" }.joined(separator: ", ")
    return "\(Terminal.current.bold("Columns"))   \(kinds.joined(separator: ", ")) to predict \(targets)"
      + (leftOut.isEmpty ? "" : "; left out: \(leftOut.joined(separator: ", "))\(more)") + "\n"
  }

  /// The sizes of the layers, or what the preset is.
  private var networkSummary: String {
    if let preset { return "\(preset.name), \(preset.summary)" }
    if let graph = network.layer as? NetworkGraph { return "a graph of \(counted(graph.nodes.count, "node"))" }
    let layers = Self.layers(network)
    let ensemble = layers.lazy.compactMap { $0 as? Ensemble }.first?.members ?? []
    let sizes = (ensemble.first.map(Self.layers) ?? layers).compactMap { layer -> String? in
      switch layer {
      case let layer as LSTM: "\(layer.options.units) lstm"
      case let layer as Dense where layer.activation == .identity: "\(layer.units)"
      case let layer as Dense: "\(layer.units) \(layer.activation.rawValue)"
      default: nil
      }
    }
    let features = training.predictsEachStep ? training.featureShape[1] : training.featureShape.count
    return (ensemble.isEmpty ? "" : "\(ensemble.count) times ")
      + ([grouped(features)] + sizes).joined(separator: " → ") + (training.predictsEachStep ? ", at each step" : "")
  }

  private static func layers(_ network: AnyLayer) -> [any Layer] {
    (network.layer as? Sequential)?.layers ?? [network.layer]
  }
}

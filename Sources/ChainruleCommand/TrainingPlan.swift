import ArgumentParser
import Chainrule

/// What follows from the data and the options of a run.
struct TrainingPlan {
  let training: Dataset
  /// What the run is watched by, when it is not a part of the training data.
  let validation: Dataset?
  /// What the finished network is judged by.
  let test: Dataset?
  /// The recipe that was chosen, if any.
  let preset: Preset?
  let network: AnyLayer
  let loss: Loss
  let optimizer: Optimizer
  let options: TrainingOptions

  /// - Throws: `UsageError` when the options need held-back examples and there are none.
  init(data: DatasetSplits, network: NetworkOptions, learning: OptimizerOptions, run: RunOptions) throws {
    training = data.training
    test = data.test
    preset = network.preset
    options = run.options(preset: preset, prior: learning.prior)
    validation = options.validationFraction > 0 ? nil : data.test
    guard options.stopAtAccuracy == nil || validation != nil || options.validationFraction > 0 else {
      throw UsageError(
        "--stop-at-accuracy needs examples that are held back, and these data have no test split; "
          + "give --validation-fraction 0.1 too.")
    }
    loss = try learning.loss(preset: preset, for: training)
    self.network = try network.network(for: training)
    let held = Int((Double(training.count) * options.validationFraction).rounded())
    optimizer = try learning.optimizer(
      preset: preset, stepCount: options.stepCount(exampleCount: training.count - held))
  }

  func trainer() throws -> Trainer {
    try Trainer(network, loss: loss, optimizer: optimizer, options: options)
  }

  var hasAccuracy: Bool { training.classes != nil }

  /// What the examples are called by which the run is watched; nil when there are none.
  var heldBackName: String? {
    options.validationFraction > 0 ? "validation" : validation == nil ? nil : "test"
  }

  /// What is about to happen, in three lines.
  func introduction(_ name: String) -> String {
    let shape = training.featureShape.dimensions.map(String.init).joined(separator: "x")
    var data = "\(name): \(counted(training.count, "example")) of \(shape)"
    if hasAccuracy { data += " in \(counted(training.classNames.count, "class", "classes"))" }
    if options.validationFraction > 0 { data += ", \(percent(options.validationFraction)) of them held back" }
    if let test { data += ", and \(grouped(test.count)) to test with" }
    let batch = options.batchSize >= training.count ? "all examples at once" : "batches of \(options.batchSize)"
    return """
      \(Terminal.current.bold("Data"))      \(data)
      \(Terminal.current.bold("Network"))   \(networkSummary)
      \(Terminal.current.bold("Learning"))  \(loss.kind) by \(optimizer.kind), \
      learning rate \(optimizer.learningRate), \(batch)


      """
  }

  /// The sizes of dense layers, or what the preset is.
  private var networkSummary: String {
    if let preset { return "\(preset.name), \(preset.summary)" }
    let layers = (network.layer as? Sequential)?.layers ?? [network.layer]
    let sizes = layers.compactMap { $0 as? Dense }.map { layer in
      layer.activation == .identity ? "\(layer.units)" : "\(layer.units) \(layer.activation.rawValue)"
    }
    return ([grouped(training.featureShape.count)] + sizes).joined(separator: " → ")
  }
}

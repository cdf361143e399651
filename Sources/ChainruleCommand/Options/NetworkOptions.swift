import ArgumentParser
import Chainrule

/// What the network is made of.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A recipe that brings a network and settings, which other options replace: "
        + Preset.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; ") + ".", valueName: "name"),
    transform: { name in
      try Preset(named: Parse.choice(name, of: Preset.all.map(\.name))) ?? .lenet
    })
  var preset: Preset?

  @Option(
    help: ArgumentHelp(
      "The sizes of the hidden layers, such as 256 or 64,32; may be repeated. (default: 256,128; for tables 128,128; "
        + "for sequences 64, of an LSTM)", valueName: "sizes"),
    transform: Parse.layerSizes)
  var hidden: [[Int]] = []

  @Option(
    help: ArgumentHelp(
      "What the hidden layers apply: \(ActivationFunction.allCases.map(\.rawValue).joined(separator: ", ")). "
        + "(default: relu)", valueName: "function"),
    transform: Parse.activation)
  var activation: ActivationFunction?

  @Option(
    help: ArgumentHelp(
      "What the last layer applies besides what the loss does. (default: identity)", valueName: "function"),
    transform: Parse.activation)
  var outputActivation: ActivationFunction?

  @Option(
    help: ArgumentHelp("The share of each hidden layer's outputs that is dropped while training.", valueName: "rate"),
    transform: Parse.fraction)
  var dropout: Double?

  @Option(
    help: ArgumentHelp(
      "How weights start: \(Initializer.kinds.joined(separator: ", ")). (default: what suits the activation)",
      valueName: "kind"),
    transform: Parse.initializer)
  var weightInitializer: Initializer?

  @Option(
    help: ArgumentHelp("How biases start, in the same words. (default: zeros)", valueName: "kind"),
    transform: Parse.initializer)
  var biasInitializer: Initializer?

  @Option(
    name: .customLong("network"),
    help: ArgumentHelp(
      "A description of the network in YAML or JSON, in place of dense layers: a file, or the description itself in "
        + "braces; see Examples/Networks.", valueName: "file.yaml"),
    transform: NetworkSource.init)
  var source: NetworkSource?

  @Option(
    help: ArgumentHelp(
      "How many networks learn side by side, to be averaged. (default: 1, for tables \(DenseNetwork.tableEnsemble))",
      valueName: "count"),
    transform: Parse.whole(1...1000))
  var ensemble: Int?

  func validate() throws {
    guard preset == nil || source == nil else { throw UsageError("Give either --preset or --network, not both.") }
    if let preset { try check(with: ("--preset", preset.name)) }
    if let source { try check(with: ("--network", source.name)) }
  }

  /// - Throws: `UsageError` for options that would change the layers, which a preset or a file brings.
  private func check(with whole: (option: String, name: String)) throws {
    try refuse([
      "--hidden": !hidden.isEmpty, "--activation": activation != nil, "--output-activation": outputActivation != nil,
      "--dropout": dropout != nil, "--weight-initializer": weightInitializer != nil,
      "--bias-initializer": biasInitializer != nil, "--ensemble": ensemble != nil,
    ], "is for networks without \(whole.option); '\(whole.name)' brings its own layers.")
  }

  /// The preset's network, that of a file, or one of dense layers.
  /// - Parameters:
  ///   - preset: the one that was chosen, or that suits the data.
  ///   - preprocessing: how the columns of a table became features; nil for other data.
  ///   - isOneLayer: whether there are no hidden layers unless some are asked for.
  /// - Throws: `TrainingError` when the data are not what the preset takes, `YAMLError` that names a line of the file.
  func network(
    for data: Dataset, preset: Preset?, _ preprocessing: Preprocessing?, isOneLayer: Bool
  ) throws -> AnyLayer {
    if let source { return try source.network() }
    if let preset {
      try check(with: ("--preset", preset.name))
      return AnyLayer(try preset.network(data))
    }
    let usual = data.predictsEachStep ? .sequences : DenseNetwork()
    var network = isOneLayer ? DenseNetwork(hidden: []) : preprocessing.map(DenseNetwork.table) ?? usual
    if !hidden.isEmpty { network.hidden = hidden.flatMap { $0 } }
    if network.hidden.isEmpty {
      try refuse(
        ["--activation": activation != nil, "--dropout": dropout != nil],
        "is for hidden layers, of which this network has none.")
    }
    if data.predictsEachStep {
      try refuse(["--activation": activation != nil], "is for dense layers; those for sequences have their own.")
      guard !network.hidden.isEmpty else {
        throw UsageError(
          "A network of sequences needs hidden layers to remember by; give their sizes with --hidden, or a --network "
            + "such as Examples/Networks/elman.yaml.")
      }
    }
    if let activation { network.activation = activation }
    if let outputActivation { network.outputActivation = outputActivation }
    if let dropout { network.dropout = dropout }
    if let weightInitializer { network.weightInitializer = weightInitializer }
    if let biasInitializer { network.biasInitializer = biasInitializer }
    if let ensemble { network.ensemble = ensemble }
    return AnyLayer(network.network(for: data, preprocessing))
  }
}

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
      "The sizes of the hidden layers, such as 256 or 64,32; may be repeated. (default: 256,128)",
      valueName: "sizes"),
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
  var initializer: Initializer?

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
      "How many networks learn side by side, to be averaged; for tables. (default: \(Preset.tableMemberCount))",
      valueName: "count"),
    transform: Parse.count)
  var ensemble: Int?

  /// The sizes of the hidden layers.
  var sizes: [Int] { hidden.isEmpty ? [256, 128] : hidden.flatMap { $0 } }

  func validate() throws {
    guard preset == nil || source == nil else { throw UsageError("Give either --preset or --network, not both.") }
    if let preset { try check(with: ("--preset", preset.name)) }
    if let source { try check(with: ("--network", source.name)) }
  }

  /// - Throws: `UsageError` for options that would change the layers, which a preset or a file brings.
  private func check(with whole: (option: String, name: String)) throws {
    let given = [
      ("--hidden", !hidden.isEmpty), ("--activation", activation != nil),
      ("--output-activation", outputActivation != nil), ("--dropout", dropout != nil),
      ("--initializer", initializer != nil), ("--bias-initializer", biasInitializer != nil),
    ]
    if let (option, _) = given.first(where: \.1) {
      throw UsageError("\(option) is for networks without \(whole.option); '\(whole.name)' brings its own layers.")
    }
  }

  /// The preset's network, that of a file, or one of dense layers.
  /// - Parameters:
  ///   - preset: the one that was chosen, or that suits the data.
  ///   - preprocessing: how the columns of a table became features; nil for other data.
  ///   - standardHidden: the sizes of the hidden layers where none were asked for; nil for those that suit the data.
  /// - Throws: `TrainingError` when the data are not what the preset takes, `YAMLError` that names a line of the file.
  func network(
    for data: Dataset, preset: Preset?, _ preprocessing: Preprocessing?, standardHidden: [Int]? = nil
  ) throws -> AnyLayer {
    if let source { return try source.network() }
    if let preset {
      try check(with: ("--preset", preset.name))
      return AnyLayer(try preset.network(data))
    }
    if let preprocessing {
      let sizes = hidden.isEmpty ? standardHidden ?? Preset.tableSizes : sizes
      return AnyLayer(
        Preset.tableNetwork(
          preprocessing, hidden: sizes.map { dense($0, activation ?? .relu) },
          output: dense(preprocessing.target.outputCount, outputActivation ?? .identity),
          dropout: dropout ?? Preset.tableDropout(preprocessing), memberCount: ensemble ?? Preset.tableMemberCount))
    }
    let outputs = data.classes == nil ? data.targetShape.count : data.classNames.count
    return AnyLayer(Sequential {
      if data.featureShape.rank != 1 { Flatten() }
      for size in hidden.isEmpty ? standardHidden ?? sizes : sizes {
        dense(size, activation ?? .relu)
        if let dropout, dropout > 0 { Dropout(dropout) }
      }
      dense(outputs, outputActivation ?? .identity)
    })
  }

  private func dense(_ size: Int, _ activation: ActivationFunction) -> Dense {
    Dense(size, activation: activation, weightInitializer: initializer, biasInitializer: biasInitializer ?? .zeros)
  }
}

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
      "A description of the network in YAML or JSON, in place of dense layers; see Examples/Networks.",
      valueName: "file.yaml"))
  var networkFile: String?

  /// The network of the file that was given, if any.
  /// - Throws: `YAMLError` that names the line.
  func described() throws -> AnyLayer? {
    guard let networkFile else { return nil }
    guard hidden.isEmpty, preset == nil else {
      throw UsageError("Give either --network or --hidden or --preset, not several of them.")
    }
    return try YAMLDocument(contentsOf: networkFile).decode(AnyLayer.self)
  }

  /// The error of a layer, with the line of the file in which the layer stands.
  func located(_ error: any Error) -> any Error {
    guard let path = (error as? LayerError)?.path ?? (error as? GraphError)?.scope else { return error }
    guard let networkFile, let document = try? YAMLDocument(contentsOf: networkFile),
      let network = try? document.decode(AnyLayer.self)
    else { return error }
    return document.error(at: network.descriptionPath(ofLayer: path), "\(error)")
  }

  /// The sizes of the hidden layers.
  var sizes: [Int] { hidden.isEmpty ? [256, 128] : hidden.flatMap { $0 } }

  func validate() throws {
    guard let preset else { return }
    let given = [
      ("--hidden", !hidden.isEmpty), ("--activation", activation != nil),
      ("--output-activation", outputActivation != nil), ("--dropout", dropout != nil),
      ("--initializer", initializer != nil), ("--bias-initializer", biasInitializer != nil),
    ]
    if let (option, _) = given.first(where: \.1) {
      throw UsageError("\(option) is for networks without --preset; '\(preset.name)' brings its own layers.")
    }
  }

  /// The preset's network, or one of dense layers.
  /// - Throws: `TrainingError` when the data are not what the preset takes.
  func network(for data: Dataset) throws -> AnyLayer {
    if let preset { return AnyLayer(try preset.network(data)) }
    let outputs = data.classes == nil ? data.targetShape.count : data.classNames.count
    return AnyLayer(Sequential {
      if data.featureShape.rank != 1 { Flatten() }
      for size in sizes {
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

import ArgumentParser
import Chainrule

/// What the network is made of.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The sizes of the hidden layers, such as 256 or 64,32; may be repeated. (default: 256,128)",
      valueName: "sizes"),
    transform: Parse.layerSizes)
  var hidden: [[Int]] = []

  @Option(
    help: ArgumentHelp(
      "What the hidden layers apply: \(ActivationFunction.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "function"),
    transform: Parse.activation)
  var activation: ActivationFunction = .relu

  @Option(
    help: ArgumentHelp("What the last layer applies besides what the loss does.", valueName: "function"),
    transform: Parse.activation)
  var outputActivation: ActivationFunction = .identity

  @Option(
    help: ArgumentHelp("The share of each hidden layer's outputs that is dropped while training.", valueName: "rate"),
    transform: Parse.fraction)
  var dropout = 0.0

  @Option(
    help: ArgumentHelp(
      "How weights start: \(Initializer.kinds.joined(separator: ", ")). (default: what suits the activation)",
      valueName: "kind"),
    transform: Parse.initializer)
  var initializer: Initializer?

  @Option(help: ArgumentHelp("How biases start, in the same words.", valueName: "kind"), transform: Parse.initializer)
  var biasInitializer: Initializer = .zeros

  @Option(
    name: .customLong("network"),
    help: ArgumentHelp(
      "A description of the network in YAML or JSON, in place of dense layers; see Examples/Networks.",
      valueName: "file.yaml"))
  var networkFile: String?

  /// The network of the file that was given, if any.
  /// - Throws: `YAMLError` that names the line.
  func describedNetwork() throws -> AnyLayer? {
    guard let networkFile else { return nil }
    guard hidden.isEmpty else { throw UsageError("Give either --network or --hidden, not both.") }
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

  /// A network for examples of a shape.
  /// - Parameter outputs: the size of the last layer.
  func network(for features: Shape, outputs: Int) -> Sequential {
    Sequential {
      if features.rank != 1 { Flatten() }
      for size in sizes {
        dense(size, activation)
        if dropout > 0 { Dropout(dropout) }
      }
      dense(outputs, outputActivation)
    }
  }

  private func dense(_ size: Int, _ activation: ActivationFunction) -> Dense {
    Dense(size, activation: activation, weightInitializer: initializer, biasInitializer: biasInitializer)
  }
}

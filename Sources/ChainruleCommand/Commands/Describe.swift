import ArgumentParser
import Chainrule
import Foundation

/// `chainrule describe MODEL-or-YAML`.
struct Describe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a network consists of and what it costs.",
    discussion: """
      Of a model, or of a description in YAML or JSON (files that end in .yaml, .yml or .json), for which --input says \
      what it is to be given.
      """)

  @Argument(help: "A model that 'chainrule train' has saved, or a description of a network.")
  var file: String

  @Option(
    help: ArgumentHelp(
      "The shape of one example, such as 28x28, or 64:int32 for whole numbers; once for each input.",
      valueName: "shape"),
    transform: Parse.inputType)
  var input: [TensorType] = []

  @Option(help: ArgumentHelp("Draw the network into this file.", valueName: "file.svg"))
  var svg: String?

  @Flag(help: "Print the network's description in YAML.")
  var yaml = false

  @Flag(help: "Print one JSON object and nothing else.")
  var json = false

  func validate() throws {
    guard !json || !yaml else { throw UsageError("Give either --json or --yaml, not both.") }
  }

  func run() throws {
    let (network, inputs) = try load()
    let summary: NetworkSummary
    let diagram: NetworkDiagram
    do {
      summary = try NetworkSummary(network, inputs: inputs)
      diagram = try NetworkDiagram(network, inputs: inputs)
    } catch let error as LayerError where isDescription {
      throw try YAMLDocument(contentsOf: file).error(
        at: network.descriptionPath(ofLayer: error.path), error.description)
    }
    if let svg {
      try AtomicFile(path: svg).write(Array(diagram.svg.utf8))
    }
    if json {
      try Output.writeLine(
        Description(network: network, summary: summary, boxes: diagram.boxes, connections: diagram.edges))
    } else if yaml {
      Output.write(try yamlText(network))
    } else {
      Output.write(SummaryView(summary).text)
      if let svg { Output.writeLine("\nThe drawing is in \(svg).") }
    }
  }

  private var isDescription: Bool {
    ["yaml", "yml", "json"].contains { file.lowercased().hasSuffix(".\($0)") }
  }

  private func load() throws -> (AnyLayer, [TensorType]) {
    guard isDescription else {
      let model = try Model(contentsOf: file)
      guard input.isEmpty else { throw UsageError("--input is for descriptions; the model knows its own.") }
      return (model.network, [model.inputType(batchSize: 1)])
    }
    guard !input.isEmpty else {
      throw UsageError("A description does not say what it is given; say it with --input, such as --input 28x28.")
    }
    return (try YAMLDocument(contentsOf: file).decode(AnyLayer.self), input)
  }

  private struct Description: Encodable {
    let network: AnyLayer
    let summary: NetworkSummary
    let boxes: [NetworkDiagram.Box]
    let connections: [NetworkDiagram.Edge]
  }
}

import Chainrule

/// Where a network is described: in a file, or in the option itself.
enum NetworkSource: Equatable {
  /// A file in YAML or JSON.
  case file(String)
  /// A text in YAML or JSON, in braces.
  case text(String)

  init(_ argument: String) { self = argument.drop { $0 == " " }.hasPrefix("{") ? .text(argument) : .file(argument) }

  /// - Throws: `YAMLError`.
  func network() throws -> AnyLayer { try document().decode(AnyLayer.self) }

  /// What the description is called in messages.
  var name: String {
    switch self {
    case .file(let path): path
    case .text: "the description"
    }
  }

  /// An error of a layer, with the line of the description in which the layer stands; other errors as they are.
  func located(_ error: any Error) -> any Error {
    guard let path = Self.layerPath(of: error), let document = try? document(),
      let network = try? document.decode(AnyLayer.self)
    else { return error }
    return document.error(at: network.descriptionPath(ofLayer: path), "\(error)")
  }

  /// The layer that an error is about; nil where it is about none.
  static func layerPath(of error: any Error) -> String? {
    (error as? LayerError)?.path ?? (error as? GraphError)?.scope
  }

  private func document() throws -> YAMLDocument {
    switch self {
    case .file(let path): try YAMLDocument(contentsOf: path)
    case .text(let text): try YAMLDocument(text, file: "--network")
    }
  }
}

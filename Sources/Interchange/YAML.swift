import Descriptions
import Foundation
import Yams

/// A text in YAML 1.1, of which JSON is a part: what networks, options and experiments are written in.
///
/// ```swift
/// let document = try YAMLDocument(contentsOf: "network.yaml")
/// let network = try document.decode(AnyLayer.self)
/// ```
///
/// Keys that stand twice in an object, tabs that indent, values of the wrong type and more than 100 levels of nesting
/// are errors that name file, line and column.
public struct YAMLDocument {
  /// The file, for messages; empty where the text is in none.
  public let file: String
  private let root: Node

  /// - Parameters:
  ///   - text: one document.
  ///   - file: what the text is called in messages.
  /// - Throws: `YAMLError` when the text is not YAML.
  public init(_ text: String, file: String = "") throws {
    self.file = file
    do {
      guard let node = try compose(yaml: text) else {
        throw YAMLError(.syntax, file: file, message: "the text is empty; write what it should describe")
      }
      root = node
    } catch let error as YamlError {
      throw YAMLError(error, text: text, file: file)
    }
    var budget = Self.greatestNodeCount
    try check(root, level: 0, &budget)
  }

  /// - Throws: `YAMLError` also when the file cannot be read.
  public init(contentsOf path: String) throws {
    let bytes: [UInt8]
    do {
      bytes = try readFile(path)
    } catch let error as SafetensorsError {
      throw YAMLError(
        error.kind == .missing ? .missing : .unreadable, file: path, message: "\(error.message); \(error.advice)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw YAMLError(.syntax, file: path, message: "the file is not text in UTF-8; save it as such")
    }
    try self.init(text, file: path)
  }

  /// The value that the text describes.
  /// - Parameter userInfo: what the types to be decoded want to know, such as `LayerCatalog.userInfoKey`.
  /// - Throws: `YAMLError` that names the place of what is wrong.
  public func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) throws -> Value {
    do {
      return try YAMLDecoder().decode(type, from: root, userInfo: userInfo)
    } catch where error is DescriptionError || error is DecodingError {
      let error = DescriptionError(of: error, list: Node.Sequence.self, object: Node.Mapping.self)
      throw self.error(at: error.path, error.message)
    }
  }

  /// An error at a place in the text.
  /// - Parameter path: such as `layers[1].units`, as in `DescriptionError`; where there is no such place, the nearest
  ///   one that encloses it is named.
  public func error(at path: String, _ message: String) -> YAMLError {
    let mark = root.mark(at: path)
    return YAMLError(
      .value, file: file, line: mark?.line, column: mark?.column,
      message: path.isEmpty ? message : "\(path): \(message)")
  }

  private static let greatestLevel = 100
  /// References to anchors count as often as they are used: nine levels of nine references each would fill any memory.
  private static let greatestNodeCount = 1_000_000

  private func check(_ node: Node, level: Int, _ budget: inout Int) throws {
    budget -= 1
    guard level <= Self.greatestLevel, budget > 0 else {
      throw YAMLError(
        .value, file: file, line: node.mark?.line, column: node.mark?.column,
        message: "the text has more than \(Self.greatestLevel) levels or \(Self.greatestNodeCount) values; simplify it")
    }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        try check(key, level: level + 1, &budget)
        try check(value, level: level + 1, &budget)
      }
    case .sequence(let sequence): for element in sequence { try check(element, level: level + 1, &budget) }
    case .scalar, .alias: break
    }
  }
}

/// The value as YAML, in the order in which it is encoded: the same value gives the same text.
/// - Throws: what the value's `encode(to:)` throws.
public func yamlText(_ value: some Encodable) throws -> String { try YAMLEncoder().encode(value) }

/// A text is not YAML, or describes nothing that can be used.
public struct YAMLError: Error, CustomStringConvertible, Equatable {
  /// What went wrong, for programs that tell errors apart.
  public enum Kind: String, Sendable {
    /// There is no such file.
    case missing
    /// The system does not let the file be read.
    case unreadable
    /// The text is not YAML.
    case syntax
    /// The text is YAML, but a value cannot be used.
    case value
  }

  /// What went wrong, for programs.
  public let kind: Kind
  /// The file, empty where the text is in none.
  public let file: String
  /// From 1; nil where the error is in no line.
  public let line: Int?
  /// From 1, in characters; nil where the error is in no line.
  public let column: Int?
  /// What is wrong, and what to do.
  public let message: String

  init(_ kind: Kind, file: String, line: Int? = nil, column: Int? = nil, message: String) {
    self.kind = kind
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// `network.yaml:3:9: …`, as compilers write it; `line 3, column 9: …` where there is no file.
  public var description: String {
    guard let line, let column else { return file.isEmpty ? message : "\(file): \(message)" }
    return (file.isEmpty ? "line \(line), column \(column): " : "\(file):\(line):\(column): ") + message
  }
}

extension YAMLError {
  fileprivate init(_ error: YamlError, text: String, file: String) {
    func make(_ mark: Mark?, _ message: String) -> YAMLError {
      YAMLError(.syntax, file: file, line: mark?.line, column: mark?.column, message: message)
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(mark.line - 1).first ?? ""
      let hasTab = line.prefix { $0 == " " || $0 == "\t" }.contains("\t")
      self = make(mark, hasTab ? "a tab cannot indent; use spaces" : "the text is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      self = make(context.mark, "the object has \(names) twice; leave one of them out")
    case .reader(let problem, _, _, _): self = make(nil, "the text is not YAML: \(problem)")
    default: self = make(nil, "the text is not YAML: \(error)")
    }
  }
}

extension Node {
  /// The place of `layers[1].units`, or of the nearest thing around it: a key where there is one, else a value.
  fileprivate func mark(at path: String) -> Mark? {
    var (node, rest, found) = (self, path[...], mark)
    while !rest.isEmpty {
      if let mapping = node.mapping {
        rest = rest.drop { $0 == "." }
        // Names may have dots of their own.
        let matches = mapping.filter { key, _ in
          guard let name = key.string, rest.hasPrefix(name) else { return false }
          return [nil, ".", "["].contains(rest.dropFirst(name.count).first)
        }
        guard let (key, value) = matches.max(by: { ($0.key.string ?? "").count < ($1.key.string ?? "").count }) else {
          return found
        }
        rest = rest.dropFirst(key.string?.count ?? 0)
        (node, found) = (value, key.mark ?? found)
      } else if let sequence = node.sequence, rest.first == "[", let end = rest.firstIndex(of: "]"),
        let index = Int(rest.dropFirst()[..<end]), sequence.indices.contains(index)
      {
        rest = rest[rest.index(after: end)...]
        (node, found) = (sequence[index], sequence[index].mark ?? found)
      } else {
        return found
      }
    }
    return found
  }
}

import Chainrule
import Foundation

/// A training as a text: every option of `chainrule train` under its own name, in camel case as in Swift. `data` is what
/// to train on.
///
/// ```yaml
/// data: digits
/// hidden: [64, 32]
/// learningRate: 0.003
/// nesterov: true
/// ```
struct Experiment {
  /// A value of an option.
  enum Value: Codable, Equatable {
    case flag(Bool)
    case number(Double)
    case whole(Int)
    case text(String)
    case list([Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Bool.self) {
        self = .flag(value)
      } else if let value = try? container.decode(Int.self) {
        self = .whole(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .text(value)
      } else {
        self = .list(try container.decode([Value].self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .flag(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .whole(let value): try container.encode(value)
      case .text(let value): try container.encode(value)
      case .list(let values): try container.encode(values)
      }
    }

    /// As it is typed; nil for flags.
    var word: String? {
      switch self {
      case .flag: nil
      case .number(let value): "\(value)"
      case .whole(let value): "\(value)"
      case .text(let value): value
      case .list(let values): values.compactMap(\.word).joined(separator: ",")
      }
    }

    /// What a typed word means.
    init(word: String) {
      let parts = word.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if parts.count > 1, parts.allSatisfy({ Int($0) != nil }) {
        self = .list(parts.map { Value(word: $0) })
      } else if let value = Int(word), "\(value)" == word {
        self = .whole(value)
      } else if let value = Double(word), value.isFinite, word.first?.isLetter == false {
        self = .number(value)
      } else {
        self = .text(word)
      }
    }
  }

  /// By the option's name in camel case.
  var values: [String: Value]

  init(values: [String: Value]) { self.values = values }

  /// Reads a file in YAML or JSON.
  /// - Throws: `YAMLError` that names the place of what is wrong.
  init(contentsOf path: String) throws {
    let document = try YAMLDocument(contentsOf: path)
    values = try document.decode([String: Value].self)
    let known = Dictionary(TrainOption.all.map { ($0.key, $0) }) { first, _ in first }
    for key in values.keys.sorted() where key != Self.dataKey {
      guard let option = known[key], !TrainOption.ofTheCommandAlone.contains(key) else {
        throw document.error(at: key, "there is no such option; 'chainrule train --help' lists them")
      }
      if case .flag = values[key] {
        guard option.isFlag else { throw document.error(at: key, "it takes a value") }
      } else if option.isFlag {
        throw document.error(at: key, "it is true or false")
      }
    }
    guard values[Self.dataKey]?.word != nil else {
      throw document.error(at: "", "the data are missing; add a line such as 'data: digits'")
    }
  }

  /// What was typed after `chainrule train`.
  init(typed words: [String]) {
    var values: [String: Value] = [:]
    let known = Dictionary(TrainOption.all.map { ("--\($0.name)", $0) }) { first, _ in first }
    var rest = words[...]
    while let word = rest.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard let option = known[parts[0]] else {
        values[Self.dataKey] = .text(word)
        continue
      }
      let isKept = !TrainOption.ofTheCommandAlone.contains(option.key)
      if option.isFlag {
        if isKept { values[option.key] = .flag(true) }
      } else if let given = parts.count > 1 ? parts[1] : rest.popFirst(), isKept {
        // An option that may be repeated adds to its list.
        let value = Value(word: given)
        values[option.key] = option.isRepeating ? Self.joined(values[option.key], value) : value
      }
    }
    self.values = values
  }

  private static func joined(_ first: Value?, _ second: Value) -> Value {
    func items(_ value: Value?) -> [Value] {
      switch value {
      case nil: []
      case .list(let items): items
      case let value?: [value]
      }
    }
    let all = items(first) + items(second)
    return all.count == 1 ? all[0] : .list(all)
  }

  static let dataKey = "data"

  /// Whether what is named as data is an experiment's description.
  static func isDescription(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasSuffix(".yaml") || name.hasSuffix(".yml")
  }

  /// Writes the experiment as a file that `init(contentsOf:)` reads.
  /// - Throws: `FileWriteError`.
  func save(to path: String) throws { try AtomicFile(path: path).write(Array(try text().utf8)) }

  /// What to type after `chainrule train` for the same.
  var words: [String] {
    var words = [values[Self.dataKey]?.word].compactMap { $0 }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) where key != Self.dataKey {
      let name = TrainOption.all.first { $0.key == key }?.name ?? key
      switch value {
      case .flag(let isSet): if isSet { words.append("--\(name)") }
      default: words.append("--\(name)=\(value.word ?? "")")
      }
    }
    return words
  }

  /// The text of the experiment, in YAML.
  func text() throws -> String {
    let data = values[Self.dataKey].map { [(Self.dataKey, $0)] } ?? []
    let others = values.sorted { $0.key < $1.key }.filter { $0.key != Self.dataKey }
    // A line of JSON for each value is YAML too, whatever signs a text has.
    return try (data + others).map { key, value in
      "\(key): \(String(decoding: try JSONEncoder.plain.encode([value]), as: UTF8.self).dropFirst().dropLast())\n"
    }.joined()
  }
}

extension JSONEncoder {
  fileprivate static var plain: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}

/// An option of `chainrule train`, as the parser knows it.
struct TrainOption {
  /// As it is typed, without the strokes.
  let name: String
  let isFlag: Bool
  let isRepeating: Bool

  /// The name in camel case, as in YAML and Swift.
  var key: String {
    let parts = name.split(separator: "-")
    return parts.prefix(1).joined() + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// Options that say where a command reads and writes rather than what is trained.
  static let ofTheCommandAlone: Set<String> = ["saveExperiment", "resume", "json", "quiet", "help", "version"]

  /// Every option.
  static let all: [TrainOption] = {
    let dump = try? JSONDecoder().decode(Dump.self, from: Data(Train._dumpHelp().utf8))
    return (dump?.command.arguments ?? []).compactMap { argument in
      guard argument.kind != "positional", let name = argument.names?.first(where: { $0.kind == "long" })?.name else {
        return nil
      }
      return TrainOption(name: name, isFlag: argument.kind == "flag", isRepeating: argument.isRepeating)
    }
  }()

  private struct Dump: Decodable {
    struct Command: Decodable { let arguments: [Argument]? }
    struct Argument: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }
      let kind: String
      let isRepeating: Bool
      let names: [Name]?
    }
    let command: Command
  }
}

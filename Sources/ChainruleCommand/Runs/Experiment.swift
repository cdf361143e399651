import ArgumentParser
import Chainrule
import Foundation

/// A training as a text: every option of `chainrule train` under its own name, in camel case as in Swift. `data` is
/// what to train on; a network may be described in place.
///
/// ```yaml
/// data: digits
/// network:
///   kind: sequential
///   layers: [flatten, {kind: dense, units: 32, activation: relu}, {kind: dense, units: 10}]
/// learningRate: 0.003
/// nesterov: true
/// ```
struct Experiment {
  static let dataKey = "data"
  static let networkKey = "network"

  /// By the option's name in camel case.
  var values: [String: Value]
  /// The file that describes it; nil where it was typed.
  private var document: YAMLDocument?
  /// The keys whose values stand in that file.
  private var described: Set<String> = []

  init(values: [String: Value]) { self.values = values }

  /// Reads a file in YAML or JSON.
  /// - Throws: `YAMLError` that names the place of what is wrong.
  init(contentsOf path: String) throws {
    let document = try YAMLDocument(contentsOf: path)
    values = try document.decode(Description.self).values
    for key in values.keys.sorted() where key != Self.dataKey {
      guard let option = TrainOption(named: key), option.key == key, !TrainOption.ofTheCommandAlone.contains(key)
      else { throw document.error(at: key, "there is no such option; 'chainrule train --help' lists them") }
      if let positive = option.positive { throw document.error(at: key, "write '\(positive.key): false'") }
      if case .flag = values[key] {
        guard option.isFlag else { throw document.error(at: key, "it takes a value") }
      } else if option.isFlag {
        throw document.error(at: key, "it is true or false")
      }
    }
    guard let data = values[Self.dataKey]?.word else {
      throw document.error(at: "", "the data are missing; add a line such as 'data: digits'")
    }
    guard !Self.isDescription(data) else {
      throw document.error(at: Self.dataKey, "'\(data)' is a description too; name data")
    }
    self.document = document
    described = Set(values.keys)
  }

  /// What was typed after `chainrule train`.
  init(typed words: [String]) {
    var values: [String: Value] = [:]
    var rest = words[...]
    while let word = rest.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard word.hasPrefix("--"), let option = TrainOption(named: String(parts[0].dropFirst(2))) else {
        values[Self.dataKey] = .text(word)
        continue
      }
      let isKept = !TrainOption.ofTheCommandAlone.contains(option.key)
      if option.isFlag {
        if isKept { Self.set(option, in: &values) }
      } else if let given = parts.count > 1 ? parts[1] : rest.popFirst(), isKept {
        // An option that may be repeated adds to its list.
        let value = Value(word: given, of: option)
        let before = option.isRepeating ? values[option.key]?.items ?? [] : []
        values[option.key] = before.isEmpty ? value : .list(before + value.items)
      }
    }
    self.values = values
  }

  /// Sets a flag; `--no-header` is `header: false`.
  private static func set(_ flag: TrainOption, in values: inout [String: Value]) {
    if let positive = flag.positive {
      values[positive.key] = .flag(false)
    } else {
      values[flag.key] = .flag(true)
    }
  }

  /// What was typed in place of what the description says that was named as its data; itself where data were named.
  /// - Throws: as `init(contentsOf:)`.
  func resolved() throws -> Experiment {
    guard let data = values[Self.dataKey]?.word, Self.isDescription(data) else { return self }
    var whole = try Experiment(contentsOf: data)
    for (key, value) in values where key != Self.dataKey { whole.set(key, value) }
    return whole
  }

  /// Puts a value in place of what is described.
  mutating func set(_ key: String, _ value: Value) {
    values[key] = value
    described.remove(key)
  }

  /// Only the data and some of the options.
  func filtered(_ isIncluded: (TrainOption) -> Bool) -> Experiment {
    var result = self
    result.values = values.filter { key, _ in key == Self.dataKey || TrainOption(named: key).map(isIncluded) ?? false }
    return result
  }

  /// Whether a file describes it.
  var isDescribed: Bool { document != nil }

  /// Whether what is named as data is an experiment's description.
  static func isDescription(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasSuffix(".yaml") || name.hasSuffix(".yml")
  }

  /// An error of an option or a layer, with the line of the file in which it stands.
  func located(_ error: any Error) -> any Error {
    if let path = NetworkSource.layerPath(of: error) {
      switch values[Self.networkKey] {
      case .network(let network):
        let place = network.descriptionPath(ofLayer: path)
        return document?.error(at: "\(Self.networkKey).\(place)", "\(error)") ?? error
      case let value?: return value.word.map { NetworkSource($0).located(error) } ?? error
      case nil: return error
      }
    }
    guard let document, isUsageError(error) else { return error }
    let message = Root.message(for: error)
    let words = Set(message.split { !$0.isLetter && !$0.isNumber && $0 != "-" })
    let key = described.sorted().first { key in
      TrainOption(named: key).map { words.contains("--\($0.name)") } ?? false
    }
    return key.map { document.error(at: $0, message) } ?? error
  }

  /// Writes the experiment as a file that `init(contentsOf:)` reads.
  /// - Throws: `FileWriteError`.
  func save(to path: String) throws { try AtomicFile(path: path).write(Array(try text().utf8)) }

  /// What to type after `chainrule train` for the same.
  var words: [String] {
    var words = [values[Self.dataKey]?.word].compactMap { $0 }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) where key != Self.dataKey {
      let option = TrainOption(named: key)
      let name = option?.name ?? key
      switch value {
      case .flag(true): words.append("--\(name)")
      case .flag(false): if TrainOption(named: "no-\(name)") != nil { words.append("--no-\(name)") }
      case .list(let items) where option?.isRepeating ?? false:
        words += items.map { "--\(name)=\($0.word ?? "")" }
      default: words.append("--\(name)=\(value.word ?? "")")
      }
    }
    return words
  }

  /// The text of the experiment, in YAML.
  func text() throws -> String {
    let data = values[Self.dataKey].map { [(Self.dataKey, $0)] } ?? []
    let others = values.sorted { $0.key < $1.key }.filter { $0.key != Self.dataKey }
    return try (data + others).map { key, value in
      guard case .network(let network) = value else { return "\(key): \(try jsonText(value))\n" }
      let lines = try yamlText(network).split(separator: "\n").map { "  \($0)\n" }.joined()
      return "\(key):\n\(lines)"
    }.joined()
  }

  /// What a file says. A network that is described in place is read at once, so that its errors have their places.
  private struct Description: Decodable {
    var values: [String: Value] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: DescriptionKey.self)
      for key in container.allKeys {
        let isText = (try? container.decode(String.self, forKey: key)) != nil
        let isNested = key.stringValue == Experiment.networkKey && !isText
        values[key.stringValue] =
          isNested
          ? .network(try container.decode(AnyLayer.self, forKey: key)) : try container.decode(Value.self, forKey: key)
      }
    }
  }
}

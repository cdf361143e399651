import Chainrule
import Foundation

extension Experiment {
  /// A value of an option.
  enum Value: Codable, Equatable {
    case flag(Bool)
    case number(Double)
    case whole(Int)
    case text(String)
    case list([Value])
    /// A network, described in place.
    case network(AnyLayer)

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
      case .network(let network): try container.encode(network)
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
      case .network(let network): try? jsonText(network)
      }
    }

    /// What a typed word means: a number only where it is written as numbers are, so that it is typed again as it was.
    /// - Parameter isList: whether commas set values apart.
    init(word: String, isList: Bool) {
      let parts = word.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if isList, parts.count > 1, parts.allSatisfy({ Int($0) != nil }) {
        self = .list(parts.map { Value(word: $0, isList: false) })
      } else if let value = Int(word), "\(value)" == word {
        self = .whole(value)
      } else if let value = Double(word), value.isFinite, "\(value)" == word {
        self = .number(value)
      } else {
        self = .text(word)
      }
    }

    /// What a typed word means as the value of an option.
    init(word: String, of option: TrainOption) {
      if option.key == Experiment.networkKey, case .text(let text) = NetworkSource(word),
        let network = try? YAMLDocument(text).decode(AnyLayer.self)
      {
        self = .network(network)
      } else {
        self.init(word: word, isList: !option.isRepeating || option.valueName == "sizes")
      }
    }

    /// The values of a list, or the one that it is.
    var items: [Value] { if case .list(let items) = self { items } else { [self] } }
  }
}

/// A value as a line of JSON, which is YAML too, whatever signs a text has.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

import Foundation

/// An option of `chainrule train`, as the parser knows it.
struct TrainOption {
  /// As it is typed, without the strokes.
  let name: String
  let isFlag: Bool
  let isRepeating: Bool
  /// What the help calls its value; nil for flags.
  let valueName: String?
  /// The title above it in the help; nil for options that say where the command reads and writes.
  let section: String?

  /// The name in camel case, as in YAML and Swift.
  var key: String {
    let parts = name.split(separator: "-")
    return parts.prefix(1).joined() + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// Whether it says what is learned and how, rather than what is kept of it and where.
  var isOfLearning: Bool { section.map { !["Keeping", "Pictures"].contains($0) } ?? false }

  /// Whether it says which examples there are.
  var isOfData: Bool {
    ["Text", "Tables", "Images"].contains(section) || ["seed", "validationFraction"].contains(key)
  }

  /// Whether its value is the name of a file, which may have strokes in it.
  var takesFile: Bool { valueName?.contains(".") ?? false }

  /// Options that say where a command reads and writes rather than what is trained.
  static let ofTheCommandAlone: Set<String> = ["saveExperiment", "resume", "json", "quiet", "help", "version"]

  /// Every option.
  static let all: [TrainOption] = {
    let dump = try? JSONDecoder().decode(Dump.self, from: Data(Train._dumpHelp().utf8))
    return (dump?.command.arguments ?? []).compactMap { argument in
      guard argument.kind != "positional", let name = argument.names?.first(where: { $0.kind == "long" })?.name else {
        return nil
      }
      return TrainOption(
        name: name, isFlag: argument.kind == "flag", isRepeating: argument.isRepeating, valueName: argument.valueName,
        section: argument.sectionTitle)
    }
  }()

  /// The option of a name, as it is typed or in camel case.
  init?(named name: String) {
    guard let option = Self.all.first(where: { $0.name == name || $0.key == name }) else { return nil }
    self = option
  }

  /// The flag of which this is the opposite, as `--no-header` is of `--header`; nil where it is one of its own.
  var positive: TrainOption? {
    guard isFlag, name.hasPrefix("no-") else { return nil }
    return TrainOption(named: String(name.dropFirst(3))).flatMap { $0.isFlag ? $0 : nil }
  }

  private init(name: String, isFlag: Bool, isRepeating: Bool, valueName: String?, section: String?) {
    self.name = name
    self.isFlag = isFlag
    self.isRepeating = isRepeating
    self.valueName = valueName
    self.section = section
  }

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
      let valueName: String?
      let sectionTitle: String?
    }
    let command: Command
  }
}

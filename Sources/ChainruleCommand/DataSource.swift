import ArgumentParser
import Chainrule

/// What a user can name as data: the one place that tells kinds of data apart.
enum DataSource {
  /// The digits that are part of the package.
  case digits
  /// A folder of IDX files, as MNIST is distributed.
  case idxFolder(IDXFolder)

  /// One of the parts that data come in.
  enum Split: String, CaseIterable, ExpressibleByArgument {
    case training, test
  }

  static let help: ArgumentHelp = "A folder of IDX files such as MNIST's, or the word 'digits'."

  /// Finds the data, without reading them.
  /// - Throws: `DatasetError` when there are none of that name.
  init(_ argument: String) throws {
    self = argument == "digits" ? .digits : .idxFolder(try IDXFolder(path: argument))
  }

  /// What a model of these data is called: the name of the folder.
  var name: String {
    switch self {
    case .digits: return "digits"
    case .idxFolder(let folder):
      let name = folder.path.split(separator: "/").last.map(String.init) ?? ""
      return name.allSatisfy { $0 == "." } ? "model" : name
    }
  }

  /// Reads everything.
  /// - Throws: `DatasetError`.
  func load() throws -> DatasetSplits {
    switch self {
    case .digits:
      let (training, test) = try Digits.load()
      return DatasetSplits(training: training, test: test)
    case .idxFolder(let folder): return try folder.load()
    }
  }

  /// Reads a part: when none is named the one held back for testing, where there is one.
  /// - Throws: `DatasetError`.
  func load(_ split: Split?) throws -> (data: Dataset, split: Split) {
    switch self {
    case .digits:
      let (training, test) = try Digits.load()
      return split == .training ? (training, .training) : (test, .test)
    case .idxFolder(let folder):
      let split = split ?? (folder.test == nil ? .training : .test)
      return (split == .training ? try folder.loadTraining() : try folder.loadTest(), split)
    }
  }
}

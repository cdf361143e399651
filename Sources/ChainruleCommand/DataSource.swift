import ArgumentParser
import Chainrule
import Foundation

/// What a user can name as data: the one place that tells kinds of data apart.
enum DataSource {
  /// The digits that are part of the package.
  case digits
  /// A folder of IDX files, as MNIST is distributed.
  case idxFolder(IDXFolder)
  /// A file of a table, by its path.
  case table(String)

  /// One of the parts that data come in.
  enum Split: String, CaseIterable, ExpressibleByArgument {
    case training, test
  }

  static let help: ArgumentHelp = """
    A table (CSV, TSV, JSON Lines, SQLite, NPY, NPZ), a folder of IDX files such as MNIST's, or the word 'digits'.
    """

  /// Finds the data, without reading them.
  /// - Throws: `DatasetError` when there are none of that name.
  init(_ argument: String) throws {
    if argument == "digits" {
      self = .digits
    } else if isFile(argument) {
      self = .table(argument)
    } else {
      self = .idxFolder(try IDXFolder(path: argument))
    }
  }

  /// The path, where it is a table.
  var tablePath: String? {
    if case .table(let path) = self { path } else { nil }
  }

  /// What a model of these data is called: the name of the folder.
  var name: String {
    switch self {
    case .digits: return "digits"
    case .idxFolder(let folder):
      let name = folder.path.split(separator: "/").last.map(String.init) ?? ""
      return name.allSatisfy { $0 == "." } ? "model" : name
    case .table(let path):
      let name = path.split(separator: "/").last?.split(separator: ".").first.map(String.init)
      return name ?? "model"
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
    case .table(let path): throw Self.isTable(path)
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
    case .table(let path): throw Self.isTable(path)
    }
  }

  private static func isTable(_ path: String) -> DatasetError {
    DatasetError(
      .mismatch, path: path, "this is a table, but the model was not trained on one",
      advice: "give data of the form that the model was trained on")
  }
}

/// Whether there is a file, rather than a folder or nothing.
private func isFile(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
}

import ArgumentParser
import Chainrule
import Foundation

/// What a user can name as data: the one place that tells kinds of data apart.
enum DataSource {
  /// The digits that are part of the package.
  case digits
  /// A folder of IDX files, as MNIST is distributed.
  case idxFolder(IDXFolder)
  /// A text file, by its path.
  case text(String)
  /// A file of a table, by its path.
  case table(String)

  /// One of the parts that data come in.
  enum Split: String, CaseIterable, ExpressibleByArgument {
    case training, test
  }

  static let help: ArgumentHelp = """
    A table (CSV, TSV, JSON Lines, SQLite, NPY, NPZ), a text (.txt), a folder of IDX
    files such as MNIST's, or the word 'digits'.
    """

  /// Finds the data, without reading them.
  /// - Throws: `DatasetError` when there are none of that name.
  init(_ argument: String) throws {
    if argument == "digits" {
      self = .digits
    } else if argument.hasSuffix(".txt") || argument.hasSuffix(".txt.gz") {
      self = .text(argument)
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
    case .text(let path), .table(let path):
      let name = path.split(separator: "/").last?.split(separator: ".").first.map(String.init)
      return name ?? "model"
    }
  }

  /// Reads everything.
  /// - Parameter text: how a text becomes examples.
  /// - Throws: `DatasetError`.
  func load(_ text: TextOptions, validationFraction: Double?) throws -> DatasetSplits {
    switch self {
    case .digits:
      let (training, test) = try Digits.load()
      return DatasetSplits(training: training, test: test)
    case .idxFolder(let folder): return try folder.load()
    case .text(let path):
      return try TextFile(path: path).load(
        text.tokens, context: text.context, validationFraction: validationFraction ?? 0.1)
    case .table(let path): throw Self.isTable(path)
    }
  }

  /// Reads a part, in the form that a model takes: when none is named the one held back for testing, where there is one;
  /// of a text, the last tenth.
  /// - Throws: `DatasetError`, and `TrainingError` when the model is not of such data.
  func load(_ split: Split?, for model: Model) throws -> (data: Dataset, split: Split) {
    switch self {
    case .digits:
      let (training, test) = try Digits.load()
      return split == .training ? (training, .training) : (test, .test)
    case .idxFolder(let folder):
      let split = split ?? (folder.test == nil ? .training : .test)
      return (split == .training ? try folder.loadTraining() : try folder.loadTest(), split)
    case .text(let path):
      let parts = try TextFile(path: path).load(.known(model.tokenizer()), context: model.featureShape.count)
      return split == .training ? (parts.training, .training) : (parts.test ?? parts.training, .test)
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

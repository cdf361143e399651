import ArgumentParser
import Chainrule
import Foundation

/// What a user can name as data: the one place that tells kinds of data apart.
enum DataSource {
  /// The digits that are part of the package.
  case digits
  /// Points or sequences made by the package.
  case synthetic(SyntheticData)
  /// A folder of IDX files, as MNIST is distributed.
  case idxFolder(IDXFolder)
  /// A folder of images, one folder a class, and how they become examples.
  case imageFolder(ImageFolder, ImageOptions)
  /// Images without classes, to predict for.
  case images([String], ImageOptions)
  /// A text file, by its path.
  case text(String)
  /// A file of a table, by its path.
  case table(String)

  /// One of the parts that data come in.
  enum Split: String, CaseIterable, ExpressibleByArgument {
    case training, test
  }

  static let help: ArgumentHelp = """
    A table (CSV, TSV, JSON Lines, SQLite, NPY, NPZ), a text (.txt), a folder of images \
    with one folder a class, a folder of IDX files such as MNIST's, or one of the words \
    digits, \(SyntheticData.allCases.map(\.rawValue).joined(separator: ", ")).
    """

  /// Finds the data, without reading them.
  /// - Parameters:
  ///   - images: how images become examples.
  ///   - classes: what the classes of images are, where a model has learned them.
  /// - Throws: `DatasetError` when there are none of that name.
  init(_ argument: String, images: ImageOptions = ImageOptions(), classes: [String]? = nil) throws {
    if argument == "digits" {
      self = .digits
    } else if let data = SyntheticData(rawValue: argument) {
      self = .synthetic(data)
    } else if ImageFolder.isImageFolder(argument) {
      self = .imageFolder(try ImageFolder(path: argument, classes: classes), images)
    } else if argument.hasSuffix(".txt") || argument.hasSuffix(".txt.gz") {
      self = .text(argument)
    } else if isFile(argument) {
      self = .table(argument)
    } else {
      self = .idxFolder(try IDXFolder(path: argument))
    }
  }

  /// Finds the data for a model: images become examples of the form that it takes, and may be without classes.
  init(_ argument: String, for model: Model, _ images: ImageArguments, needsClasses: Bool) throws {
    let options = images.options.matching(model.featureShape)
    if !needsClasses, let options, isImage(argument) || ImageFolder.isImageFolder(argument),
      let files = try? imageFiles(at: argument)
    {
      self = .images(files, options)
    } else {
      let classes = needsClasses && model.targetShape == nil ? model.classNames : nil
      try self.init(argument, images: options ?? images.options, classes: classes)
    }
  }

  /// The path, where it is a table.
  var tablePath: String? {
    if case .table(let path) = self { path } else { nil }
  }

  var isText: Bool { if case .text = self { true } else { false } }

  /// Whether files of images are decoded.
  var isImages: Bool {
    switch self {
    case .imageFolder, .images: true
    default: false
    }
  }

  /// - Parameter data: what the options are for, which these data are not.
  /// - Throws: `UsageError` when one of the options was given.
  func refuseOptions(_ options: GivenOptions, for data: String) throws {
    try refuse(options, "is for \(data), which '\(name)' is not.")
  }

  /// What a model of these data is called: the name of the folder, or of the file without what follows its first dot.
  var name: String {
    switch self {
    case .digits: "digits"
    case .synthetic(let data): data.rawValue
    case .idxFolder(let folder): Self.name(ofFolder: folder.path)
    case .imageFolder(let folder, _): Self.name(ofFolder: folder.path)
    case .images: "images"
    case .text(let path), .table(let path):
      path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? "model"
    }
  }

  private static func name(ofFolder path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return name.allSatisfy { $0 == "." } ? "model" : name
  }
}

/// Whether there is a file, rather than a folder or nothing.
private func isFile(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
}

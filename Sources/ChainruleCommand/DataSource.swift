import ArgumentParser
import Chainrule

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

  /// One of the parts that data come in.
  enum Split: String, CaseIterable, ExpressibleByArgument {
    case training, test
  }

  static let help: ArgumentHelp = """
    A folder of IDX files such as MNIST's, a folder of images with one folder a class, or one of the words \
    digits, \(SyntheticData.allCases.map(\.rawValue).joined(separator: ", ")).
    """

  /// Finds the data, without reading them.
  /// - Parameter images: how images become examples.
  /// - Throws: `DatasetError` when there are none of that name.
  init(_ argument: String, images: ImageOptions = ImageOptions()) throws {
    if argument == "digits" {
      self = .digits
    } else if let data = SyntheticData(rawValue: argument) {
      self = .synthetic(data)
    } else if ImageFolder.isImageFolder(argument) {
      self = .imageFolder(try ImageFolder(path: argument), images)
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
      try self.init(argument, images: options ?? images.options)
    }
  }

  /// What a model of these data is called: the name of the folder.
  var name: String {
    switch self {
    case .digits: return "digits"
    case .synthetic(let data): return data.rawValue
    case .idxFolder(let folder): return Self.name(ofFolder: folder.path)
    case .imageFolder(let folder, _): return Self.name(ofFolder: folder.path)
    case .images: return "images"
    }
  }

  private static func name(ofFolder path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return name.allSatisfy { $0 == "." } ? "model" : name
  }

  /// Reads everything.
  /// - Throws: `DatasetError`.
  func load() throws -> DatasetSplits {
    switch self {
    case .digits:
      let (training, test) = try Digits.load()
      return DatasetSplits(training: training, test: test)
    case .synthetic(let data): return try data.load()
    case .idxFolder(let folder): return try folder.load()
    case .imageFolder(let folder, let options):
      let (splits, skipped) = try folder.load(options)
      Self.report(skipped)
      return splits
    case .images(let files, let options):
      return DatasetSplits(training: try Self.load(files, options), test: nil)
    }
  }

  private static func load(_ files: [String], _ options: ImageOptions) throws -> Dataset {
    let images = try Dataset.images(files, options)
    report(images.skipped)
    return images.data
  }

  /// Says which images were left out.
  private static func report(_ skipped: [DatasetError]) {
    guard !skipped.isEmpty else { return }
    let names = skipped.prefix(10).map { "  \($0.path): \($0.message)\n" }.joined()
    let rest = skipped.count > 10 ? "  and \(grouped(skipped.count - 10)) more\n" : ""
    Output.writeDiagnostic("Left out \(counted(skipped.count, "damaged image")):\n\(names)\(rest)")
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
    case .synthetic, .imageFolder, .images:
      let parts = try load()
      guard split != .training, let test = parts.test else { return (parts.training, .training) }
      return (test, .test)
    }
  }
}

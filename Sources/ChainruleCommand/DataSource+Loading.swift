import Chainrule

extension DataSource {
  /// Reads everything that is not a table.
  /// - Parameters:
  ///   - text: how a text becomes examples.
  ///   - seed: by which images are held back, where their folder has no part for testing.
  ///   - inBackground: whether images are read while other things are done.
  /// - Throws: `DatasetError`.
  func load(
    text: TextOptions = TextOptions(), seed: UInt64 = 0, inBackground: Bool = false
  ) throws -> DatasetSplits {
    switch self {
    case .digits:
      let (training, test) = try Digits.load()
      return DatasetSplits(training: training, test: test)
    case .synthetic(let data): return try data.load()
    case .idxFolder(let folder): return try folder.load(inBackground: inBackground)
    case .imageFolder(let folder, var options):
      options.seed = seed
      return try Self.load(folder, options, inBackground: inBackground)
    case .images(let files, let options):
      let images = try Dataset.images(files, options)
      Self.report(images.skipped)
      return DatasetSplits(training: images.data, test: nil)
    case .text(let path):
      return try TextFile(path: path).load(text)
    case .table(let path): throw Self.isTable(path)
    }
  }

  /// Reads a part, in the form that a model takes: when none is named the one held back for testing, where there is
  /// one; of a text, the last tenth; all images of a folder of which the model has held none back.
  /// - Returns: the examples, and what that part is called.
  /// - Throws: `DatasetError`, and `TrainingError` when the model is not of such data.
  func load(_ split: Split?, for model: Model) throws -> (data: Dataset, split: String) {
    switch self {
    case .idxFolder(let folder):
      let split = split ?? (folder.test == nil ? .training : .test)
      return (split == .training ? try folder.loadTraining() : try folder.loadTest(), split.rawValue)
    case .imageFolder(let folder, var options) where !folder.hasTestPart:
      if let origin = try model.imageOrigin(), folder.isOrigin(origin) {
        (options.testFraction, options.seed) = (origin.testFraction, origin.seed)
        return try part(split, of: Self.load(folder, options))
      }
      if split != nil { throw Self.isNotHeldBack(folder.path, "folder", "images") }
      options.testFraction = 0
      return (try Self.load(folder, options).training, Self.whole)
    case .digits, .synthetic, .imageFolder, .images: return try part(split, of: load())
    case .text(let path):
      return try part(
        split, of: TextFile(path: path).load(
          TextOptions(tokens: .known(model.tokenizer()), context: model.featureShape.count)))
    case .table(let path): throw Self.isTable(path)
    }
  }

  private func part(_ split: Split?, of parts: DatasetSplits) throws -> (data: Dataset, split: String) {
    if split != .training, let test = parts.test { return (test, Split.test.rawValue) }
    guard split != .test else {
      throw DatasetError(
        .invalidArgument, path: name, "nothing is held back of these data", advice: "leave --split out to use them all")
    }
    return (parts.training, Split.training.rawValue)
  }

  /// What the examples are called where no part of them was held back.
  static let whole = "whole"

  /// There are no parts of data that a model was not trained on.
  /// - Parameters:
  ///   - form: what the data are.
  ///   - examples: what they consist of.
  static func isNotHeldBack(_ path: String, _ form: String, _ examples: String) -> DatasetError {
    DatasetError(
      .invalidArgument, path: path,
      "this is not the \(form) that the model was trained on, or nothing was held back of it",
      advice: "leave --split out to use all \(examples)")
  }

  /// Reads a folder of images, and says which of it was left out.
  private static func load(
    _ folder: ImageFolder, _ options: ImageOptions, inBackground: Bool = false
  ) throws -> DatasetSplits {
    for path in folder.emptyFolders { Output.writeDiagnostic("Left out '\(path)': there are no images in it.\n") }
    let (splits, skipped) = try folder.load(options, inBackground: inBackground)
    report(skipped)
    return splits
  }

  /// Says which images were left out.
  private static func report(_ skipped: [DatasetError]) {
    guard !skipped.isEmpty else { return }
    let names = skipped.prefix(10).map { "  \($0.path): \($0.message)\n" }.joined()
    let rest = skipped.count > 10 ? "  and \(grouped(skipped.count - 10)) more\n" : ""
    Output.writeDiagnostic("Left out \(counted(skipped.count, "damaged image")):\n\(names)\(rest)")
  }

  private static func isTable(_ path: String) -> DatasetError {
    DatasetError(
      .mismatch, path: path, "this is a table, which cannot be used here",
      advice: "give data of the form that the model was trained on, or train a model on the table")
  }
}

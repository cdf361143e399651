import Chainrule

extension DataSource {
  /// Reads everything that is not a table.
  /// - Parameters:
  ///   - text: how a text becomes examples.
  ///   - inBackground: whether images are read while other things are done.
  /// - Throws: `DatasetError`.
  func load(text: TextOptions = TextOptions(), inBackground: Bool = false) throws -> DatasetSplits {
    switch self {
    case .digits:
      let (training, test) = try Digits.load()
      return DatasetSplits(training: training, test: test)
    case .synthetic(let data): return try data.load()
    case .idxFolder(let folder): return try folder.load(inBackground: inBackground)
    case .imageFolder(let folder, let options):
      let (splits, skipped) = try folder.load(options, inBackground: inBackground)
      Self.report(skipped)
      return splits
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
  /// one; of a text, the last tenth.
  /// - Throws: `DatasetError`, and `TrainingError` when the model is not of such data.
  func load(_ split: Split?, for model: Model) throws -> (data: Dataset, split: Split) {
    switch self {
    case .idxFolder(let folder):
      let split = split ?? (folder.test == nil ? .training : .test)
      return (split == .training ? try folder.loadTraining() : try folder.loadTest(), split)
    case .digits, .synthetic, .imageFolder, .images: return try part(split, of: load())
    case .text(let path):
      return try part(
        split, of: TextFile(path: path).load(
          TextOptions(tokens: .known(model.tokenizer()), context: model.featureShape.count)))
    case .table(let path): throw Self.isTable(path)
    }
  }

  private func part(_ split: Split?, of parts: DatasetSplits) -> (data: Dataset, split: Split) {
    guard split != .training, let test = parts.test else { return (parts.training, .training) }
    return (test, .test)
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

import Foundation
import Interchange
import Training

/// What is known of a finished run: all that its report shows.
public struct RunReport: Codable, Sendable {
  /// A line of a table: what, and how much.
  public struct Fact: Codable, Sendable, Hashable {
    /// What is said something of.
    public let name: String
    /// What is said of it.
    public let value: String

    /// A line of a table.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// An example that the network is sure of and wrong about.
  public struct Mistake: Codable, Sendable, Hashable {
    /// Its position in its part of the data, from 0.
    public let index: Int
    /// Where it is in the file of the table that it is from, such as `line 17`; nil for other data.
    public let place: String?
    /// What is true; nil of images that the network makes, whose numbers tell nobody anything.
    public let truth: String?
    /// What the network says; nil as `truth` is.
    public let prediction: String?
    /// How sure of it the network is, or by how much it is wrong where numbers are predicted.
    public let score: Double
    /// What the example looks like, where it is an image.
    public let picture: Picture?
  }

  /// What the run is called.
  public let title: String
  /// The command that repeats it.
  public let command: String
  /// The options, the seed and the versions.
  public let settings: [Fact]
  /// What the data are.
  public let data: [Fact]
  /// What came of each epoch.
  public let training: TrainingReport
  /// How its losses are shown.
  public let lossView: LossView
  /// Which part of the data the scores are of.
  public let part: String
  /// How good the network is on that part, which is the training data where nothing was held back; nil where it was
  /// not measured.
  public let scores: Scores?
  /// What came of a cross-validation; nil where there was none.
  public let folds: FoldScores?
  /// The worst mistakes, the worst one first.
  public let mistakes: [Mistake]
  /// How much each column matters; empty where the data have no columns.
  public let importance: [ColumnImportance]
  /// What went wrong.
  public let findings: [Finding]
  /// Images above what the network makes of them, as a PNG file; nil where it makes no images.
  public internal(set) var reconstructions: Data?

  /// A report of what was found out elsewhere.
  public init(
    title: String, command: String, settings: [Fact], data: [Fact], training: TrainingReport,
    lossView: LossView, part: String, scores: Scores?, folds: FoldScores? = nil, mistakes: [Mistake],
    importance: [ColumnImportance], findings: [Finding]
  ) {
    self.title = title
    self.command = command
    self.settings = settings
    self.data = data
    self.training = training
    self.lossView = lossView
    self.part = part
    self.scores = scores
    self.folds = folds
    self.mistakes = mistakes
    self.importance = importance
    self.findings = findings
  }

  /// Reads the report of a run.
  /// - Throws: `TrainingError` when the run has none, or it is damaged.
  public init(of run: RunFolder) throws {
    guard let bytes = FileManager.default.contents(atPath: run.summary) else {
      throw TrainingError(
        .empty, path: run.summary, "the run has no report", advice: "let it end, without --no-report")
    }
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      self = try decoder.decode(RunReport.self, from: bytes)
    } catch {
      throw TrainingError(
        .invalidModel, path: run.summary, "the report cannot be read",
        advice: "the file was changed or is from another version: train again")
    }
  }

  /// Writes the report into a run's folder: as a page, as JSON, and each plot as an SVG file.
  /// - Throws: `FileWriteError`.
  public func write(to run: RunFolder) throws {
    try write(try jsonLine(self, keys: .useDefaultKeys), to: run.summary)
    try run.plots.create()
    for plot in plots { try write(plot.svg, to: run.plots.file("\(plot.name).svg")) }
    if let reconstructions {
      try AtomicFile(path: run.plots.file("reconstructions.png"), system: .unsynchronized).write(Array(reconstructions))
    }
    try write(html, to: run.report)
  }

  private func write(_ text: String, to path: String) throws {
    try AtomicFile(path: path, system: .unsynchronized).write(Array(text.utf8))
  }
}

import Chainrule
import Foundation

/// A run in the list of runs.
struct RunEntry: Encodable {
  /// Its folder.
  let run: String
  /// The measure by which models are compared; nil where the run has no report.
  let score: Double?
  /// How much it varies between the folds of a cross-validation; nil where there was none.
  let deviation: Double?
  /// What the score is and of which data, such as `accuracy, test`; where there is none, why.
  let measure: String
  /// Nil in a run of steps, whose number is then that of its steps.
  let epochs: Int?
  let steps: Int?
  let seconds: Double?
  /// What was typed.
  let command: String?
  /// What the data are called.
  private let data: String
  private let isBetterGreater: Bool

  private enum CodingKeys: CodingKey { case run, score, deviation, measure, epochs, steps, seconds, command }

  /// A run whose report was written.
  init(_ path: String, _ report: RunReport) {
    let leading = report.scores?.leading
    // The model learns from all rows then, so that its own score says nothing of other rows.
    let folds = report.folds?.named.first { $0.name == leading?.name }
    run = path
    (score, deviation) = (folds?.spread.mean ?? leading?.value, folds?.spread.deviation)
    let part = folds.map { "\($0.spread.values.count) folds" } ?? report.part
    measure = leading.map { "\($0.name), \(part)" } ?? "no scores"
    isBetterGreater = leading?.isBetterGreater ?? true
    epochs = report.training.isOfSteps ? nil : report.training.epochs.count
    steps = report.training.isOfSteps ? report.training.stepCount : nil
    seconds = report.training.seconds
    command = report.command
    data = report.title
  }

  /// A run that has not ended, or was to make no report.
  private init(_ folder: RunFolder, _ reason: String) {
    run = folder.folder.path
    (score, deviation, steps, seconds, command, isBetterGreater) = (nil, nil, nil, nil, nil, true)
    measure = reason
    let lines = FileManager.default.contents(atPath: folder.metrics).map { String(decoding: $0, as: UTF8.self) } ?? ""
    epochs = lines.split(separator: "\n").count
    let name = run.split(separator: "/").last ?? ""
    data = name.lastIndex(of: "-").map { String(name[..<$0]) } ?? String(name)
  }

  /// Whether a folder is that of a run.
  static func isRun(_ path: String) -> Bool {
    let folder = RunFolder(Folder(path: path))
    return [folder.metrics, folder.summary].contains { FileManager.default.fileExists(atPath: $0) }
  }

  /// The runs in a folder, those on the same data together, the best ones first.
  static func all(in folder: String) -> [RunEntry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let entries = names.map { Folder(path: folder).file($0) }.filter(isRun).map { path in
      let run = RunFolder(Folder(path: path))
      guard FileManager.default.fileExists(atPath: run.summary) else {
        let isDone = FileManager.default.fileExists(atPath: run.model)
        return RunEntry(run, isDone ? "no report" : "not finished: --resume")
      }
      guard let report = try? RunReport(of: run) else { return RunEntry(run, "the report cannot be read") }
      return RunEntry(path, report)
    }
    return entries.sorted { $0.precedes($1) }
  }

  private func precedes(_ other: RunEntry) -> Bool {
    if (data, measure) != (other.data, other.measure) { return (data, measure) < (other.data, other.measure) }
    guard let score, let otherScore = other.score, score != otherScore else {
      return run.compare(other.run, options: .numeric) == .orderedAscending
    }
    return (score > otherScore) == isBetterGreater
  }

  /// The columns of the list.
  var cells: [String] {
    let isShare = measure.split(separator: ",").first?.hasSuffix("accuracy") ?? false
    let numbers = [score, deviation].compactMap { $0 }.map { isShare ? percent($0) : loss($0) }
    return [
      run, numbers.joined(separator: " ± "), measure, length(epochs: epochs, steps: steps),
      seconds.map(duration) ?? "", command ?? "",
    ]
  }
}

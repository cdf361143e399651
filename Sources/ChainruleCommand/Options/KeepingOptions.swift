import ArgumentParser
import Chainrule
import Foundation

/// What is kept of a run, and how one that was interrupted goes on.
struct KeepingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder for the run: its models, measurements, checkpoint and report. (default: the next runs/NAME-NUMBER)",
      valueName: "folder"))
  var runFolder: String?

  @Flag(help: "Keep nothing but the model.")
  var noRunFolder = false

  @Flag(help: "Continue the run in --run-folder, or the latest of this name; give the same options as it began with.")
  var resume = false

  @Option(
    help: ArgumentHelp("Write a checkpoint after every so many steps too.", valueName: "count"), transform: Parse.count)
  var checkpointSteps: Int?

  @Option(
    help: ArgumentHelp(
      "Write a checkpoint after every so many minutes. (default: \(Int(Self.usualMinutes)))", valueName: "minutes"),
    transform: Parse.positive)
  var checkpointMinutes: Double?

  @Flag(help: "Make no report.html of the run.")
  var noReport = false

  private static let usualMinutes = 5.0

  func validate() throws {
    guard noRunFolder else { return }
    try refuse([
      "--resume": resume, "--run-folder": runFolder != nil, "--checkpoint-steps": checkpointSteps != nil,
      "--checkpoint-minutes": checkpointMinutes != nil,
    ], "has no place to go with --no-run-folder.")
  }

  private static let runs = Folder(path: "runs")

  /// The folder of the run, made where it is not there; nil where none is wanted.
  /// - Parameter name: of the data.
  /// - Throws: `FileWriteError`, and as `path(_:)`.
  func folder(_ name: String) throws -> RunFolder? {
    if noRunFolder { return nil }
    return try path(name).map { try RunFolder(path: $0) } ?? RunFolder.next(named: name, in: Self.runs)
  }

  /// Where the run is or is to be; nil for a new folder with a number.
  /// - Throws: `UsageError` when there is no run to continue, or one that would be overwritten.
  func path(_ name: String) throws -> String? {
    guard resume else {
      guard let runFolder, Self.isWritten(runFolder) else { return runFolder }
      throw UsageError(
        "There is a run in '\(runFolder)' already; continue it with --resume, or name another --run-folder.")
    }
    guard let path = runFolder ?? RunFolder.latest(named: name, in: Self.runs) else {
      throw UsageError("There is no run of \(name) in the folder 'runs' to continue; name one with --run-folder.")
    }
    // A run that was killed at once has an empty folder.
    let names = try? FileManager.default.contentsOfDirectory(atPath: path)
    guard let names, names.isEmpty || RunEntry.isRun(path) else {
      throw UsageError("There is no run in '\(path)' to continue; \(Self.known(beside: path)).")
    }
    let run = RunFolder(Folder(path: path))
    guard FileManager.default.fileExists(atPath: run.checkpoint) || !FileManager.default.fileExists(atPath: run.model)
    else { throw UsageError("The run in '\(path)' has no checkpoint to continue from; name another --run-folder.") }
    return path
  }

  /// Whether there is a run that has written down anything.
  private static func isWritten(_ path: String) -> Bool {
    let run = RunFolder(Folder(path: path))
    return [run.metrics, run.checkpoint, run.summary].contains { file in
      let size = (try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? Int
      return size ?? 0 > 0
    }
  }

  /// Which runs there are in the folder that another was looked for in.
  private static func known(beside path: String) -> String {
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().relativePath
    let runs = RunEntry.all(in: parent).map(\.run)
    guard !runs.isEmpty else { return "there are none in '\(parent)'" }
    return "those in '\(parent)' are " + runs.prefix(8).joined(separator: ", ") + (runs.count > 8 ? ", …" : "")
  }

  /// How the run writes checkpoints into a folder.
  func policy(_ folder: RunFolder) -> CheckpointPolicy {
    CheckpointPolicy(
      path: folder.checkpoint, checkpointSteps: checkpointSteps,
      checkpointMinutes: checkpointMinutes ?? Self.usualMinutes,
      shouldStop: { Signals.shared.received != nil })
  }
}

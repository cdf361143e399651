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

  /// The folder of the run, made where it is not there; nil where none is wanted.
  /// - Parameter name: of the data.
  /// - Throws: `FileWriteError`, or `UsageError` when there is no run to continue.
  func folder(_ name: String) throws -> RunFolder? {
    if noRunFolder { return nil }
    if let runFolder { return try RunFolder(path: runFolder) }
    let runs = Folder(path: "runs")
    guard resume else { return try RunFolder.next(named: name, in: runs) }
    guard let latest = RunFolder.latest(named: name, in: runs) else {
      throw UsageError("There is no run of \(name) in the folder 'runs' to continue; name one with --run-folder.")
    }
    return try RunFolder(path: latest)
  }

  /// How the run writes checkpoints into a folder.
  func policy(_ folder: RunFolder) -> CheckpointPolicy {
    CheckpointPolicy(
      path: folder.checkpoint, checkpointSteps: checkpointSteps,
      checkpointMinutes: checkpointMinutes ?? Self.usualMinutes,
      shouldStop: { Signals.shared.received != nil })
  }
}

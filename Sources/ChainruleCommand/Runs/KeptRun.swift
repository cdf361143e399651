import ArgumentParser
import Chainrule
import Foundation

/// A run whose course is kept in a folder, and perhaps continues one that is there.
struct KeptRun {
  let folder: RunFolder
  /// What the run continues; nil where it begins.
  let checkpoint: Checkpoint?
  private let recorder: RunRecorder
  private let options: KeepingOptions

  /// - Returns: nil where nothing is to be kept.
  /// - Throws: `FileWriteError` when the folder cannot be made or written to, `UsageError` when there is no run to
  ///   continue, and what reading its checkpoint throws.
  init?(_ options: KeepingOptions, name: String, _ lossView: LossView) throws {
    guard let folder = try options.folder(name) else { return nil }
    self.folder = folder
    self.options = options
    AtomicFile.removeTemporaries(in: folder.folder.path)
    let isContinued = options.resume && FileManager.default.fileExists(atPath: folder.checkpoint)
    checkpoint = isContinued ? try Checkpoint(contentsOf: folder.checkpoint) : nil
    if options.resume, checkpoint == nil {
      Output.writeDiagnostic("The run in '\(folder.folder.path)' had saved nothing yet; it begins anew.\n")
    }
    recorder = try RunRecorder(
      folder, lossView, epochs: checkpoint?.epochs ?? [], statistics: checkpoint?.statistics ?? [])
    Signals.shared.watch()
  }

  var policy: CheckpointPolicy { options.policy(folder) }

  var makesReport: Bool { !options.noReport }

  func record(_ progress: TrainingProgress) throws {
    if let epoch = progress.endedEpoch { try recorder.record(epoch, progress.statistics) }
  }

  /// Saves what came of the run.
  /// - Parameter model: with the weights that were kept.
  /// - Throws: `Interruption` where the run was asked to end, and errors of writing.
  func finish(_ report: TrainingReport, _ trainer: Trainer, _ model: Model) throws {
    if report.stopReason == .interrupted {
      throw Interruption(
        signal: Signals.shared.received ?? SIGTERM, stepCount: report.stepCount, folder: folder.folder.path)
    }
    try trainer.model(.best).save(to: folder.best, system: .unsynchronized)
    try trainer.model(.last).save(to: folder.last, system: .unsynchronized)
    try model.save(to: folder.model)
  }
}

/// What was typed to start the program, as it can be typed again.
var typedCommand: String { ([programName] + CommandLine.arguments.dropFirst().map(quoted)).joined(separator: " ") }

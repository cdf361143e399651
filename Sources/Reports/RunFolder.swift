import Foundation
import Interchange
import Training

/// The folder of one run: its models, checkpoint, measurements and report.
public struct RunFolder: Hashable, Sendable {
  /// Where it is.
  public let folder: Folder

  /// What continues the run.
  public var checkpoint: String { folder.file("checkpoint.safetensors") }
  /// The model whose weights were kept.
  public var model: String { folder.file("model.safetensors") }
  /// The model as it was after the best epoch.
  public var best: String { folder.file("best.safetensors") }
  /// The model as it was after the last epoch.
  public var last: String { folder.file("last.safetensors") }
  /// One JSON object a line for each epoch.
  public var metrics: String { folder.file("metrics.jsonl") }
  /// What TensorBoard shows.
  public var events: String { folder.file("events.out.tfevents.0.chainrule") }
  /// What the report is made of, as JSON.
  public var summary: String { folder.file("report.json") }
  /// The report, one page.
  public var report: String { folder.file("report.html") }
  /// The folder of the report's plots.
  public var plots: Folder { Folder(path: folder.file("plots")) }

  /// The folder of that path, made where it is not there.
  /// - Throws: `FileWriteError`.
  public init(path: String) throws {
    folder = Folder(path: path)
    try folder.create()
  }

  /// What is in a folder, which is neither made nor looked at.
  public init(_ folder: Folder) { self.folder = folder }

  /// A new folder `NAME-NUMBER`, with the number that follows the greatest there.
  /// - Throws: `FileWriteError`.
  public static func next(named name: String, in runs: Folder) throws -> RunFolder {
    try runs.create()
    let first = (numbers(named: name, in: runs).max() ?? 0) + 1
    // Another process may take a number at the same time.
    for number in first..<(first + 1000) {
      let folder = Folder(path: runs.file("\(name)-\(number)"))
      if try folder.createNew() { return RunFolder(folder) }
    }
    throw FileWriteError(path: runs.file("\(name)-\(first)"), action: "make", code: EEXIST, thing: "folder")
  }

  /// The path of the folder `NAME-NUMBER` with the greatest number; nil when there is none.
  public static func latest(named name: String, in runs: Folder) -> String? {
    numbers(named: name, in: runs).max().map { runs.file("\(name)-\($0)") }
  }

  private static func numbers(named name: String, in runs: Folder) -> [Int] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    return entries.compactMap { entry in
      guard entry.hasPrefix("\(name)-"), let number = Int(entry.dropFirst(name.count + 1)), number > 0,
        number < 1_000_000_000
      else { return nil }
      return number
    }
  }
}

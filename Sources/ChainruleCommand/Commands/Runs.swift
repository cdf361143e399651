import ArgumentParser
import Chainrule
import Foundation

/// `chainrule runs`.
struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists what was trained, in run folders and in sweeps, the best first; or compares some runs.",
    discussion: """
      Named runs are set side by side: their scores, and the settings in which they differ.

        chainrule runs digits-1 digits-2
      """)

  @Argument(help: ArgumentHelp("Runs to compare, by their folders or the names of these.", valueName: "run"))
  var names: [String] = []

  @Option(help: ArgumentHelp("The folder that run folders are in.", valueName: "folder"))
  var folder = "runs"

  @Option(help: ArgumentHelp("The SQLite file of a sweep.", valueName: "file"))
  var database = SweepStore.standardPath

  @Flag(help: "Print one JSON object a line and nothing else: one for each run and each trial.")
  var json = false

  func run() throws {
    if !names.isEmpty { return try compare() }
    let runs = RunEntry.all(in: folder)
    let trials = try FileManager.default.fileExists(atPath: database) ? SweepStore(path: database).trials() : []
    let sorted = trials.sorted { a, b in
      if a.data != b.data { return a.data < b.data }
      if (a.score == nil) != (b.score == nil) { return b.score == nil }
      return a.measure == b.measure ? a.isBetter(than: b) : a.measure < b.measure
    }
    if json {
      for run in runs { try Output.writeLine(run) }
      for trial in sorted { try Output.writeLine(trial) }
      return
    }
    guard !runs.isEmpty || !trials.isEmpty else {
      return Output.writeLine("Nothing was trained here yet; begin with '\(programName) train digits'.")
    }
    if !runs.isEmpty {
      let titles = ["run", "score", "measure", "length", "time", "command"]
      Output.write(aligned([titles] + runs.map(\.cells), rightAligned: [1, 3, 4]))
    }
    if !trials.isEmpty {
      if !runs.isEmpty { Output.writeLine() }
      let titles = ["sweep of", "score", "measure", "loss", "length", "time", "settings"]
      Output.write(aligned([titles] + sorted.map(\.cells), rightAligned: [1, 3, 4, 5]))
    }
  }

  private func compare() throws {
    let runs = try names.map { name in
      let paths = [name, Folder(path: folder).file(name)]
      guard let path = paths.first(where: { RunEntry.isRun($0) }) else {
        throw UsageError("There is no run '\(name)', neither here nor in the folder '\(folder)'.")
      }
      return (path: path, report: try RunReport(of: RunFolder(path: path)))
    }
    if json {
      for run in runs { try Output.writeLine(RunEntry(run.path, run.report)) }
      return
    }
    var rows = [[""] + names]
    func add(_ title: String, _ value: (RunReport) -> String?) {
      let values = runs.map { value($0.report) }
      if values.contains(where: { $0 != nil }) { rows.append([title] + values.map { $0 ?? "-" }) }
    }
    for name in unique(runs.flatMap { $0.report.scores?.named.map(\.name) ?? [] }) {
      add(name) { report in report.scores?.named.first { $0.name == name }.map { loss($0.value) } }
    }
    add("scores of") { "\($0.part) data" }
    add("folds") { $0.folds.map { "\($0.text) in \($0.count)" } }
    add("length") { $0.training.length }
    add("time") { duration($0.training.seconds) }
    for name in unique(runs.flatMap { leaves($0.report).map(\.name) }) {
      let values = runs.map { run in leaves(run.report).first { $0.name == name }?.value }
      if Set(values).count > 1 { rows.append([name] + values.map { $0 ?? "-" }) }
    }
    Output.write(aligned(rows, rightAligned: []))
  }

  /// The settings of a run, each number and word by itself.
  private func leaves(_ report: RunReport) -> [RunReport.Fact] {
    report.settings.filter { $0.name != "date" }.flatMap { fact -> [RunReport.Fact] in
      guard let object = try? JSONSerialization.jsonObject(with: Data(fact.value.utf8)) else { return [fact] }
      return leaves(object, fact.name)
    }
  }

  private func leaves(_ value: Any, _ name: String) -> [RunReport.Fact] {
    switch value {
    case let object as [String: Any]:
      object.sorted { $0.key < $1.key }.flatMap { leaves($0.value, "\(name) \($0.key)") }
    case let list as [Any]: list.enumerated().flatMap { leaves($0.element, "\(name) \($0.offset + 1)") }
    default: [RunReport.Fact(name, "\(value)")]
    }
  }

  private func unique(_ names: [String]) -> [String] {
    var known: Set<String> = []
    return names.filter { known.insert($0).inserted }
  }
}

extension SweepStore.Trial {
  fileprivate var cells: [String] {
    [
      data, scoreText, measure, loss.map { ChainruleCommand.loss($0) } ?? "", length(epochs: epochs, steps: steps),
      duration(seconds),
      settings + (error.map { ": \($0)" } ?? ""),
    ]
  }
}

import ArgumentParser
import Chainrule
import Foundation

/// `chainrule report RUN`.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the report of a run: its plots and scores here, or the page in the browser.")

  @Argument(help: ArgumentHelp("The folder of a run, such as runs/digits-1.", valueName: "run"))
  var path: String

  @Flag(help: "Open the page in the browser.")
  var open = false

  @Flag(help: "Print what the report is made of as one JSON object and nothing else.")
  var json = false

  func run() throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw UsageError("There is no folder '\(path)'; give that of a run, such as runs/digits-1.")
    }
    let folder = try RunFolder(path: path)
    let report = try RunReport(of: folder)
    if json { try Output.writeLine(report) } else { show(report, in: folder) }
    if open { try openPage(folder.report) }
  }

  private func show(_ report: RunReport, in folder: RunFolder) {
    let terminal = Terminal.current
    for plot in report.plots { Output.writeLine(plot.text) }
    if let folds = report.folds {
      Output.writeLine("\(terminal.bold("\(folds.count) folds".leading(18)))  \(folds.text)")
    }
    for score in report.scores?.named ?? [] {
      Output.writeLine("\(terminal.bold(score.name.leading(18)))  \(loss(score.value))")
    }
    for finding in report.findings {
      Output.writeLine("\n\(terminal.red(finding.title)): \(finding.evidence); \(finding.advice)")
    }
    Output.writeLine("\nThe whole report: \(folder.report)")
  }

  private func openPage(_ path: String) throws {
    #if os(macOS)
      let opener = "/usr/bin/open"
    #else
      let opener = "/usr/bin/xdg-open"
    #endif
    guard FileManager.default.isExecutableFile(atPath: opener) else {
      throw UsageError("There is no \(opener) here to open a browser with; open \(path) yourself.")
    }
    try Process.run(URL(fileURLWithPath: opener), arguments: [path]).waitUntilExit()
  }
}

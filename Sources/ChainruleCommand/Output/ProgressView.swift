import Chainrule
import Foundation

/// Shows how a run goes: a line for each epoch, and on a terminal a bar below them that is redrawn.
final class ProgressView {
  private let terminal = Terminal.current
  /// What the held-back examples are called, nil when there are none.
  private let heldBack: String?
  private let hasAccuracy: Bool
  private let lossView: LossView
  /// Whether lines and the bar are named by steps, of a run without epochs.
  private let countsSteps: Bool
  private var last: EpochReport?
  private var lastShown = 0

  init(heldBack: String?, hasAccuracy: Bool, lossView: LossView, countsSteps: Bool) {
    self.heldBack = heldBack
    self.hasAccuracy = hasAccuracy
    self.lossView = lossView
    self.countsSteps = countsSteps
  }

  func begin() {
    let titles = columns.map { $0.title.padded(to: $0.width) }
    Output.writeLine(terminal.dim(titles.joined(separator: "  ")))
  }

  func update(_ progress: TrainingProgress) {
    var text = ""
    if let report = progress.endedEpoch {
      last = report
      if isShown(progress) { text = row(report) + "\n" }
    }
    guard terminal.isInteractive else { return Output.write(text) }
    // Cleared and drawn in one piece, so that it does not flicker.
    Output.write("\r\u{1B}[K" + text + bar(progress))
  }

  /// Removes the bar; the last epoch always has its line.
  func end() {
    if terminal.isInteractive { Output.write("\r\u{1B}[K") }
    if let last, last.epoch != lastShown { Output.writeLine(row(last)) }
  }

  /// Whether an epoch gets a line: on a terminal, of many epochs only some, so that earlier ones stay in sight.
  private func isShown(_ progress: TrainingProgress) -> Bool {
    let interval = terminal.isInteractive ? max(1, (progress.epochs - 1) / 25 + 1) : 1
    guard progress.epoch == 1 || progress.epoch.isMultiple(of: interval) else { return false }
    lastShown = progress.endedEpoch?.epoch ?? lastShown
    return true
  }

  private struct Column {
    let title: String
    let width: Int
    let text: (EpochReport) -> String

    init(_ title: String, _ width: Int, _ text: @escaping (EpochReport) -> String) {
      self.title = title
      self.width = max(title.count, width)
      self.text = text
    }
  }

  private var columns: [Column] {
    func share(_ accuracy: Double?) -> String { accuracy.map(percent) ?? "" }
    let view = lossView
    let time = countsSteps ? Column("step", 6) { "\($0.step)" } : Column("epoch", 5) { "\($0.epoch)" }
    var columns = [time, Column(view.title, 8) { view.text($0.loss) }]
    if hasAccuracy { columns.append(Column("accuracy", 8) { share($0.accuracy) }) }
    if let heldBack {
      columns.append(Column("\(heldBack) \(view.title)", 8) { $0.validationLoss.map(view.text) ?? "" })
      if hasAccuracy { columns.append(Column("\(heldBack) accuracy", 8) { share($0.validationAccuracy) }) }
    }
    columns.append(Column("time", 8) { duration($0.seconds) })
    return columns
  }

  private func row(_ report: EpochReport) -> String {
    columns.map { $0.text(report).padded(to: $0.width) }.joined(separator: "  ")
  }

  /// `epoch 3/20 ━━━━━━━━╸───────────  41 %  loss 0.0812  accuracy 97.8 %  12.3 s left`; what does not fit is left out.
  private func bar(_ progress: TrainingProgress) -> String {
    let share = Double(progress.stepCount) / Double(max(1, progress.totalStepCount))
    let head = progress.place(countsSteps: countsSteps) + " "
    var parts = ["\(Int(share * 100))".padded(to: 3) + " %", "\(lossView.title) \(lossView.text(progress.loss))"]
    if let accuracy = last?.validationAccuracy ?? last?.accuracy { parts.append("accuracy \(percent(accuracy))") }
    if progress.seconds > 0 {
      parts.append("\(grouped(Int(min(Double(progress.stepCount) / progress.seconds, 1e12)))) steps/s")
    }
    if share > 0 { parts.append("\(duration(progress.seconds / share * (1 - share))) left") }
    // The last column stays empty: some terminals go to the next line after it.
    let room = terminal.width - 1 - head.count
    while parts.count > 1, room < 12 + parts.reduce(0, { $0 + $1.count + 2 }) { parts.removeLast() }
    let tail = parts.map { "  " + $0 }.joined()
    let width = min(30, room - tail.count)
    guard width > 0 else { return String(head.prefix(max(0, terminal.width - 1))) }
    let filled = Int(share * Double(width))
    let line = String(repeating: "━", count: filled)
    return head + terminal.green(line) + terminal.dim(String(repeating: "─", count: width - filled)) + tail
  }
}

extension TrainingProgress {
  /// `epoch  3/20`, or `step  40/200` of a run without epochs.
  func place(countsSteps: Bool) -> String {
    let (word, done, all) = countsSteps ? ("step", stepCount, totalStepCount) : ("epoch", epoch, epochs)
    return "\(word) \("\(done)".padded(to: "\(all)".count))/\(all)"
  }
}

import Chainrule
import Foundation

/// What came of a run, for people and for programs.
struct TrainingSummary {
  let report: TrainingReport
  let test: Evaluation?
  let model: String
  let seconds: Double
  let heldBack: String?
  /// The folder of the run; nil where nothing was kept.
  let folder: String?
  let findings: [Finding]
  /// What is to be minded of a table.
  let warnings: [TableInspection.Warning]
  /// On the test data, by the measures that suit what is predicted.
  let scores: Scores?
  let folds: FoldScores?
  let lossView: LossView

  init(
    _ report: TrainingReport, test: Evaluation?, model: String, seconds: Double, heldBack: String?,
    folder: String?, findings: [Finding], warnings: [TableInspection.Warning], scores: Scores?,
    folds: FoldScores?, lossView: LossView
  ) {
    self.report = report
    self.test = test
    self.model = model
    self.seconds = seconds
    self.heldBack = heldBack
    self.folder = folder
    self.findings = findings
    self.warnings = warnings
    self.scores = scores
    self.folds = folds
    self.lossView = lossView
  }

  /// The last line of `--json`.
  struct JSON: Encodable {
    /// Of the training examples in the epoch whose weights are kept.
    let loss: Double?
    let accuracy: Double?
    let validationLoss: Double?
    let validationAccuracy: Double?
    let testLoss: Double?
    let testAccuracy: Double?
    /// Nil in a run of steps.
    let epochs: Int?
    let keptEpoch: Int?
    let steps: Int
    let stopReason: StopReason
    let seconds: Double
    /// The share of the steps' time in which they waited for their examples.
    let dataShare: Double
    let model: String
    let runFolder: String?
    let findings: [Finding]
    /// What is to be minded of a table; empty for other data.
    let warnings: [TableInspection.Warning]
    let testScores: ScoresLine?
    /// `standardised` where losses are of numbers that were; nil for all other losses.
    let lossUnits: String?
    /// Of a cross-validation: mean and spread.
    let folds: FoldScores?
  }

  var json: JSON {
    let kept = report.kept
    let hasValidation = heldBack == "validation"
    return JSON(
      loss: kept?.loss, accuracy: kept?.accuracy,
      validationLoss: hasValidation ? kept?.validationLoss : nil,
      validationAccuracy: hasValidation ? kept?.validationAccuracy : nil,
      testLoss: test?.loss, testAccuracy: test?.accuracy, epochs: report.isOfSteps ? nil : report.epochs.count,
      keptEpoch: report.isOfSteps ? nil : report.keptEpoch, steps: report.stepCount, stopReason: report.stopReason,
      seconds: seconds, dataShare: report.dataShare, model: model,
      runFolder: folder, findings: findings, warnings: warnings, testScores: scores.map(ScoresLine.init),
      lossUnits: lossView.isStandardised ? LossView.standardised : nil, folds: folds)
  }

  var text: String {
    let terminal = Terminal.current
    var lines: [String] = []
    func add(_ title: String, _ text: String) { lines.append("\(terminal.bold(title.leading(14)))  \(text)") }
    if let test, let accuracy = test.accuracy, let correct = test.correct {
      add("Test accuracy", "\(terminal.green(percent(accuracy))) (\(grouped(correct)) of \(grouped(test.count)) right)")
    } else if let test, scores?.lines.isEmpty ?? true {
      add("Test \(lossView.title)", lossView.text(test.loss))
    } else if test == nil, let kept = report.kept {
      func values(_ loss: Double, _ accuracy: Double?) -> String {
        "\(lossView.title) \(lossView.text(loss))\(accuracy.map { ", accuracy \(percent($0))" } ?? "")"
      }
      if let held = kept.validationLoss { add("Validation", values(held, kept.validationAccuracy)) }
      add("Training", values(kept.loss, kept.accuracy))
    }
    for (title, value) in scores?.lines ?? [] { add(title, value) }
    if let folds { add("\(folds.count) folds", folds.text) }
    add("Time", "\(duration(seconds)) for \(report.length)\(reason)")
    add("Model", model + size)
    if let folder { add("Run", folder) }
    for warning in warnings { add("Mind", "\(terminal.red(warning.kind.title)): \(warning.message)") }
    for finding in findings {
      add("Look at this", "\(terminal.red(finding.title)): \(finding.evidence); \(finding.advice)")
    }
    return "\n" + lines.map { $0 + "\n" }.joined()
  }

  private var keptPlace: String { report.kept.map(report.place) ?? "the first weights" }

  private var reason: String {
    switch report.stopReason {
    case .epochsDone: ""
    case .accuracyReached: ": the accuracy asked for is reached"
    case .noImprovement: ": the \(heldBack ?? "held-back") loss no longer falls; kept \(keptPlace)"
    case .lossIsFlat: ": the loss no longer falls"
    case .interrupted: ": it was asked to end"
    }
  }

  private var size: String {
    let attributes = try? FileManager.default.attributesOfItem(atPath: model)
    return (attributes?[.size] as? Int).map { " (\(byteCount($0)))" } ?? ""
  }
}

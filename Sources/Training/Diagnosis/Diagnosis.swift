import Datasets
import Foundation

/// Looks for what goes wrong in a training.
public enum Diagnosis {
  /// What the course of a run shows: its losses, and what was measured in the layers where that was asked for.
  /// - Parameter learningRate: of the optimizer, before its schedule.
  public static func findings(of report: TrainingReport, learningRate: Double) -> [Finding] {
    gradients(report.statistics) + units(report.statistics) + overfitting(report)
      + self.learningRate(report, learningRate)
  }

  /// Gradients are compared before any training where possible: later, layers that have learned have small ones.
  private static func gradients(_ history: [NetworkStatistics]) -> [Finding] {
    let norms = history.map { sqrt($0.parameters.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }) }
    // A network that has learned nothing may begin with hardly any gradient, so the usual one counts too.
    if let first = norms.first, let greatest = norms.max(),
      let usual = norms.sorted().prefix((norms.count + 1) / 2).last,
      greatest > 1e3 * max(first, usual, .leastNormalMagnitude)
    {
      return [
        Finding(
          .explodingGradients,
          evidence: "the gradient's norm, \(short(first)) at first and usually \(short(usual)), reached "
            + short(greatest),
          advice: "use --clip-norm 1 or a smaller --learning-rate")
      ]
    }
    guard let start = history.first, let first = start.weights.first, let last = start.weights.last,
      start.weights.count >= 3, first.gradientSize.isFinite, last.gradientSize > 0
    else { return [] }
    let ratio = first.gradientSize / last.gradientSize
    guard ratio < 1e-3 || ratio > 1e3 else { return [] }
    let sizes = start.weights.map { "\($0.path) \(short($0.gradientSize))" }.joined(separator: ", ")
    return [
      Finding(
        ratio < 1 ? .vanishingGradients : .explodingGradients,
        evidence: "the root mean square of each layer's gradient, first to last, after \(start.step) steps: \(sizes)",
        advice: ratio < 1
          ? "use --activation relu, --weight-initializer glorotUniform or heNormal, or fewer layers with --hidden"
          : "use --clip-norm 1, a smaller --learning-rate, or --weight-initializer glorotUniform")
    ]
  }

  private static func units(_ history: [NetworkStatistics]) -> [Finding] {
    guard let latest = history.last else { return [] }
    func list(
      _ layers: [NetworkStatistics.ActivationStatistics], _ share: (NetworkStatistics.ActivationStatistics) -> Double
    ) -> String {
      layers.map { "\(percent(share($0))) in \($0.path.isEmpty ? $0.function : $0.path)" }.joined(separator: ", ")
    }
    let bounded = latest.activations.filter { $0.function != "relu" && $0.saturated > 0.5 }
    let rectified = latest.activations.filter { $0.function == "relu" && $0.dead > 0.5 }
    var findings: [Finding] = []
    if !bounded.isEmpty {
      findings.append(
        Finding(
          .saturatedUnits,
          evidence: "values at the bounds of the activation function: \(list(bounded) { $0.saturated })",
          advice: "use --weight-initializer glorotUniform, a smaller --learning-rate, or features scaled to about -1 "
            + "to 1"))
    }
    if !rectified.isEmpty {
      findings.append(
        Finding(
          .deadUnits, evidence: "units that give 0 for every example: \(list(rectified) { $0.dead })",
          advice: "use a smaller --learning-rate, --weight-initializer heNormal, or another --activation"))
    }
    return findings
  }

  /// Weights that were taken back to the best epoch are not spoilt by what came after it.
  private static func overfitting(_ report: TrainingReport) -> [Finding] {
    let epochs = report.epochs
    guard report.keptEpoch != report.bestEpoch, epochs.count >= 3, let last = epochs.last,
      let loss = last.validationLoss,
      let best = epochs.min(by: { $0.validationLoss ?? .infinity < $1.validationLoss ?? .infinity }),
      let bestLoss = best.validationLoss, best.epoch < last.epoch, loss > 1.1 * bestLoss, last.loss < best.loss
    else { return [] }
    return [
      Finding(
        .overfitting,
        evidence: "the loss on held-back examples was lowest at \(report.place(of: best)), \(short(bestLoss)), and has "
          + "risen to \(short(loss)) by \(report.place(of: last)), while that on training examples fell from \(short(best.loss)) "
          + "to \(short(last.loss))",
        advice: "stop in time with --patience 5, use --dropout 0.2 or --gaussian-prior 1, fewer units with --hidden, "
          + "or more examples")
    ]
  }

  private static func learningRate(_ report: TrainingReport, _ rate: Double) -> [Finding] {
    let epochs = report.epochs
    guard epochs.count >= 4, let first = epochs.first, let last = epochs.last,
      let lowest = epochs.map(\.loss).min(), let highest = epochs.map(\.loss).max(), highest > 0
    else { return [] }
    let rises = zip(epochs, epochs.dropFirst()).count { $1.loss > $0.loss * 1.05 }
    let share = Double(rises) / Double(epochs.count - 1)
    if last.loss > first.loss || (share > 0.3 && last.loss > lowest * 1.2) {
      return [
        Finding(
          .learningRateTooLarge,
          evidence: "the training loss rose in \(rises) of \(epochs.count - 1) \(report.isOfSteps ? "evaluations" : "epochs"), and went from "
            + "\(short(first.loss)) over \(short(lowest)) to \(short(last.loss))",
          advice: "use a smaller --learning-rate, such as \(short(rate / 10)), or find one with find-learning-rate")
      ]
    }
    // A line rather than a curve that flattens: the last half of the epochs brought as much as the first half.
    let middle = epochs[epochs.count / 2].loss
    let fall = first.loss - last.loss
    guard rises == 0, fall > 0, fall < 0.2 * first.loss, middle - last.loss > 0.4 * fall,
      last.accuracy ?? 0 < 0.9
    else { return [] }
    return [
      Finding(
        .learningRateTooSmall,
        evidence: "the training loss fell steadily but only from \(short(first.loss)) to \(short(last.loss)) in "
          + (report.isOfSteps ? "\(report.stepCount) steps" : "\(epochs.count) epochs"),
        advice: "use a larger --learning-rate, such as \(short(rate * 10)), more --\(report.isOfSteps ? "steps" : "epochs"), or find one with "
          + "find-learning-rate")
    ]
  }
}

/// Three significant digits.
func short(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  let exponent = Int(floor(log10(abs(value))))
  let scale = pow(10, Double(2 - exponent))
  guard scale.isFinite, scale > 0 else { return "\(value)" }
  return "\((value * scale).rounded() / scale)"
}

func percent(_ share: Double) -> String {
  // A checkpoint that was changed may say anything.
  "\(Int(exactly: (share * 100).rounded()).map(String.init) ?? "\(share * 100)") %"
}

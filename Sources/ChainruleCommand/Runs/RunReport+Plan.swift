import Chainrule
import Foundation

extension RunReport {
  /// Judges what a plan has led to.
  init(_ plan: TrainingPlan, _ training: TrainingReport, _ trainer: Trainer, title: String) throws {
    try self.init(
      title: title, command: typedCommand, settings: try Self.settings(plan), training: training,
      trained: plan.training, model: trainer.model(),
      judged: plan.test.map { ($0, "test") } ?? plan.validation.map { ($0, "validation") },
      columns: plan.preprocessing?.featureColumns ?? [], learningRate: plan.optimizer.learningRate,
      threads: plan.options.threads)
  }

  private static func settings(_ plan: TrainingPlan) throws -> [Fact] {
    let options = plan.options
    let machine = ProcessInfo.processInfo
    return [
      Fact("network", try jsonText(plan.network)), Fact("loss", plan.loss.kind),
      Fact("optimizer", try jsonText(plan.optimizer)),
      Fact("options", try jsonText(options)), Fact("seed", "\(options.seed)"),
      Fact("threads", options.threads.map(String.init) ?? "all of \(machine.activeProcessorCount)"),
      Fact("version", "chainrule \(Model.libraryVersion)"), Fact("system", machine.operatingSystemVersionString),
      Fact("date", ISO8601DateFormatter().string(from: Date())),
    ]
  }
}

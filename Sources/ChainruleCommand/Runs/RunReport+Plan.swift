import Chainrule
import Foundation

extension RunReport {
  /// Judges what a plan has led to.
  /// - Parameters:
  ///   - measurement: of the model on `plan.judged`.
  ///   - folds: what came of a cross-validation before.
  init(
    _ plan: TrainingPlan, _ training: TrainingReport, _ model: Model, _ measurement: Model.Measurement,
    _ folds: FoldScores?, title: String
  ) throws {
    try self.init(
      title: title, command: typedCommand, settings: try Self.settings(plan), training: training,
      trained: plan.training, model: model,
      judged: (plan.judged.data, plan.judged.part, measurement),
      columns: plan.preprocessing?.featureColumns ?? [], about: plan.preprocessing.map(Self.columnFacts) ?? [],
      folds: folds, learningRate: plan.optimizer.learningRate, threads: plan.options.threads)
  }

  private static func settings(_ plan: TrainingPlan) throws -> [Fact] {
    let options = plan.options
    let machine = ProcessInfo.processInfo
    return [
      Fact("network", try jsonText(plan.network)), Fact("loss", plan.loss.kind),
      Fact("optimizer", try jsonText(plan.optimizer)),
      Fact("options", try jsonText(options)), Fact("seed", "\(options.seed)"),
      Fact("threads", options.threads.map(String.init) ?? "all of \(machine.activeProcessorCount)"),
      Fact("versions", "Chainrule \(Model.libraryVersion), Swift \(swiftVersion), \(CPUBackend.libraryVersion)"),
      Fact("system", machine.operatingSystemVersionString),
      Fact("date", ISO8601DateFormatter().string(from: Date())),
    ]
  }

  /// The version of the compiler, which tells its own to conditions alone.
  private static var swiftVersion: String {
    #if compiler(>=6.4)
    "6.4 or later"
    #elseif compiler(>=6.3)
    "6.3"
    #else
    "6.2"
    #endif
  }

  /// What a table's columns are learned from as, and which are left out, and why.
  private static func columnFacts(_ preprocessing: Preprocessing) -> [Fact] {
    func list(_ names: [String]) -> String {
      names.prefix(100).joined(separator: ", ") + (names.count > 100 ? " and \(names.count - 100) more" : "")
    }
    let kinds = ColumnKind.allCases.compactMap { kind -> Fact? in
      let names = preprocessing.columns.filter { $0.kind == kind }.map(\.name)
      return names.isEmpty ? nil : Fact("\(kind.rawValue) columns", list(names))
    }
    let leftOut = preprocessing.leftOut.map { "\($0.name) (\($0.reason))" }
    let filled = preprocessing.columns.filter { $0.marksMissing || $0.hasMissingCategory }.map(\.name)
    return [Fact("to predict", list(preprocessing.target.columns))] + kinds
      + [("left out", leftOut), ("with missing values", filled)].filter { !$0.1.isEmpty }.map { Fact($0.0, list($0.1)) }
  }
}

import ArgumentParser
import Chainrule
import Foundation

/// `chainrule train DATA`.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a network on data and saves the model.",
    discussion: """
      The defaults serve: 'chainrule train digits' gives a good model.

      All random choices follow from --seed: the same command writes the same file.
      """)

  @Argument(help: DataSource.help)
  var data: String

  @Option(
    help: ArgumentHelp(
      "Where to save the model. (default: the name of the data, in this folder)", valueName: "model.safetensors"))
  var out: String?

  @OptionGroup(title: "Network")
  var networkOptions: NetworkOptions

  @OptionGroup(title: "Learning")
  var optimizerOptions: OptimizerOptions

  @OptionGroup(title: "Run")
  var runOptions: RunOptions

  @OptionGroup(title: "Text")
  var textOptions: TextOptions

  @OptionGroup(title: "Tables")
  var tableOptions: TableOptionGroups

  @OptionGroup(title: "Keeping")
  var keepingOptions: KeepingOptions

  @Flag(help: "Print one JSON object a line and nothing else: one for each epoch, then one that sums up.")
  var json = false

  @Flag(help: "Print nothing but the summary.")
  var quiet = false

  func validate() throws { try optimizerOptions.validate(with: networkOptions.preset) }

  func run() throws {
    let start = Date()
    let source = try DataSource(data)
    let file = out ?? "\(source.name).safetensors"
    // A run is not to be lost because its model has nowhere to go.
    try AtomicFile(path: file).checkWritable()
    let prepared = try tableOptions.prepare(source, seed: runOptions.seed) { fold in
      try TrainingPlan(
        data: fold.splits, preprocessing: fold.preprocessing, network: networkOptions, learning: optimizerOptions,
        run: runOptions)
    }
    let plan = try TrainingPlan(
      data: prepared?.table.splits
        ?? source.load(textOptions, validationFraction: runOptions.validationFraction),
      preprocessing: prepared?.table.preprocessing,
      network: networkOptions, learning: optimizerOptions, run: runOptions)
    let trainer = try plan.trainer()
    let kept = try KeptRun(keepingOptions, name: source.name)
    let view = json || quiet ? nil : ProgressView(heldBack: plan.heldBackName, hasAccuracy: plan.hasAccuracy)
    if view != nil { Output.write(plan.introduction(source.name)) }
    view?.begin()
    let report = try fit(trainer, plan, kept, view)
    try kept?.finish(report, trainer)
    let test = try plan.test.map { try trainer.evaluate($0) }
    let scores = try plan.test.flatMap { try trainer.model().targetScores(on: $0) }
    try trainer.model().save(to: file)
    let findings = try kept.map { try write(RunReport(plan, report, trainer, title: source.name), to: $0) } ?? []
    let summary = TrainingSummary(
      report, test: test, model: file, seconds: Date().timeIntervalSince(start), heldBack: plan.heldBackName,
      folder: kept?.folder.folder.path, findings: findings, scores: scores, folds: prepared?.folds)
    if json {
      try Output.writeLine(summary.json)
    } else {
      Output.write(summary.text)
      if !quiet { Output.write(suggestions(model: file, plan: plan)) }
    }
  }

  private func write(_ report: RunReport, to kept: KeptRun) throws -> [Finding] {
    if kept.makesReport { try report.write(to: kept.folder) }
    return report.findings
  }

  private func fit(
    _ trainer: Trainer, _ plan: TrainingPlan, _ kept: KeptRun?, _ view: ProgressView?
  ) throws -> TrainingReport {
    // An error's message is not to stand in the line of the bar.
    defer { view?.end() }
    return try trainer.fit(
      plan.training, validation: plan.validation, checkpoints: kept?.policy, resuming: kept?.checkpoint,
      measuresLayers: kept?.makesReport ?? false
    ) { progress in
      view?.update(progress)
      try kept?.record(progress)
      if json, let epoch = progress.endedEpoch { try Output.writeLine(epoch) }
    }
  }

  /// What a user may want to do now, as commands that work as they are.
  private func suggestions(model: String, plan: TrainingPlan) -> String {
    let (name, model, data) = (programName, quoted(model), quoted(data))
    var lines = [
      ("See what it predicts:", "\(name) predict \(model) \(data) --limit 5"),
      ("See which classes it mixes up:", "\(name) evaluate \(model) \(data)"),
    ]
    if plan.preprocessing != nil { lines[1].0 = "See how good it is:" }
    if plan.options.augmentation == nil, plan.preset == nil, (2...3).contains(plan.training.featureShape.rank) {
      let better = "--shift 1 --schedule cosine --learning-rate 0.003 --epochs 60"
      lines.append(("Train longer, on images that are shifted a little:", "\(name) train \(data) \(better)"))
    } else {
      lines.append(("See what else can be chosen:", "\(name) train --help"))
    }
    return "\n" + Terminal.current.bold("What to try next") + "\n"
      + lines.map { "  \(Terminal.current.dim($0.0))\n    \($0.1)\n" }.joined()
  }
}

/// How this program can be called again: by its name, or by its path where it was called so.
let programName = CommandLine.arguments.first.map { $0.contains("/") ? quoted($0) : "chainrule" } ?? "chainrule"

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

  @Argument(
    help: "\(DataSource.help.abstract) Or a description of an experiment, in a file whose name ends in .yaml.")
  var data: String

  @Option(help: ArgumentHelp("Also write what was run, as such a description, here.", valueName: "experiment.yaml"))
  var saveExperiment: String?

  @Option(
    help: ArgumentHelp(
      "Where to save the model. (default: the name of the data, in this folder)", valueName: "model.safetensors"))
  var out: String?

  @OptionGroup
  var learning: LearningArguments

  @OptionGroup(title: "Keeping")
  var keepingOptions: KeepingOptions

  @OptionGroup(title: "Pictures")
  var pictureOptions: PictureOptions

  @Flag(help: "Print one JSON object a line and nothing else: one for each epoch, then one that sums up.")
  var json = false

  @Flag(help: "Print nothing but the summary.")
  var quiet = false

  func run() throws {
    let typed = Experiment(typed: Array(CommandLine.arguments.drop { $0 != "train" }.dropFirst()))
    let experiment = try typed.resolved()
    if let saveExperiment { try experiment.save(to: saveExperiment) }
    do {
      guard experiment.isDescribed else { return try train() }
      var described = try Train.parse(experiment.words)
      (described.json, described.quiet, described.keepingOptions.resume) = (json, quiet, keepingOptions.resume)
      try described.train()
    } catch {
      throw experiment.located(error)
    }
  }

  private func train() throws {
    let start = Date()
    let source = try learning.data.source(data)
    let file = out ?? "\(source.name).safetensors"
    // A run is not to be lost because its model has nowhere to go.
    try AtomicFile(path: file).checkWritable()
    try pictureOptions.checkWritable()
    _ = try keepingOptions.path(source.name)
    let prepared = try learning.prepare(source)
    let plan = prepared.plan
    let trainer = try plan.trainer()
    try trainer.prepare(for: plan.training)
    if plan.options.algorithm == .exhaustive, !json, !quiet {
      Output.writeLine("\(try trainer.searchEstimate(plan.training)).")
    }
    let kept = try KeptRun(keepingOptions, name: source.name, plan.lossView)
    let view = json || quiet ? nil : ProgressView(
      heldBack: plan.heldBackName, hasAccuracy: plan.hasAccuracy, lossView: plan.lossView,
      countsSteps: plan.options.steps != nil)
    if view != nil { Output.write(plan.introduction(source.name)) }
    view?.begin()
    let report = try fit(trainer, plan, kept, view)
    let model = try trainer.model()
    try model.save(to: file)
    try kept?.finish(report, trainer, model)
    // One pass over these examples is for the summary and the report.
    let isMeasured = plan.test != nil || kept != nil
    let measurement = isMeasured ? try model.measure(plan.judged.data, threads: plan.options.threads) : nil
    let test = plan.test == nil ? nil : measurement
    try pictureOptions.draw(model, plan.test ?? plan.training)
    var findings: [Finding] = []
    if let kept, let measurement {
      findings = try write(RunReport(plan, report, model, measurement, prepared.folds, title: source.name), to: kept)
    }
    let summary = TrainingSummary(
      report, test: test?.evaluation, model: file, seconds: Date().timeIntervalSince(start),
      heldBack: plan.heldBackName,
      folder: kept?.folder.folder.path, findings: findings, warnings: prepared.warnings, scores: test?.scores,
      folds: prepared.folds, lossView: plan.lossView)
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
      if json, let epoch = progress.endedEpoch {
        try Output.writeLine(LossView.EpochLine(epoch, plan.lossView))
      }
    }
  }

  /// What a user may want to do now, as commands that work as they are.
  private func suggestions(model: String, plan: TrainingPlan) -> String {
    let (name, model) = (programName, quoted(model))
    let table = ([data] + learning.data.tables.reading.wordsForModel).map(quoted).joined(separator: " ")
    let data = quoted(data)
    var lines: [(String, String)] = []
    if plan.training.tokenizer != nil {
      lines.append(("See what it writes:", "\(name) generate \(model) --length 300"))
    } else if !plan.training.hasSequenceTargets {
      lines.append(("See what it predicts:", "\(name) predict \(model) \(table) --limit 5"))
    }
    let hasConfusion = plan.preprocessing == nil && plan.training.classes != nil
    lines.append(
      (hasConfusion ? "See which classes it mixes up:" : "See how good it is:", "\(name) evaluate \(model) \(table)"))
    let isPlain = plan.options.augmentation == nil && plan.preset == nil && learning.network.source == nil
    if isPlain, !plan.training.predictsEachStep, (2...3).contains(plan.training.featureShape.rank) {
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

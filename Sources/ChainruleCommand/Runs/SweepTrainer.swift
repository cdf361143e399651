import Chainrule
import Foundation

/// Trains with the settings of a sweep. A class because it keeps the data, which are read again only where settings
/// change which examples there are.
final class SweepTrainer {
  private var latest: (words: [String], data: LoadedData)?

  /// Decides how to learn, and finds out whether that can be done.
  /// - Throws: errors of options, data and networks, with the line of the description that is at fault.
  func plan(_ experiment: Experiment) throws -> TrainingPlan {
    do {
      let train = try Train.parse(experiment.words)
      var learning = train.learning
      try learning.data.tables.learning.requireNoFolds()
      guard learning.run.validationFraction != 0 else {
        throw UsageError("--validation-fraction 0 leaves no examples to compare settings by.")
      }
      let source = try learning.data.source(train.data)
      let data = try load(experiment, source, learning)
      // The end of a text is held back already.
      if data.splits.training.tokenizer == nil, learning.run.validationFraction == nil {
        learning.run.validationFraction = TrainingPlan.comparisonFraction
      }
      let plan = try learning.plan(data)
      try plan.trainer().prepare(for: plan.training)
      return plan
    } catch {
      throw experiment.located(error)
    }
  }

  private func load(
    _ experiment: Experiment, _ source: DataSource, _ learning: LearningArguments
  ) throws -> LoadedData {
    let words = experiment.filtered(\.isOfData).words
    if let latest, latest.words == words { return latest.data }
    let data = try learning.load(source)
    latest = (words, data)
    return data
  }

  /// Trains, and judges what came of it by examples that were held back from the training data.
  /// - Returns: the trial; where numbers were no longer finite, one that failed.
  func train(
    _ plan: TrainingPlan, command: String, fingerprint: String, settings: String,
    onProgress: @escaping (TrainingProgress) throws -> Void
  ) throws -> SweepStore.Trial {
    let start = Date()
    var (epochs, steps) = (0, 0)
    let isOfSteps = plan.options.steps != nil
    func trial(_ result: Model.Measurement?, _ error: String?) -> SweepStore.Trial {
      let score = result?.scores.leading
      return SweepStore.Trial(
        command: command, fingerprint: fingerprint, data: latest?.data.name ?? "", settings: settings,
        measure: score?.name ?? "", score: score?.value, isBetterGreater: score?.isBetterGreater ?? true,
        loss: result?.evaluation.loss, epochs: isOfSteps ? 0 : epochs,
        steps: isOfSteps ? steps : nil, seconds: Date().timeIntervalSince(start), error: error)
    }
    let parts = try plan.parts()
    let trainer = try plan.trainer()
    do {
      try trainer.fit(parts.training, validation: parts.validation) { progress in
        if let ended = progress.endedEpoch { (epochs, steps) = (progress.epoch, ended.step) }
        try onProgress(progress)
      }
      let result = try trainer.model().measure(parts.validation, threads: plan.options.threads)
      guard result.scores.leading.value.isFinite else { return trial(nil, "the predictions are not finite") }
      return trial(result, nil)
    } catch let error as TrainingError where error.kind == .notFinite {
      return trial(nil, error.message)
    }
  }
}

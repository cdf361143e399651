import ArgumentParser
import Chainrule
import Foundation

/// `chainrule sweep DATA`.
struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains with many settings and shows which are best.",
    discussion: """
      Takes the options of 'chainrule train' (see 'chainrule help train'), or an experiment's description. What is \
      varied is named by --vary, any option of 'train':

        chainrule sweep digits --vary learning-rate=0.001,0.003,0.01 --vary hidden=32/64/64,32 --epochs 10
        chainrule sweep digits --method random --trials 30 --vary learning-rate=0.0001..0.1 --vary dropout=0..0.5

      Values are set apart by commas, or by strokes where a value has commas. Without --vary, the learning rate goes \
      through 0.001, 0.003, 0.01, 0.03 and 0.1. Settings are judged by examples held back from the training data, \
      never by test data. Results are kept in --database, so that the same command goes on where it was interrupted.
      """)

  /// How settings are chosen.
  enum Method: String, CaseIterable, ExpressibleByArgument {
    /// Every combination.
    case grid
    /// Some, by chance.
    case random
    /// All for a short time, the best third for three times as long, and so on. Source: Jamieson and Talwalkar,
    /// "Non-stochastic best arm identification and hyperparameter optimization" (2016).
    case halving
  }

  @Option(
    help: ArgumentHelp(
      "An option to vary, and its values or, for random and halving, a range; may be repeated.",
      valueName: "option=values"))
  var vary: [String] = []

  @Option(
    help: ArgumentHelp(
      "How settings are chosen: grid, all combinations; random, some of them; halving, the best third of all go on for "
        + "three times as long.", valueName: "method"))
  var method: Method = .grid

  @Option(
    help: ArgumentHelp(
      "How many settings to try, for random and halving. (default: all, or 20 from ranges)", valueName: "count"),
    transform: Parse.count)
  var trials: Int?

  @Option(help: ArgumentHelp("The SQLite file of the results.", valueName: "file"))
  var database = SweepStore.standardPath

  @Flag(help: "Print one JSON object a line and nothing else: one for each trial, then the best.")
  var json = false

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("What to train on, and options of 'chainrule train'.", valueName: "data and options"))
  var training: [String] = []

  func validate() throws {
    guard trials == nil || method != .grid else { throw UsageError("--trials is for --method random and halving.") }
  }

  /// Settings, and the experiment that they make.
  private struct Candidate {
    let settings: String
    let experiment: Experiment
  }

  func run() throws {
    let candidates = try candidates()
    let trainer = SweepTrainer()
    // What cannot be used is to be found out before hours of training, not after.
    let lengths = try candidates.map { try trainer.plan($0.experiment).length.count }
    let store = try SweepStore(path: database)
    if !json { try introduce(candidates, trainer) }
    var rest = candidates
    var results: [SweepStore.Trial] = []
    let shares = method == .halving ? Self.shares(candidates.count, lengths.min() ?? 1) : [1]
    for share in shares {
      results = try rest.map { candidate in
        var experiment = candidate.experiment
        if share > 1 {
          let length = try trainer.plan(experiment).length
          experiment.set(length.key, .whole(max(1, length.count / share)))
        }
        return try trial(experiment, candidate.settings, trainer, store)
      }
      let ranked = results.indices.sorted { results[$0].isBetter(than: results[$1]) }
      if share > 1 { rest = ranked.filter { results[$0].score != nil }.prefix((rest.count + 2) / 3).map { rest[$0] } }
    }
    try show(results.min { $0.isBetter(than: $1) })
  }

  private func candidates() throws -> [Candidate] {
    // The parser of 'train' knows what is wrong with its options, and what was meant.
    let parsed = try Train.parse(training)
    let typed = Experiment(typed: training)
    for key in typed.values.keys.sorted() where key != Experiment.dataKey {
      guard let option = TrainOption(named: key), option.isOfLearning else {
        throw UsageError(
          "--\(TrainOption(named: key)?.name ?? key) is for 'train'; a sweep keeps no models, but says how to make "
            + "them.")
      }
    }
    let base = try typed.resolved().filtered(\.isOfLearning)
    let space = try SweepSpace(vary.isEmpty ? [SweepSpace.ladder] : vary)
    let settings = method == .grid || (method == .halving && trials == nil && !space.hasRanges)
      ? try space.combinations() : try space.sample(trials, seed: parsed.learning.run.seed)
    return settings.map { setting in
      var experiment = base
      for (option, value) in setting.values { experiment.set(option.key, value) }
      return Candidate(settings: setting.text, experiment: experiment)
    }
  }

  /// By how much the trainings of each round of halving are shorter than a whole one: `[9, 3, 1]`.
  private static func shares(_ candidateCount: Int, _ length: Int) -> [Int] {
    var (shares, count) = ([1], candidateCount)
    while count > 3, length / (shares[0] * 3) >= 1 {
      shares.insert(shares[0] * 3, at: 0)
      count = (count + 2) / 3
    }
    return shares
  }

  /// What came of some settings, trained now unless it is known.
  private func trial(
    _ experiment: Experiment, _ settings: String, _ trainer: SweepTrainer, _ store: SweepStore
  ) throws -> SweepStore.Trial {
    let plan = try trainer.plan(experiment)
    let command = experiment.words.map(quoted).joined(separator: " ")
    let fingerprint = String(plan.training.fingerprint, radix: 16)
    let result: SweepStore.Trial
    if let known = try store.trial(command, fingerprint: fingerprint) {
      result = known
    } else {
      result = try trainer.train(plan, command: command, fingerprint: fingerprint, settings: settings) { progress in
        guard !json, Terminal.current.isInteractive else { return }
        let place = progress.place(countsSteps: plan.options.steps != nil)
        Output.write("\r\u{1B}[K\(Terminal.current.dim("\(place)  \(settings)"))")
      }
      try store.add(result)
    }
    if json {
      try Output.writeLine(result)
    } else {
      Output.write((Terminal.current.isInteractive ? "\r\u{1B}[K" : "") + result.row + "\n")
    }
    return result
  }

  private func introduce(_ candidates: [Candidate], _ trainer: SweepTrainer) throws {
    guard let first = candidates.first else { return }
    let held = try trainer.plan(first.experiment).parts().validation.count
    let data = first.experiment.values[Experiment.dataKey]?.word ?? ""
    Output.writeLine(
      "\(Terminal.current.bold(data)): \(counted(candidates.count, "setting")), compared by "
        + "\(counted(held, "example")) held back from the training data; results are kept in \(database)\n")
    Output.writeLine(Terminal.current.dim(SweepStore.Trial.titles))
  }

  private func show(_ best: SweepStore.Trial?) throws {
    guard let best, best.score != nil else {
      throw TrainingError(
        .notFinite, "no training succeeded", advice: "try smaller learning rates; 'chainrule runs' shows what happened")
    }
    if json { return try Output.writeLine(best) }
    Output.writeLine("\n\(Terminal.current.bold("Best"))  \(best.settings), \(best.measure) \(best.scoreText)")
    Output.writeLine("      \(programName) train \(best.command)")
  }
}

extension SweepStore.Trial {
  static let titles = "     score        loss      epochs        time  settings"

  /// The score as people read it.
  var scoreText: String {
    score.map { measure.hasSuffix("accuracy") ? percent($0) : ChainruleCommand.loss($0) } ?? "failed"
  }

  /// A line below `titles`.
  var row: String {
    let numbers = [
      scoreText.padded(to: 10), (loss.map(ChainruleCommand.loss) ?? "").padded(to: 10), grouped(epochs).padded(to: 10),
      duration(seconds).padded(to: 10),
    ]
    return numbers.joined(separator: "  ") + "  \(settings)\(error.map { ": \($0)" } ?? "")"
  }
}

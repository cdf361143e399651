/// Where a run stands, besides its variables.
struct RunState: Codable, Hashable, Sendable {
  /// The number of epochs that earlier runs of the same trainer have done.
  let epochsBefore: Int
  /// The number of steps that earlier runs of the same trainer have done.
  let stepsBefore: Int
  /// What came of the epochs of the run that are done.
  var reports: [EpochReport] = []
  /// The epoch that is under way.
  var epoch = EpochSums()
  /// The number of steps of the run that are done.
  var stepCount = 0
  /// What they cost, in forward passes over one example.
  var evaluationCount = 0
  /// What has been seen of a reason to end.
  var stopping = StoppingRules()
  /// What was seen in the layers, where that was asked for.
  var statistics: [NetworkStatistics] = []
  /// How long the run has taken, interruptions left out.
  var seconds = 0.0
  /// Why the run ended; nil as long as it goes on.
  var stopReason: StopReason?
}

extension RunState {
  /// Whether its numbers can be those of a run: what it counts is neither negative nor beyond counting, and sums are
  /// finite.
  var isPossible: Bool {
    let counts = [stepsBefore, stepCount, evaluationCount, epoch.steps] + reports.map(\.step)
    let sums = [seconds, epoch.counted, epoch.lossWeight, epoch.correct, epoch.seconds, epoch.dataSeconds]
    return (0...1 << 31).contains(epochsBefore) && counts.allSatisfy { (0...1 << 53).contains($0) }
      && sums.allSatisfy { $0.isFinite && $0 >= 0 } && epoch.loss.isFinite && epoch.learningRate.isFinite
      && reports.enumerated().allSatisfy { $1.epoch == epochsBefore + $0 + 1 && $1.isFinite }
      && stopping.isPossible(after: reports)
  }
}

extension EpochReport {
  fileprivate var isFinite: Bool {
    let numbers = [
      loss, accuracy, validationLoss, validationAccuracy, learningRate, seconds, stepsPerSecond, dataShare,
    ]
    return numbers.allSatisfy { $0?.isFinite ?? true }
  }
}

/// What the steps of an epoch add up to.
struct EpochSums: Codable, Hashable, Sendable {
  /// How many of the epoch's steps are done.
  var steps = 0
  /// How many targets they have learned from: one an example, or as many as its sequence has.
  var counted = 0.0
  /// The sum of the steps' losses, each times what it is a mean over.
  var loss = 0.0
  /// The sum of what they are means over.
  var lossWeight = 0.0
  /// How many were right; 0 where that means nothing.
  var correct = 0.0
  /// The learning rate of the latest step.
  var learningRate = 0.0
  /// How long the steps took.
  var seconds = 0.0
  /// How much of that they have waited for their batches.
  var dataSeconds = 0.0

  var meanLoss: Double { lossWeight > 0 ? loss / lossWeight : 0 }
}

/// Watches the epochs of a run for a reason to end it.
struct StoppingRules: Codable, Hashable, Sendable {
  private(set) var bestEpoch: Int?
  private var bestLoss: Double?
  private var lossToImprove: Double?
  private var epochsWithoutImprovement = 0
  private var lossToFallFrom: Double?
  private var flatEpochs = 0

  /// Whether it can have seen these epochs.
  func isPossible(after reports: [EpochReport]) -> Bool {
    let counts = 0...reports.count
    return counts.contains(epochsWithoutImprovement) && counts.contains(flatEpochs)
      && bestEpoch.map { best in reports.contains { $0.epoch == best } } ?? reports.isEmpty
  }

  mutating func judge(_ report: EpochReport, _ options: TrainingOptions) -> (isBest: Bool, stop: StopReason?) {
    let loss = report.validationLoss ?? report.loss
    let isBest = bestLoss.map { loss < $0 } ?? true
    if isBest { (bestLoss, bestEpoch) = (loss, report.epoch) }
    if let goal = options.stopAtAccuracy, let accuracy = report.validationAccuracy, accuracy >= goal {
      return (isBest, .accuracyReached)
    }
    if hasStoppedImproving(loss, options) { return (isBest, .noImprovement) }
    if isFlat(report.loss, options) { return (isBest, .lossIsFlat) }
    return (isBest, nil)
  }

  private mutating func hasStoppedImproving(_ loss: Double, _ options: TrainingOptions) -> Bool {
    guard let patience = options.patience else { return false }
    let isImproved = lossToImprove.map { loss < $0 - options.minimumImprovement } ?? true
    if isImproved { lossToImprove = loss }
    epochsWithoutImprovement = isImproved ? 0 : epochsWithoutImprovement + 1
    return epochsWithoutImprovement >= patience
  }

  private mutating func isFlat(_ loss: Double, _ options: TrainingOptions) -> Bool {
    guard let limit = options.flatEpochs else { return false }
    let isFalling = lossToFallFrom.map { loss < $0 - options.flatTolerance * abs($0) } ?? true
    if isFalling { lossToFallFrom = loss }
    flatEpochs = isFalling ? 0 : flatEpochs + 1
    return flatEpochs >= limit
  }
}

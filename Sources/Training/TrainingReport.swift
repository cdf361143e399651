/// What came of one epoch; in a run of `TrainingOptions.steps`, of the steps from one evaluation to the next.
public struct EpochReport: Hashable, Sendable, Codable {
  /// The number of the epoch, from 1, over all calls of `fit`.
  public let epoch: Int
  /// The number of steps that were done when it ended, over all calls of `fit`.
  public let step: Int
  /// The mean loss of the training examples, each at the step that learned from it.
  public let loss: Double
  /// The share of training examples whose class was right at the step that learned from it; nil for numbers.
  public let accuracy: Double?
  /// The loss and accuracy of the validation data with the weights at the end of the epoch; nil without such data.
  public let validationLoss: Double?
  /// The share of validation examples whose class was right, from 0 to 1; nil for numbers or without such data.
  public let validationAccuracy: Double?
  /// The learning rate of the last step.
  public let learningRate: Double
  /// How long the epoch took, evaluation included.
  public let seconds: Double
  /// How many steps were done per second of training, evaluation left out.
  public let stepsPerSecond: Double
  /// The share of the steps' time, from 0 to 1, in which they waited for their examples: until these were read, scaled
  /// and written where the network takes them.
  public let dataShare: Double
}

/// Why a run ended.
public enum StopReason: String, Hashable, Sendable, Codable, CaseIterable {
  /// All epochs, or steps, are done.
  case epochsDone
  /// The validation accuracy has reached `TrainingOptions.stopAtAccuracy`.
  case accuracyReached
  /// The validation loss no longer fell: `TrainingOptions.patience`.
  case noImprovement
  /// The training loss no longer fell: `TrainingOptions.flatEpochs`.
  case lossIsFlat
  /// It was asked to end: `CheckpointPolicy.shouldStop`. A checkpoint was written, from which it can be continued.
  case interrupted
}

/// What came of a run.
public struct TrainingReport: Hashable, Sendable, Codable {
  /// What came of each epoch of the run, in order.
  public let epochs: [EpochReport]
  /// Why no further epoch followed.
  public let stopReason: StopReason
  /// The number of the epoch with the lowest validation loss, or training loss where there are no validation data; nil
  /// without epochs.
  public let bestEpoch: Int?
  /// The number of the epoch whose weights the network has: the best one with early stopping, else the last.
  public let keptEpoch: Int?
  /// The number of steps.
  public let stepCount: Int
  /// What the steps cost, in forward passes over one example. A step of backpropagation counts as three for each
  /// example of its batch: one forward, and about twice as many operations backward.
  public let evaluationCount: Int
  /// In a run of `TrainingOptions.steps`, how many lie between two evaluations, which stand in the place of epochs; nil
  /// in a run of epochs.
  public let evaluationInterval: Int?
  /// Whether it was a run of `TrainingOptions.steps`, without epochs.
  public var isOfSteps: Bool { evaluationInterval != nil }

  /// Where an epoch of it ended: `epoch 3`, or `step 200`.
  public func place(of epoch: EpochReport) -> String { isOfSteps ? "step \(epoch.step)" : "epoch \(epoch.epoch)" }
  /// How long the run took, compilation included, interruptions left out.
  public let seconds: Double
  /// What was seen in the layers, before the first step and at the end of some epochs; empty unless it was asked for.
  public let statistics: [NetworkStatistics]

  /// The share of the steps' time, from 0 to 1, in which they waited for their examples.
  public var dataShare: Double {
    // Epochs have the same number of steps, so their times are to each other as those of a step.
    let seconds = epochs.map { $0.stepsPerSecond > 0 ? 1 / $0.stepsPerSecond : 0 }
    let waiting = zip(epochs, seconds).reduce(0) { $0 + $1.0.dataShare * $1.1 }
    return waiting / max(seconds.reduce(0, +), 1e-9)
  }

  /// The report of the epoch whose weights the network has; nil without epochs.
  public var kept: EpochReport? { epochs.first { $0.epoch == keptEpoch } }
}

/// Where a run stands: given about twenty times a second, and at the end of each epoch.
public struct TrainingProgress: Sendable {
  /// The number of the epoch within this run, from 1.
  public let epoch: Int
  /// The number of epochs of the run, if nothing ends it before.
  public let epochs: Int
  /// How many of the epoch's steps are done.
  public let step: Int
  /// The number of the epoch's steps.
  public let steps: Int
  /// How many of the run's steps are done.
  public let stepCount: Int
  /// The number of the run's steps, if nothing ends it before.
  public let totalStepCount: Int
  /// How long the run has taken, compilation included, interruptions left out.
  public let seconds: Double
  /// The mean loss of the epoch's training examples so far.
  public let loss: Double
  /// The share of them whose class was right; nil for numbers.
  public let accuracy: Double?
  /// What the run's steps have cost so far, in forward passes over one example; see `TrainingReport.evaluationCount`.
  public let evaluationCount: Int
  /// The learning rate of the latest step.
  public let learningRate: Double
  /// What came of the epoch, when it has ended; nil within it.
  public let endedEpoch: EpochReport?
  /// What was seen in the layers at the end of the epoch; nil within it, and where nothing was measured.
  public let statistics: NetworkStatistics?
}

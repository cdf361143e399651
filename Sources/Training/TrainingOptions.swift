import Optimizers

/// What can be chosen about a run besides the network, the loss and the optimizer.
///
/// Coded as an object of which every key may be left out; `batchSize` is a number or `"full"`.
public struct TrainingOptions: Hashable, Sendable {
  /// The batch size for which all examples are one batch: full-batch descent.
  public static let fullBatch = Int.max

  /// How often every example is learned from; 0 leaves the initial weights.
  public var epochs: Int
  /// The number of examples in a step: 1 is stochastic descent, `fullBatch` full-batch descent.
  public var batchSize: Int
  /// From which initial weights, shuffles, dropout, augmentation and splits are drawn.
  public var seed: UInt64
  /// How many threads kernels may use; the number of processors when nil.
  public var threads: Int?
  /// What is believed of the weights beforehand; joins the loss in what is made small, not in what is reported.
  public var prior: WeightPrior?
  /// The share of the training data that is held back when no validation data are given; 0 holds nothing back. Classes
  /// are held back in proportion.
  public var validationFraction: Double
  /// Ends the run when the validation loss no longer falls, and restores the best weights.
  public var earlyStopping: EarlyStopping?
  /// Ends the run when the training loss no longer falls.
  public var stopsWhenFlat: Flatness?
  /// Ends the run after the first epoch in which the validation accuracy, from 0 to 1, reaches this.
  public var stopAtAccuracy: Double?
  /// Whether each epoch takes the examples in an order of its own.
  public var shuffles: Bool
  /// How examples are varied each time they are learned from.
  public var augmentation: Augmentation?
  /// The number of steps of a run, in place of `epochs`: for data of which a part is enough, such as a long text. What
  /// is said of epochs (reports, patience) then holds for the steps from one evaluation to the next.
  public var steps: Int?
  /// The number of steps from one evaluation to the next in a run of `steps`; a tenth of them when nil.
  public var evaluationInterval: Int?
  /// On how many validation examples, evenly spread, a run is judged before its end; all of them when nil. At the end
  /// it always is all.
  public var evaluationExamples: Int?
  /// How the weights are found.
  public var algorithm: LearningAlgorithm
  /// What an exhaustive search tries.
  public var grid: WeightGrid

  /// Options with usual values for all that is not given. They are checked by `validate()`, which a trainer calls.
  public init(
    epochs: Int = 10, batchSize: Int = 32, seed: UInt64 = 0, threads: Int? = nil, prior: WeightPrior? = nil,
    validationFraction: Double = 0, earlyStopping: EarlyStopping? = nil, stopsWhenFlat: Flatness? = nil,
    stopAtAccuracy: Double? = nil, shuffles: Bool = true, augmentation: Augmentation? = nil, steps: Int? = nil,
    evaluationInterval: Int? = nil, evaluationExamples: Int? = nil,
    algorithm: LearningAlgorithm = .backpropagation, grid: WeightGrid = WeightGrid()
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.seed = seed
    self.threads = threads
    self.prior = prior
    self.validationFraction = validationFraction
    self.earlyStopping = earlyStopping
    self.stopsWhenFlat = stopsWhenFlat
    self.stopAtAccuracy = stopAtAccuracy
    self.shuffles = shuffles
    self.augmentation = augmentation
    self.steps = steps
    self.evaluationInterval = evaluationInterval
    self.evaluationExamples = evaluationExamples
    self.algorithm = algorithm
    self.grid = grid
  }

  /// The number of steps of a whole run on so many training examples: what a learning-rate schedule is fitted to.
  ///
  /// Examples that are held back by `validationFraction` are to be subtracted by the caller.
  public func stepCount(exampleCount: Int) -> Int {
    if let steps { return max(0, steps) }
    guard batchSize > 0, exampleCount > 0, epochs > 0 else { return 0 }
    let perEpoch = (exampleCount - 1) / batchSize + 1
    let (steps, overflow) = perEpoch.multipliedReportingOverflow(by: epochs)
    return overflow ? Int.max : steps
  }

  /// - Throws: `TrainingError` or `OptimizerError` that names the option and what it may be.
  public func validate() throws {
    try require(epochs >= 0, "epochs", epochs, "0 or more")
    try require(batchSize >= 1, "batchSize", batchSize, "1 or more")
    try require(threads ?? 1 >= 1, "threads", threads ?? 1, "1 or more")
    try require(steps ?? 1 >= 1, "steps", steps ?? 1, "1 or more")
    try require(evaluationInterval ?? 1 >= 1, "evaluationInterval", evaluationInterval ?? 1, "1 or more")
    try require(evaluationExamples ?? 1 >= 1, "evaluationExamples", evaluationExamples ?? 1, "1 or more")
    try require(
      validationFraction >= 0 && validationFraction < 1, "validationFraction", validationFraction,
      "a number from 0 to below 1")
    if let stopAtAccuracy {
      try require(
        stopAtAccuracy > 0 && stopAtAccuracy <= 1, "stopAtAccuracy", stopAtAccuracy, "a number above 0, at most 1")
    }
    try prior?.validate()
    try earlyStopping?.validate()
    try stopsWhenFlat?.validate()
    try augmentation?.validate()
    try grid.validate()
    guard algorithm == .exhaustive else { return }
    try require(
      batchSize == Self.fullBatch, "batchSize", batchSize, "the full batch: an exhaustive search judges all examples at once")
    try require(epochs == grid.valueCount, "epochs", epochs, "\(grid.valueCount): one for each value of the grid")
  }
}

/// Ends a run when the validation loss has not fallen for some epochs. The weights of the epoch with the lowest one
/// are then restored, also where the run ends for another reason.
public struct EarlyStopping: Hashable, Sendable {
  /// For how many epochs in a row the loss may fail to fall.
  public var patience: Int
  /// By how much the loss must fall to count.
  public var minimumImprovement: Double

  /// Checked by `TrainingOptions.validate()`: a patience of 1 or more, an improvement of 0 or more.
  public init(patience: Int = 5, minimumImprovement: Double = 0) {
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  func validate() throws {
    try require(patience >= 1, "earlyStopping.patience", patience, "1 or more")
    try require(
      minimumImprovement >= 0 && minimumImprovement.isFinite, "earlyStopping.minimumImprovement", minimumImprovement,
      "a finite number of 0 or more")
  }
}

/// Ends a run when the training loss has not fallen by more than a small share of itself for some epochs.
public struct Flatness: Hashable, Sendable {
  /// The share of the loss: 0.001 is a tenth of a percent.
  public var tolerance: Double
  /// For how many epochs in a row.
  public var epochs: Int

  /// Checked by `TrainingOptions.validate()`: a tolerance from 0 to below 1, 1 epoch or more.
  public init(tolerance: Double = 1e-4, epochs: Int = 3) {
    self.tolerance = tolerance
    self.epochs = epochs
  }

  func validate() throws {
    try require(tolerance >= 0 && tolerance < 1, "stopsWhenFlat.tolerance", tolerance, "a number from 0 to below 1")
    try require(epochs >= 1, "stopsWhenFlat.epochs", epochs, "1 or more")
  }
}

/// - Throws: `TrainingError` unless the option is what it must be.
func require(_ isUsable: Bool, _ option: String, _ value: some CustomStringConvertible, _ requirement: String) throws {
  guard isUsable else { throw TrainingError(.invalidOption, "\(option) is \(value)", advice: "use \(requirement)") }
}

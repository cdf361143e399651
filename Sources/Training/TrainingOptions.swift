import CPUBackend
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
  /// In how many parts, one after the other, a batch is learned from: more need less memory for the same step.
  public var gradientAccumulation: Int
  /// From which initial weights, shuffles, dropout, augmentation and splits are drawn.
  public var seed: UInt64
  /// How many threads kernels may use; the number of processors when nil.
  public var threads: Int?
  /// In which numbers steps of learning multiply. Evaluation multiplies in Float32, whatever it is.
  public var precision: Precision
  /// The precision of a normal distribution that is believed of the weights, which joins the loss in what is made
  /// small, not in what is reported: L2 decay; 0 for none. See `WeightPrior`.
  public var gaussianPrior: Double
  /// The rate of a Laplace distribution that is believed of the weights: L1 decay; 0 for none. See `WeightPrior`.
  public var laplacePrior: Double
  /// The share of the training data that is held back when no validation data are given; 0 holds nothing back. Classes
  /// are held back in proportion.
  public var validationFraction: Double
  /// Ends the run when the validation loss has not fallen for so many epochs in a row. The weights of the epoch with
  /// the lowest one are then restored, also where the run ends for another reason. nil goes on.
  public var patience: Int?
  /// By how much the validation loss must fall to count, for `patience`.
  public var minimumImprovement: Double
  /// Ends the run when the training loss has not fallen, but for `flatTolerance`, for so many epochs in a row; nil goes
  /// on.
  public var flatEpochs: Int?
  /// The share of the training loss by which it must fall to count, for `flatEpochs`: 0.001 is a tenth of a percent.
  public var flatTolerance: Double
  /// Ends the run after the first epoch in which the validation accuracy, from 0 to 1, reaches this.
  public var stopAtAccuracy: Double?
  /// Whether each epoch takes the examples in an order of its own.
  public var shuffle: Bool
  /// By up to how many pixels images are moved each time they are learned from; 0 leaves them. See `Augmentation`.
  public var shift: Int
  /// Whether images are mirrored at random each time they are learned from. See `Augmentation`.
  public var flip: Bool
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
  /// How many values an exhaustive search tries for each weight, evenly spaced: 2 to 100,000.
  public var gridValues: Int
  /// The least and the greatest of these values.
  public var gridBounds: ClosedRange<Double>
  /// How long an exhaustive search may take, in seconds, before it is refused.
  public var longestSearch: Double

  /// Options with usual values for all that is not given. They are checked by `validate()`, which a trainer calls.
  public init(
    epochs: Int = 10, batchSize: Int = 32, gradientAccumulation: Int = 1, seed: UInt64 = 0, threads: Int? = nil,
    precision: Precision = .float32, gaussianPrior: Double = 0, laplacePrior: Double = 0,
    validationFraction: Double = 0, patience: Int? = nil, minimumImprovement: Double = 0, flatEpochs: Int? = nil,
    flatTolerance: Double = 1e-4, stopAtAccuracy: Double? = nil, shuffle: Bool = true, shift: Int = 0,
    flip: Bool = false, steps: Int? = nil, evaluationInterval: Int? = nil, evaluationExamples: Int? = nil,
    algorithm: LearningAlgorithm = .backpropagation, gridValues: Int = 5, gridBounds: ClosedRange<Double> = -2...2,
    longestSearch: Double = 3600
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.gradientAccumulation = gradientAccumulation
    self.seed = seed
    self.threads = threads
    self.precision = precision
    self.gaussianPrior = gaussianPrior
    self.laplacePrior = laplacePrior
    self.validationFraction = validationFraction
    self.patience = patience
    self.minimumImprovement = minimumImprovement
    self.flatEpochs = flatEpochs
    self.flatTolerance = flatTolerance
    self.stopAtAccuracy = stopAtAccuracy
    self.shuffle = shuffle
    self.shift = shift
    self.flip = flip
    self.steps = steps
    self.evaluationInterval = evaluationInterval
    self.evaluationExamples = evaluationExamples
    self.algorithm = algorithm
    self.gridValues = gridValues
    self.gridBounds = gridBounds
    self.longestSearch = longestSearch
  }

  /// What is believed of the weights beforehand.
  public var prior: WeightPrior { WeightPrior(gaussianPrior: gaussianPrior, laplacePrior: laplacePrior) }

  /// How examples are varied each time they are learned from; nil where they stay as they are.
  public var augmentation: Augmentation? {
    let augmentation = Augmentation(shift: shift, flip: flip)
    return augmentation == Augmentation() ? nil : augmentation
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
    func requireCount(_ count: Int?, _ option: String) throws {
      try require(count ?? 1 >= 1, option, count ?? 1, "1 or more")
    }
    func requireShare(_ share: Double, _ option: String) throws {
      try require(share >= 0 && share < 1, option, share, "a number from 0 to below 1")
    }
    try require(epochs >= 0, "epochs", epochs, "0 or more")
    try requireCount(batchSize, "batchSize")
    try requireCount(gradientAccumulation, "gradientAccumulation")
    try requireCount(threads, "threads")
    try validatePrecision()
    try requireCount(steps, "steps")
    try requireCount(evaluationInterval, "evaluationInterval")
    try requireCount(evaluationExamples, "evaluationExamples")
    try requireCount(patience, "patience")
    try requireCount(flatEpochs, "flatEpochs")
    try requireShare(validationFraction, "validationFraction")
    try requireShare(flatTolerance, "flatTolerance")
    try require(
      minimumImprovement >= 0 && minimumImprovement.isFinite, "minimumImprovement", minimumImprovement,
      "a finite number of 0 or more")
    if let stopAtAccuracy {
      try require(
        stopAtAccuracy > 0 && stopAtAccuracy <= 1, "stopAtAccuracy", stopAtAccuracy, "a number above 0, at most 1")
    }
    try prior.validate()
    try augmentation?.validate()
    try validateSearch()
  }

  private func validatePrecision() throws {
    if let missing = precision.missingInstructions {
      throw TrainingError(
        .invalidOption, "precision is \(precision.rawValue), for which this processor has no instructions (\(missing))",
        advice: "use \(precision.substitute)")
    }
    try require(
      !precision.isRounded || !algorithm.isSearch, "precision", precision.rawValue,
      "float32 for the algorithm \(algorithm.rawValue), which compares losses that differ little")
  }

  private func validateSearch() throws {
    try require((2...100_000).contains(gridValues), "gridValues", gridValues, "2 to 100,000")
    let (low, high) = (gridBounds.lowerBound, gridBounds.upperBound)
    try require(
      Float(low).isFinite && Float(high).isFinite && low < high, "gridBounds", "\(gridBounds)",
      "two numbers that a Float can be, the lesser first")
    try require(longestSearch > 0, "longestSearch", longestSearch, "a positive number of seconds")
    guard algorithm == .exhaustive else { return }
    try require(
      batchSize == Self.fullBatch, "batchSize", batchSize,
      "the full batch: an exhaustive search judges all examples at once")
    try require(epochs == gridValues, "epochs", epochs, "\(gridValues): one for each value of the grid")
  }
}

/// - Throws: `TrainingError` unless the option is what it must be.
func require(_ isUsable: Bool, _ option: String, _ value: some CustomStringConvertible, _ requirement: String) throws {
  guard isUsable else { throw TrainingError(.invalidOption, "\(option) is \(value)", advice: "use \(requirement)") }
}

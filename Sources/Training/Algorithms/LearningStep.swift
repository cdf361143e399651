import CPUBackend
import Datasets
import Optimizers

/// One step of learning from batches of one size, by whatever algorithm.
protocol LearningStep: AnyObject {
  /// Learns from some examples, as many as a batch has.
  /// - Parameter pulse: called again and again in steps that may take long. What it throws ends the step, with the best
  ///   weights so far.
  func run(
    _ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes, _ pulse: () throws -> Void) throws

  /// How long the latest step has waited for its batch.
  var dataSeconds: Double { get }
  /// The mean loss of the latest batch.
  var loss: Double { get }
  /// What that is a mean over: the number of examples, of places with a label, or the sum of their class weights.
  var lossWeight: Double { get }
  /// How many examples of the latest batch were right; nil where that means nothing.
  var correct: Double? { get }
  /// How many targets of the latest batch count; nil where that is one for each example.
  var counted: Double? { get }
  /// The learning rate of the latest step.
  var learningRate: Double { get }
  /// What the latest step has cost so far, in forward passes over one example.
  var evaluationCount: Int { get }
}

extension LearningAlgorithm {
  /// Compiles the step for batches of a size.
  /// - Parameter exampleCount: the number of training examples, to which the prior is in proportion.
  func step(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, batchSize: Int, exampleCount: Int,
    variables: VariableStore
  ) throws -> any LearningStep {
    if options.gradientAccumulation > 1, !isSearch, batchSize > 1 {
      return try AccumulatedStep(
        task, optimizer, options, batchSize: batchSize, exampleCount: exampleCount, variables: variables)
    }
    guard isSearch else {
      return try TrainingStep(
        task, optimizer, options, batchSize: batchSize, exampleCount: exampleCount, variables: variables)
    }
    let measure = try LossMeasure(
      task, options, batchSize: batchSize, exampleCount: exampleCount, variables: variables)
    switch self {
    case .oneWeightAtATime:
      return try OneWeightStep(measure, initialNudge: optimizer.learningRate, variables: variables)
    case .exhaustive: return ExhaustiveStep(measure, GridSearch(options, weightCount: measure.weightCount))
    default: return try FiniteDifferenceStep(measure, task, optimizer, options, variables: variables)
    }
  }
}

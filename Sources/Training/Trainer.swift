import CPUBackend
import Datasets
import Interchange
import NeuralNetworks
import Optimizers

/// Trains a network: owns its weights and the programs that change them.
///
/// ```swift
/// let digits = try Digits.load()
/// let network = Sequential {
///   Dense(128, activation: .relu)
///   Dense(10)
/// }
/// let trainer = try Trainer(network, loss: .softmaxCrossEntropy, optimizer: .adam())
/// try trainer.fit(digits.training, validation: digits.test, epochs: 20, batchSize: 32)
/// print(try trainer.evaluate(digits.test).accuracy ?? 0)
/// try trainer.model().save(to: "digits.safetensors")
/// ```
///
/// The form of the data is learned from the first call of `fit`. Calling it again goes on where the last call ended:
/// weights, the optimizer's state and the number of the epoch stay. The same seed and number of threads on the same
/// kind of machine give the same weights, bit by bit. A trainer is not safe to use from two threads at once.
///
/// All that computes shares one thread of the process, `ComputeThread`: as long as one trainer fits, every other
/// prediction, evaluation, training and compilation waits, on whatever thread it is asked for. Where answers are needed
/// meanwhile, train in a process of its own.
public final class Trainer {
  /// What is trained, without the weights.
  public let network: AnyLayer
  /// What is made small, a prior of the options aside.
  public let loss: Loss
  /// How the weights follow their gradients.
  public let optimizer: Optimizer
  /// What else was chosen about runs; `fit` may be given other epochs and another batch size.
  public let options: TrainingOptions
  /// How the columns of a table became features: what models are saved with. Whether it fits is checked by `model(_:)`.
  public var preprocessing: Preprocessing?
  /// The number of epochs that were completed; also while `onProgress` is called, as is `stepsDone`.
  public private(set) var epochsDone = 0
  /// The number of steps that were done.
  public private(set) var stepsDone = 0

  private var isFitting = false
  private var learner: Learner?
  /// The parameters after the best epoch of the last run, and after its last one, where those differ from the present.
  private var best: [Safetensors.NamedTensor] = []
  private var last: [Safetensors.NamedTensor] = []

  /// What there is once the form of the data is known.
  private struct Learner {
    let task: LearningTask
    let parameters: [Parameter]
    let variables: VariableStore
    let evaluator: Evaluator
    let scaling: FeatureScaling?
    let tokenizer: Tokenizer?
    let imageOrigin: ImageFolder.Origin?
  }

  /// - Throws: `TrainingError`, `OptimizerError` or `LossError` that names the setting that cannot be used.
  public convenience init(
    _ network: some Layer, loss: Loss, optimizer: Optimizer, options: TrainingOptions = TrainingOptions()
  ) throws {
    try self.init(AnyLayer(network), loss: loss, optimizer: optimizer, options: options)
  }

  /// A trainer of a network of any kind, as read from a description.
  public init(
    _ network: AnyLayer, loss: Loss, optimizer: Optimizer, options: TrainingOptions = TrainingOptions()
  ) throws {
    try loss.validate()
    try optimizer.validate()
    try options.validate()
    self.network = network
    self.loss = loss
    self.optimizer = optimizer
    self.options = options
  }

  /// Learns from data, epoch by epoch, as the options say.
  ///
  /// - Parameters:
  ///   - validation: data to judge each epoch by, which are not learned from; where nil, the options may hold some of
  ///     the training data back.
  ///   - onProgress: called about twenty times a second and at the end of each epoch, on the thread that computes,
  ///     while the caller waits: whatever the caller's actor is, it does not run there, and `Task.isCancelled` is not
  ///     that of the caller's task. It may use this trainer, except for `fit`, and models, but must not wait for
  ///     another thread that does. What it throws ends the run at once; the weights stay as they are then.
  ///   - checkpoints: where and how often to write what `resuming` takes; nil writes none.
  ///   - checkpoint: of a run that is to be continued, by a trainer that was made as that run's was and has trained
  ///     nothing else. The report is then of the whole run.
  ///   - measuresLayers: whether to look into the layers before the first step and after epochs, which `Diagnosis` and
  ///     reports need.
  /// - Throws: `TrainingError` when data, network and loss do not fit each other or the checkpoint, or the loss is no
  ///   longer finite, errors of layers, losses and optimizers that cannot be used, `FileWriteError` when a checkpoint
  ///   cannot be written, `CancellationError` after the step during which the caller's task was cancelled, and what
  ///   `onProgress` throws.
  @discardableResult
  public func fit(
    _ training: Dataset, validation: Dataset? = nil, checkpoints: CheckpointPolicy? = nil,
    resuming checkpoint: Checkpoint? = nil, measuresLayers: Bool = false,
    onProgress: ((TrainingProgress) throws -> Void)? = nil
  ) throws -> TrainingReport {
    try fit(training, validation, options, checkpoints, checkpoint, measuresLayers, onProgress)
  }

  /// As `fit(_:validation:onProgress:)`, with numbers in place of those of the options.
  @discardableResult
  public func fit(
    _ training: Dataset, validation: Dataset? = nil, epochs: Int, batchSize: Int = 32,
    onProgress: ((TrainingProgress) throws -> Void)? = nil
  ) throws -> TrainingReport {
    var options = options
    options.epochs = epochs
    options.batchSize = batchSize
    try options.validate()
    return try fit(training, validation, options, nil, nil, false, onProgress)
  }

  /// Measures the network as it is.
  /// - Throws: `TrainingError` also when nothing was trained yet.
  public func evaluate(_ data: Dataset) throws -> Evaluation {
    let learner = try requireLearner()
    try learner.task.check(data, called: "evaluation")
    return try learner.evaluator.evaluate(data)
  }

  /// Which weights of a run.
  public enum WeightChoice: String, Sendable, CaseIterable {
    /// Those that the network has now: the best ones after early stopping, else the last.
    case kept
    /// Those of the epoch with the lowest validation loss, or training loss where there are no validation data. Known
    /// only of runs with early stopping or checkpoints, else as `kept`.
    case best
    /// Those at the end of the last run.
    case last
  }

  /// The network with its weights, to save or to predict with.
  /// - Throws: `TrainingError` when nothing was trained yet, a weight is not finite, or `preprocessing` does not fit.
  public func model(_ choice: WeightChoice = .kept) throws -> Model {
    let learner = try requireLearner()
    let chosen = choice == .best ? best : choice == .last ? last : []
    let weights =
      chosen.isEmpty
      ? try learner.parameters.map { Model.Weight(name: $0.path, values: try learner.variables.value(of: $0.path)) }
      : chosen.compactMap { tensor in
        if case .float32(let values) = tensor.values { Model.Weight(name: tensor.name, values: values) } else { nil }
      }
    var options = options
    // The number of threads is the machine's business.
    options.threads = nil
    var metadata = [
      "steps": String(stepsDone), "optimizer": try jsonText(optimizer), "options": try jsonText(options),
    ]
    if options.steps == nil { metadata["epochs"] = String(epochsDone) }
    metadata[Model.tokenizerKey] = try learner.tokenizer.map(jsonText)
    metadata[Model.imageOriginKey] = try learner.imageOrigin.map(jsonText)
    return try Model(
      learner.task, scaling: learner.scaling, preprocessing: preprocessing, weights: weights, metadata: metadata)
  }

  /// How long an exhaustive search for these weights would take, measured by running the network on all examples for a
  /// twentieth of a second.
  /// - Throws: as `fit(_:validation:onProgress:)`.
  public func searchEstimate(_ training: Dataset) throws -> SearchEstimate {
    try ComputeThread.shared.perform {
      let learner = try self.learner ?? makeLearner(training)
      try learner.task.check(training, called: "training")
      self.learner = learner
      let measure = try LossMeasure(
        learner.task, options, batchSize: training.count, exampleCount: training.count, variables: learner.variables)
      try measure.fill(training, Array(0..<training.count)[...])
      let search = GridSearch(options, weightCount: measure.weightCount)
      return try ExhaustiveStep(measure, search).estimate()
    }
  }

  /// Finds out whether network, loss, algorithm and data fit each other, before anything is learned.
  /// - Throws: as `fit(_:validation:onProgress:)`.
  public func prepare(for training: Dataset) throws {
    try ComputeThread.shared.perform {
      let learner = try self.learner ?? makeLearner(training)
      try learner.task.check(training, called: "training")
      try options.algorithm.check(learner.task)
      try options.augmentation?.check(training.featureShape)
      self.learner = learner
    }
  }

  private func requireLearner() throws -> Learner {
    guard let learner else {
      throw TrainingError(.empty, "the network has no weights yet", advice: "call fit first; 0 epochs will do")
    }
    return learner
  }

  private func fit(
    _ training: Dataset, _ validation: Dataset?, _ options: TrainingOptions, _ checkpoints: CheckpointPolicy?,
    _ checkpoint: Checkpoint?, _ measuresLayers: Bool, _ onProgress: ((TrainingProgress) throws -> Void)?
  ) throws -> TrainingReport {
    let start = ContinuousClock.now
    // The compute thread is of no task.
    return try withUnsafeCurrentTask { task in
      try ComputeThread.shared.perform {
        guard !isFitting else {
          throw TrainingError(
            .invalidOption, "the trainer is told to fit while it does", advice: "wait for the first call to return")
        }
        isFitting = true
        defer { isFitting = false }
        let learner = try self.learner ?? makeLearner(training)
        try learner.task.check(training, called: "training")
        guard training.weights == nil || learner.task.isWeighted else {
          throw TrainingError(
            .mismatch, "the examples have weights, but those that the trainer learned from before had none",
            advice: "use a new trainer")
        }
        try options.augmentation?.check(training.featureShape)
        let needsRecipe = checkpoints != nil || checkpoint != nil
        let recipe = needsRecipe ? try recipe(options, training, validation) : [:]
        let (training, validation) = try split(training, validation, options)
        if let validation { try learner.task.check(validation, called: "validation") }
        try checkpoint?.check(recipe: recipe)
        var run = try TrainingRun(
          learner.task, optimizer, options, learner.parameters, learner.variables, learner.evaluator, data: training,
          validation: validation, state: checkpoint?.state ?? RunState(
            epochsBefore: epochsDone, stepsBefore: stepsDone),
          best: checkpoint?.best ?? [],
          checkpoints: try checkpoints.map { try CheckpointWriter($0, recipe, learner.variables) },
          measuresLayers: measuresLayers)
        if let checkpoint {
          try run.checkState(checkpoint.path)
          try checkpoint.restore(learner.variables, learner.parameters)
        }
        self.learner = learner
        defer {
          note(run.state)
          best = run.best
        }
        let observer = onProgress.map { onProgress in
          { (progress: TrainingProgress, state: RunState) in
            self.note(state)
            try onProgress(progress)
          }
        }
        let (report, last) = try run.run(
          startedAt: start, isCancelled: { task?.isCancelled ?? false }, observer)
        self.last = last
        return report
      }
    }
  }

  private func note(_ state: RunState) {
    epochsDone = state.epochsBefore + state.reports.count
    stepsDone = state.stepsBefore + state.stepCount
  }

  /// What must be the same when a run is continued.
  private func recipe(
    _ options: TrainingOptions, _ training: Dataset, _ validation: Dataset?
  ) throws -> [String: String] {
    var options = options
    // The number of threads is the machine's business.
    options.threads = nil
    func describe(_ data: Dataset) -> String {
      "\(data.count) examples of \(data.featureShape), \(String(data.fingerprint, radix: 16))"
    }
    var recipe = [
      "version": Model.libraryVersion, "network": try jsonText(network), "loss": try jsonText(loss),
      "optimizer": try jsonText(optimizer), "options": try jsonText(options), "training data": describe(training),
    ]
    if let validation { recipe["validation data"] = describe(validation) }
    return recipe
  }

  private func makeLearner(_ data: Dataset) throws -> Learner {
    guard data.count > 0 else {
      throw TrainingError(.empty, "there are no training examples", advice: "give at least one")
    }
    let task = LearningTask(network, loss, learningFrom: data)
    let parameters = try task.parameters()
    try checkMemory(parameters)
    let variables = VariableStore()
    for parameter in parameters {
      try variables.set(parameter.path, to: parameter.initialValue(seed: options.seed))
    }
    return Learner(
      task: task, parameters: parameters, variables: variables,
      evaluator: Evaluator(task, variables, threads: options.threads), scaling: FeatureScaling(data),
      tokenizer: data.tokenizer, imageOrigin: data.imageOrigin)
  }
}

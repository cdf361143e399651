import CPUBackend
import Datasets
import NeuralNetworks
import Optimizers

/// One call of `fit`: the loop over epochs and batches. It stays on the compute thread.
struct TrainingRun {
  private let task: LearningTask
  private let options: TrainingOptions
  private let parameters: [Parameter]
  private let variables: VariableStore
  private let evaluator: Evaluator
  private let data: Dataset
  private let validation: Dataset?
  private let epochsBefore: Int
  private let batchSize: Int
  private let fullStep: any LearningStep
  /// For the last batch of an epoch, where it is not full.
  private let lastStep: (any LearningStep)?
  private var stopping: StoppingRules
  private var bestWeights: [ShapedArray<Float>] = []

  private(set) var reports: [EpochReport] = []
  private var stepCount = 0
  private var evaluationCount = 0
  private var nextProgress = ContinuousClock.now

  init(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, _ parameters: [Parameter],
    _ variables: VariableStore, _ evaluator: Evaluator, data: Dataset, validation: Dataset?, epochsBefore: Int
  ) throws {
    self.task = task
    self.options = options
    self.parameters = parameters
    self.variables = variables
    self.evaluator = evaluator
    self.data = data
    self.validation = validation
    self.epochsBefore = epochsBefore
    stopping = StoppingRules(options)
    let size = min(options.batchSize, data.count)
    batchSize = size
    try options.algorithm.check(task)
    func step(_ size: Int) throws -> any LearningStep {
      try options.algorithm.step(
        task, optimizer, options, batchSize: size, exampleCount: data.count, variables: variables)
    }
    fullStep = try step(size)
    lastStep = data.count.isMultiple(of: size) ? nil : try step(data.count % size)
    guard options.stopAtAccuracy == nil || fullStep.correct != nil else {
      throw TrainingError(
        .invalidOption, "stopAtAccuracy is set, but numbers have no accuracy", advice: "use stopsWhenFlat in its place")
    }
  }

  mutating func run(
    startedAt start: ContinuousClock.Instant, _ onProgress: ((TrainingProgress) throws -> Void)?
  ) throws -> TrainingReport {
    var reason = StopReason.epochsDone
    for index in 0..<options.epochs {
      let report = try runEpoch(index, onProgress)
      reports.append(report)
      let (isBest, stop) = stopping.judge(report)
      if isBest, options.earlyStopping != nil { bestWeights = try parameters.map { try variables.value(of: $0.path) } }
      try onProgress?(progress(index, report.loss, report.learningRate, step: epochStepCount, ended: report))
      if let stop {
        reason = stop
        break
      }
    }
    for (parameter, weights) in zip(parameters, bestWeights) { try variables.set(parameter.path, to: weights) }
    return TrainingReport(
      epochs: reports, stopReason: reason, bestEpoch: stopping.bestEpoch,
      keptEpoch: options.earlyStopping == nil ? reports.last?.epoch : stopping.bestEpoch, stepCount: stepCount,
      evaluationCount: evaluationCount,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private var epochStepCount: Int { (data.count - 1) / batchSize + 1 }

  private mutating func runEpoch(
    _ index: Int, _ onProgress: ((TrainingProgress) throws -> Void)?
  ) throws -> EpochReport {
    let clock = ContinuousClock()
    let start = clock.now
    let (loss, correct, learningRate) = try learn(index, onProgress)
    let trained = clock.now
    let evaluation = try validation.map { try evaluator.evaluate($0) }
    if let evaluation { try checkFinite(evaluation.loss, index, "after its last step, on the validation data") }
    return EpochReport(
      epoch: epochsBefore + index + 1, loss: loss / Double(data.count),
      accuracy: correct.map { $0 / Double(data.count) }, validationLoss: evaluation?.loss,
      validationAccuracy: evaluation?.accuracy, learningRate: learningRate,
      seconds: (clock.now - start) / .seconds(1),
      stepsPerSecond: Double(epochStepCount) / max((trained - start) / .seconds(1), 1e-9))
  }

  /// Learns once from every example.
  /// - Returns: sums over the examples, and the learning rate of the last step.
  private mutating func learn(
    _ index: Int, _ onProgress: ((TrainingProgress) throws -> Void)?
  ) throws -> (loss: Double, correct: Double?, learningRate: Double) {
    let epoch = epochsBefore + index
    // Within a batch of everything, the order means nothing.
    let isShuffled = options.shuffles && batchSize < data.count
    let batches = try Batches(
      exampleCount: data.count, batchSize: batchSize, seed: isShuffled ? options.seed : nil, epoch: epoch)
    var (loss, correct, seen) = (0.0, fullStep.correct.map { _ in 0.0 }, 0)
    for (position, rows) in batches.enumerated() {
      let step = rows.count == batchSize ? fullStep : lastStep ?? fullStep
      try step.run(data, rows, options.augmentation, seed: options.seed, epoch: epoch)
      try checkFinite(step.loss, index, "at step \(position + 1) of \(batches.count)")
      stepCount += 1
      evaluationCount += step.evaluationCount
      loss += step.loss * Double(rows.count)
      if let count = step.correct { correct = (correct ?? 0) + count }
      seen += rows.count
      guard let onProgress, ContinuousClock.now >= nextProgress else { continue }
      nextProgress = ContinuousClock.now + .milliseconds(50)
      try onProgress(progress(index, loss / Double(seen), step.learningRate, step: position + 1, ended: nil))
    }
    return (loss, correct, (lastStep ?? fullStep).learningRate)
  }

  private func progress(
    _ index: Int, _ loss: Double, _ learningRate: Double, step: Int, ended: EpochReport?
  ) -> TrainingProgress {
    TrainingProgress(
      epoch: index + 1, epochs: options.epochs, step: step, steps: epochStepCount, loss: loss,
      learningRate: learningRate, endedEpoch: ended)
  }

  private func checkFinite(_ loss: Double, _ index: Int, _ place: String) throws {
    guard loss.isFinite else {
      throw TrainingError(
        .notFinite, "the loss is \(loss) in epoch \(epochsBefore + index + 1), \(place)",
        advice: "use a smaller learning rate, clip the gradients, or scale the features to about -1 to 1")
    }
  }
}

/// Watches the epochs of a run for a reason to end it.
private struct StoppingRules {
  private let options: TrainingOptions
  private(set) var bestEpoch: Int?
  private var bestLoss = Double.infinity
  private var lossToImprove = Double.infinity
  private var epochsWithoutImprovement = 0
  private var lossToFallFrom = Double.infinity
  private var flatEpochs = 0

  init(_ options: TrainingOptions) { self.options = options }

  mutating func judge(_ report: EpochReport) -> (isBest: Bool, stop: StopReason?) {
    let loss = report.validationLoss ?? report.loss
    let isBest = loss < bestLoss
    if isBest { (bestLoss, bestEpoch) = (loss, report.epoch) }
    if let goal = options.stopAtAccuracy, let accuracy = report.validationAccuracy, accuracy >= goal {
      return (isBest, .accuracyReached)
    }
    if let rule = options.earlyStopping, hasStoppedImproving(loss, rule) { return (isBest, .noImprovement) }
    if let rule = options.stopsWhenFlat, isFlat(report.loss, rule) { return (isBest, .lossIsFlat) }
    return (isBest, nil)
  }

  private mutating func hasStoppedImproving(_ loss: Double, _ rule: EarlyStopping) -> Bool {
    let isImproved = loss < lossToImprove - rule.minimumImprovement
    if isImproved { lossToImprove = loss }
    epochsWithoutImprovement = isImproved ? 0 : epochsWithoutImprovement + 1
    return epochsWithoutImprovement >= rule.patience
  }

  private mutating func isFlat(_ loss: Double, _ rule: Flatness) -> Bool {
    let isFalling = lossToFallFrom.isInfinite || loss < lossToFallFrom - rule.tolerance * abs(lossToFallFrom)
    if isFalling { lossToFallFrom = loss }
    flatEpochs = isFalling ? 0 : flatEpochs + 1
    return flatEpochs >= rule.epochs
  }
}

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
  /// A part of the validation data, to judge all epochs but the last by; nil where that is by all of them.
  private let validationSample: Dataset?
  private let epochsBefore: Int
  private let stepsBefore: Int
  private let batchSize: Int
  private let fullStep: TrainingStep
  /// For the last batch of an epoch, where it is not full.
  private let lastStep: TrainingStep?
  private var stopping: StoppingRules
  private var bestWeights: [ShapedArray<Float>] = []

  private(set) var reports: [EpochReport] = []
  private(set) var stepCount = 0
  private var order: (pass: Int, batches: Batches)?
  private var nextProgress = ContinuousClock.now

  init(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, _ parameters: [Parameter],
    _ variables: VariableStore, _ evaluator: Evaluator, data: Dataset, validation: Dataset?, epochsBefore: Int,
    stepsBefore: Int
  ) throws {
    self.task = task
    self.options = options
    self.parameters = parameters
    self.variables = variables
    self.evaluator = evaluator
    self.data = data
    self.validation = validation
    self.epochsBefore = epochsBefore
    self.stepsBefore = stepsBefore
    validationSample = try validation.flatMap { try Self.sample(options.evaluationExamples, of: $0) }
    stopping = StoppingRules(options)
    let size = min(options.batchSize, data.count)
    batchSize = size
    func step(_ size: Int) throws -> TrainingStep {
      try TrainingStep(task, optimizer, options, batchSize: size, exampleCount: data.count, variables: variables)
    }
    fullStep = try step(size)
    let passStepCount = (data.count - 1) / size + 1
    let reachesLast = options.steps.map { stepsBefore % passStepCount + $0 >= passStepCount } ?? true
    lastStep = data.count.isMultiple(of: size) || !reachesLast ? nil : try step(data.count % size)
    guard options.stopAtAccuracy == nil || fullStep.correct != nil else {
      throw TrainingError(
        .invalidOption, "stopAtAccuracy is set, but numbers have no accuracy", advice: "use stopsWhenFlat in its place")
    }
  }

  mutating func run(
    startedAt start: ContinuousClock.Instant, _ onProgress: ((TrainingProgress) throws -> Void)?
  ) throws -> TrainingReport {
    var reason = StopReason.epochsDone
    for index in 0..<epochCount {
      let report = try runEpoch(index, onProgress)
      reports.append(report)
      let (isBest, stop) = stopping.judge(report)
      if isBest, options.earlyStopping != nil { bestWeights = try parameters.map { try variables.value(of: $0.path) } }
      try onProgress?(progress(index, report.loss, report.learningRate, step: steps(index).count, ended: report))
      if let stop {
        reason = stop
        break
      }
    }
    for (parameter, weights) in zip(parameters, bestWeights) { try variables.set(parameter.path, to: weights) }
    return TrainingReport(
      epochs: reports, stopReason: reason, bestEpoch: stopping.bestEpoch,
      keptEpoch: options.earlyStopping == nil ? reports.last?.epoch : stopping.bestEpoch, stepCount: stepCount,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// `count` examples, evenly spread.
  private static func sample(_ count: Int?, of data: Dataset) throws -> Dataset? {
    guard let count, count < data.count else { return nil }
    let (distance, rest) = data.count.quotientAndRemainder(dividingBy: count)
    return try data.subset((0..<count).map { $0 * distance + min($0, rest) })
  }

  /// How many steps see every example once.
  private var passStepCount: Int { (data.count - 1) / batchSize + 1 }

  private var interval: Int { options.evaluationInterval ?? max(1, (options.steps ?? 0) / 10) }

  /// The number of epochs, or of evaluations in a run of steps.
  private var epochCount: Int { options.steps.map { ($0 - 1) / interval + 1 } ?? options.epochs }

  /// The steps of an epoch, by their numbers over all calls of `fit`, from which the order of examples follows.
  private func steps(_ index: Int) -> Range<Int> {
    guard let steps = options.steps else {
      let first = (epochsBefore + index) * passStepCount
      return first..<first + passStepCount
    }
    let first = stepsBefore + index * interval
    return first..<min(first + interval, stepsBefore + steps)
  }

  private mutating func runEpoch(
    _ index: Int, _ onProgress: ((TrainingProgress) throws -> Void)?
  ) throws -> EpochReport {
    let clock = ContinuousClock()
    let start = clock.now
    let (loss, accuracy, learningRate) = try learn(index, onProgress)
    let trained = clock.now
    let isLast = index == epochCount - 1
    let evaluation = try (isLast ? validation : validationSample ?? validation).map { try evaluator.evaluate($0) }
    if let evaluation { try checkFinite(evaluation.loss, index, "after its last step, on the validation data") }
    return EpochReport(
      epoch: epochsBefore + index + 1, step: stepsBefore + stepCount, loss: loss, accuracy: accuracy,
      validationLoss: evaluation?.loss,
      validationAccuracy: evaluation?.accuracy, learningRate: learningRate,
      seconds: (clock.now - start) / .seconds(1),
      stepsPerSecond: Double(steps(index).count) / max((trained - start) / .seconds(1), 1e-9))
  }

  /// Learns from the batches of an epoch.
  /// - Returns: means over the examples, and the learning rate of the last step.
  private mutating func learn(
    _ index: Int, _ onProgress: ((TrainingProgress) throws -> Void)?
  ) throws -> (loss: Double, accuracy: Double?, learningRate: Double) {
    let steps = steps(index)
    var (loss, correct, seen, learningRate) = (0.0, fullStep.correct.map { _ in 0.0 }, 0.0, 0.0)
    for number in steps {
      let (pass, position) = number.quotientAndRemainder(dividingBy: passStepCount)
      let rows = try batches(pass)[position]
      let step = rows.count == batchSize ? fullStep : lastStep ?? fullStep
      try step.run(data, rows, options.augmentation, seed: options.seed, epoch: pass)
      let done = number - steps.lowerBound + 1
      try checkFinite(step.loss, index, "at step \(done) of \(steps.count)")
      stepCount += 1
      let counted = step.counted ?? Double(rows.count)
      loss += step.loss * counted
      if let count = step.correct { correct = (correct ?? 0) + count }
      seen += counted
      learningRate = step.learningRate
      guard let onProgress, ContinuousClock.now >= nextProgress else { continue }
      nextProgress = ContinuousClock.now + .milliseconds(50)
      try onProgress(progress(index, loss / max(seen, 1), learningRate, step: done, ended: nil))
    }
    return (loss / max(seen, 1), correct.map { $0 / max(seen, 1) }, learningRate)
  }

  /// The order of one pass through the examples, which is kept until another is asked for.
  private mutating func batches(_ pass: Int) throws -> Batches {
    if let order, order.pass == pass { return order.batches }
    // Within a batch of everything, the order means nothing.
    let isShuffled = options.shuffles && batchSize < data.count
    let batches = try Batches(
      exampleCount: data.count, batchSize: batchSize, seed: isShuffled ? options.seed : nil, epoch: pass)
    order = (pass, batches)
    return batches
  }

  private func progress(
    _ index: Int, _ loss: Double, _ learningRate: Double, step: Int, ended: EpochReport?
  ) -> TrainingProgress {
    TrainingProgress(
      epoch: index + 1, epochs: epochCount, step: step, steps: steps(index).count, loss: loss,
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

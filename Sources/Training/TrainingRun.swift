import CPUBackend
import Datasets
import Interchange
import NeuralNetworks
import Optimizers

/// One call of `fit`: the loop over epochs and batches, which can be entered at any step. It stays on the compute
/// thread.
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
  private let batchSize: Int
  private let fullStep: any LearningStep
  /// For the last batch of an epoch, where it is not full.
  private let lastStep: (any LearningStep)?
  private var checkpoints: CheckpointWriter?
  private let keepsBest: Bool
  private let probe: NetworkProbe?
  private let secondsBefore: Double
  private var start = ContinuousClock.now
  private var nextProgress = ContinuousClock.now
  private var order: (pass: Int, batches: Batches)?

  /// Where the run stands.
  private(set) var state: RunState
  /// The parameters after the best epoch; empty where nothing asks for them.
  private(set) var best: [Safetensors.NamedTensor]

  init(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, _ parameters: [Parameter],
    _ variables: VariableStore, _ evaluator: Evaluator, data: Dataset, validation: Dataset?, state: RunState,
    best: [Safetensors.NamedTensor], checkpoints: CheckpointWriter?, measuresLayers: Bool
  ) throws {
    self.task = task
    self.options = options
    self.parameters = parameters
    self.variables = variables
    self.evaluator = evaluator
    self.data = data
    self.validation = validation
    self.state = state
    self.best = best
    self.checkpoints = checkpoints
    keepsBest = options.patience != nil || checkpoints != nil
    secondsBefore = state.seconds
    validationSample = try validation.flatMap { try Self.sample(options.evaluationExamples, of: $0) }
    probe = measuresLayers ? try NetworkProbe.ifDifferentiable(task, variables, data, options) : nil
    let size = min(options.batchSize, data.count)
    batchSize = size
    try options.algorithm.check(task)
    func step(_ size: Int) throws -> any LearningStep {
      try options.algorithm.step(
        task, optimizer, options, batchSize: size, exampleCount: data.count, variables: variables)
    }
    fullStep = try step(size)
    let passStepCount = (data.count - 1) / size + 1
    let reachesLast = options.steps.map { $0 >= passStepCount - state.stepsBefore % passStepCount } ?? true
    lastStep = data.count.isMultiple(of: size) || !reachesLast ? nil : try step(data.count % size)
    guard options.stopAtAccuracy == nil || fullStep.correct != nil else {
      throw TrainingError(
        .invalidOption, "stopAtAccuracy is set, but numbers have no accuracy", advice: "use flatEpochs in its place")
    }
  }

  /// - Throws: `TrainingError` when the run cannot be where its checkpoint says.
  func checkState(_ path: String) throws {
    let doneCount = state.reports.count
    guard doneCount <= epochCount, state.isPossible,
      state.epoch.steps <= steps.count,
      state.stepCount == state.epoch.steps + (doneCount < epochCount ? doneCount * epochStepCount : totalStepCount)
    else { throw Checkpoint.damaged(path, "no run can be in the state that it describes") }
  }

  /// Is told of progress, and where the run stands.
  typealias Observer = (TrainingProgress, RunState) throws -> Void

  /// Runs the epochs that are left.
  /// - Returns: the report, and the parameters as they were when the last epoch ended, where the best ones took their
  ///   place.
  /// - Throws: `CancellationError` after the step during which `isCancelled` has become true.
  mutating func run(
    startedAt start: ContinuousClock.Instant, isCancelled: () -> Bool, _ onProgress: Observer?
  ) throws -> (report: TrainingReport, last: [Safetensors.NamedTensor]) {
    self.start = start
    // Before anything of the examples is needed, which may still be read meanwhile.
    if state.stepCount == 0 { try save() }
    if let probe, state.stepCount == 0 { state.statistics = [try probe.look(step: state.stepsBefore)] }
    var isInterrupted = false
    while state.stopReason == nil, state.reports.count < epochCount {
      guard try learn(isCancelled, onProgress) else {
        isInterrupted = true
        break
      }
      try endEpoch(onProgress)
    }
    if !isInterrupted {
      state.stopReason = state.stopReason ?? .epochsDone
      try save()
    }
    let restoresBest = options.patience != nil && !isInterrupted && !best.isEmpty
    let last = restoresBest ? try parameterValues() : []
    if restoresBest { try variables.set(best) }
    let report = TrainingReport(
      epochs: state.reports, stopReason: state.stopReason ?? .interrupted, bestEpoch: state.stopping.bestEpoch,
      keptEpoch: restoresBest ? state.stopping.bestEpoch : state.reports.last?.epoch, stepCount: state.stepCount,
      evaluationCount: state.evaluationCount, evaluationInterval: options.steps == nil ? nil : interval,
      seconds: timedState.seconds, statistics: state.statistics)
    return (report, last)
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

  private var totalStepCount: Int {
    let (count, overflows) = epochCount.multipliedReportingOverflow(by: passStepCount)
    return options.steps ?? (overflows ? .max : count)
  }

  /// The number of steps of an epoch; of the last one there may be fewer in a run of steps.
  private var epochStepCount: Int { options.steps == nil ? passStepCount : interval }

  /// The number of the epoch that is under way, from 0, over all runs.
  private var epoch: Int { state.epochsBefore + state.reports.count }

  /// The steps of the epoch that is under way, by their numbers over all runs, from which the order of examples
  /// follows.
  private var steps: Range<Int> {
    guard let steps = options.steps else {
      let first = epoch * passStepCount
      return first..<first + passStepCount
    }
    let done = state.reports.count * interval
    let first = state.stepsBefore + done
    return first..<first + min(interval, steps - done, .max - first)
  }

  private var timedState: RunState {
    var state = state
    state.seconds = secondsBefore + (ContinuousClock.now - start) / .seconds(1)
    return state
  }

  private mutating func save() throws {
    let (state, best) = (timedState, best)
    try checkpoints?.write(state, best: best)
  }

  private func parameterValues() throws -> [Safetensors.NamedTensor] {
    try parameters.map {
      Safetensors.NamedTensor(name: $0.path, values: .float32(try variables.value(of: $0.path)))
    }
  }

  /// Learns from the batches of the epoch that it has not learned from yet.
  /// - Returns: whether the epoch is done; otherwise the run is to end.
  private mutating func learn(_ isCancelled: () -> Bool, _ onProgress: Observer?) throws -> Bool {
    let steps = steps
    let clock = (start: ContinuousClock.now, before: state.epoch.seconds)
    defer { state.epoch.seconds = clock.before + (ContinuousClock.now - clock.start) / .seconds(1) }
    for number in steps.dropFirst(state.epoch.steps) {
      let (pass, position) = number.quotientAndRemainder(dividingBy: passStepCount)
      let rows = try batches(pass)[position]
      let step = rows.count == batchSize ? fullStep : lastStep ?? fullStep
      try step.run(data, rows, changes(pass)) {
        if isCancelled() { throw CancellationError() }
        try pulse(step, onProgress)
      }
      if !step.loss.isFinite { throw try explanation(step.loss, number, rows, of: steps) }
      state.stepCount += 1
      state.evaluationCount += step.evaluationCount
      state.epoch.steps += 1
      state.epoch.counted += step.counted ?? Double(rows.count)
      state.epoch.loss += step.loss * step.lossWeight
      state.epoch.lossWeight += step.lossWeight
      state.epoch.correct += step.correct ?? 0
      state.epoch.learningRate = step.learningRate
      state.epoch.dataSeconds += step.dataSeconds
      if let writer = checkpoints {
        let stops = writer.shouldStop
        if stops || writer.isDue(stepCount: state.stepCount) {
          state.epoch.seconds = clock.before + (ContinuousClock.now - clock.start) / .seconds(1)
          try save()
        }
        if stops { return false }
      }
      if isCancelled() { throw CancellationError() }
      try pulse(nil, onProgress)
    }
    return true
  }

  /// Tells about twenty times a second how far the run is.
  /// - Parameter step: the one that is under way, if any.
  private mutating func pulse(_ step: (any LearningStep)?, _ onProgress: Observer?) throws {
    guard let onProgress, ContinuousClock.now >= nextProgress else { return }
    nextProgress = ContinuousClock.now + .milliseconds(50)
    var sums = state.epoch
    if let step, sums.counted == 0 {
      sums.counted = step.counted ?? Double(batchSize)
      (sums.loss, sums.lossWeight) = (step.loss * step.lossWeight, step.lossWeight)
      (sums.correct, sums.learningRate) = (step.correct ?? 0, step.learningRate)
    }
    try onProgress(progress(sums, ended: nil, evaluationCount: step?.evaluationCount ?? 0), state)
  }

  private func changes(_ pass: Int) -> BatchBuffers.Changes {
    BatchBuffers.Changes(augmentation: options.augmentation, seed: options.seed, epoch: pass)
  }

  /// The order of one pass through the examples, which is kept until another is asked for.
  private mutating func batches(_ pass: Int) throws -> Batches {
    if let order, order.pass == pass { return order.batches }
    // Within a batch of everything, the order means nothing.
    let isShuffled = options.shuffle && batchSize < data.count
    let batches = try Batches(
      exampleCount: data.count, batchSize: batchSize, seed: isShuffled ? options.seed : nil, epoch: pass)
    order = (pass, batches)
    data.expect(batches.order)
    return batches
  }

  /// Judges the epoch all of whose steps are done.
  private mutating func endEpoch(_ onProgress: Observer?) throws {
    let start = ContinuousClock.now
    let isLast = state.reports.count == epochCount - 1
    let evaluation = try (isLast ? validation : validationSample ?? validation).map { try evaluator.evaluate($0) }
    if let loss = evaluation?.loss, !loss.isFinite {
      let place = options.steps == nil ? "in epoch \(epoch + 1), after its last step" : "after step \(state.stepCount)"
      throw notFinite(loss, "\(place), on the validation data")
    }
    let sums = state.epoch
    let report = EpochReport(
      epoch: epoch + 1, step: state.stepsBefore + state.stepCount, loss: sums.meanLoss,
      accuracy: fullStep.correct.map { _ in sums.correct / max(sums.counted, 1) }, validationLoss: evaluation?.loss,
      validationAccuracy: evaluation?.accuracy, learningRate: sums.learningRate,
      seconds: sums.seconds + (ContinuousClock.now - start) / .seconds(1),
      stepsPerSecond: Double(sums.steps) / max(sums.seconds, 1e-9),
      dataShare: min(1, sums.dataSeconds / max(sums.seconds, 1e-9)))
    let (isBest, stop) = state.stopping.judge(report, options)
    if isBest, keepsBest { best = try parameterValues() }
    let statistics = try measure()
    let ended = progress(sums, ended: report, statistics)
    state.reports.append(report)
    state.epoch = EpochSums()
    state.stopReason = stop
    try onProgress?(ended, state)
  }

  private func progress(
    _ sums: EpochSums, ended: EpochReport?, _ statistics: NetworkStatistics? = nil, evaluationCount: Int = 0
  ) -> TrainingProgress {
    TrainingProgress(
      epoch: state.reports.count + 1, epochs: epochCount, step: state.epoch.steps, steps: steps.count,
      stepCount: state.stepCount, totalStepCount: totalStepCount, seconds: timedState.seconds, loss: sums.meanLoss, accuracy: fullStep.correct.map { _ in sums.correct / max(sums.counted, 1) },
      evaluationCount: state.evaluationCount + evaluationCount, learningRate: sums.learningRate, endedEpoch: ended,
      statistics: statistics)
  }

  /// Looks into the layers, in long runs only after some of the epochs.
  private mutating func measure() throws -> NetworkStatistics? {
    let interval = max(1, epochCount / 100)
    guard let probe, (state.reports.count + 1).isMultiple(of: interval) else { return nil }
    let statistics = try probe.look(step: state.stepsBefore + state.stepCount)
    state.statistics.append(statistics)
    return statistics
  }

  private func notFinite(_ loss: Double, _ place: String) -> TrainingError {
    TrainingError(
      .notFinite, "the loss is \(loss) \(place)",
      advice: "use a smaller learning rate, clip the gradients, or scale the features to about -1 to 1")
  }

  /// Says where a loss that is not finite comes from. Where there are checkpoints, the steps since the last one are
  /// done again up to the one at fault, since its update has spoilt all weights; the weights are then those before it.
  private mutating func explanation(
    _ loss: Double, _ number: Int, _ rows: ArraySlice<Int>, of steps: Range<Int>
  ) throws -> TrainingError {
    let examples = rows.prefix(4).map(String.init).joined(separator: ", ") + (rows.count > 4 ? ", …" : "")
    let inEpoch = "in epoch \(epoch + 1), at step \(number - steps.lowerBound + 1) of \(steps.count)"
    let inRun = "at step \(state.stepCount + 1) of \(totalStepCount)"
    let place = (options.steps == nil ? inEpoch : inRun) + ", whose batch has the examples \(examples)"
    guard let path = checkpoints?.path else { return notFinite(loss, place) }
    let saved = try Checkpoint(contentsOf: path)
    try variables.set(saved.variables)
    for number in (saved.state.stepsBefore + saved.state.stepCount)..<number {
      let (pass, position) = number.quotientAndRemainder(dividingBy: passStepCount)
      let rows = try batches(pass)[position]
      let step = rows.count == batchSize ? fullStep : lastStep ?? fullStep
      try step.run(data, rows, changes(pass)) {}
    }
    let before = try NetworkProbe.ifDifferentiable(task, variables, data, options, rows: rows)?.look(step: number)
    return notFinite(loss, [place, before?.worst].compactMap { $0 }.joined(separator: "; "))
  }
}

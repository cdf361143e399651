import CPUBackend
import Datasets
import NeuralNetworks

/// Measures a network on data, with programs that read the variables which training updates.
///
/// A class because it owns programs: those of the latest few sizes of batches.
final class Evaluator {
  private let task: LearningTask
  private let variables: VariableStore
  private let backend: CPUBackend
  private let predictions: ((Tensor) -> Tensor)?
  /// The latest used last.
  private var programs: [(form: BatchForm, program: EvaluationProgram)] = []

  /// What programs differ in.
  private struct BatchForm: Equatable {
    let size: Int
    let isWeighted: Bool
  }

  /// Two of each of two data sets: one of full batches, one of what is left.
  private static let keptProgramCount = 4

  /// - Parameter predictions: makes of the network's outputs what `measure` keeps of each example; nil where only
  ///   `evaluate` is called.
  init(
    _ task: LearningTask, _ variables: VariableStore, threads: Int?, predictions: ((Tensor) -> Tensor)? = nil
  ) {
    self.task = task
    self.variables = variables
    self.predictions = predictions
    backend = CPUBackend(threads: threads)
  }

  /// - Parameter batchSize: how many examples are evaluated at once, which changes the result only by rounding; what
  ///   is quick when nil.
  func evaluate(_ data: Dataset, batchSize: Int? = nil) throws -> Evaluation {
    try measure(data, batchSize: batchSize).evaluation
  }

  /// Also returns the predictions for each example; none where the evaluator was made without.
  func measure(
    _ data: Dataset, batchSize: Int? = nil
  ) throws -> (evaluation: Evaluation, predictions: [[Float]]) {
    try require(batchSize ?? 1 >= 1, "batchSize", batchSize ?? 1, "1 or more")
    return try backend.perform {
      let clock = ContinuousClock()
      let start = clock.now
      let data = try data.withWeightsOfMeanOne()
      let size = min(batchSize ?? standardBatchSize(data.count), data.count)
      var sums = EvaluationSums(task)
      for rows in try Batches(exampleCount: data.count, batchSize: size, seed: nil) {
        let program = try program(BatchForm(size: rows.count, isWeighted: data.weights != nil))
        try program.run(data, rows)
        program.add(to: &sums, data, rows)
      }
      return (sums.evaluation(seconds: (clock.now - start) / .seconds(1)), sums.predictions)
    }
  }

  /// Batches of equal sizes where possible, of about a thousand examples and at most four million bytes.
  private func standardBatchSize(_ count: Int) -> Int {
    let greatest = max(1, min(1024, (1 << 20) / max(task.featureShape.count, 1)))
    let batchCount = (count - 1) / greatest + 1
    return (count - 1) / batchCount + 1
  }

  private func program(_ form: BatchForm) throws -> EvaluationProgram {
    if let place = programs.firstIndex(where: { $0.form == form }) {
      programs.append(programs.remove(at: place))
    } else {
      var task = task
      task.isWeighted = form.isWeighted
      let program = try EvaluationProgram(task, variables, backend, batchSize: form.size, predictions)
      if programs.count >= Self.keptProgramCount { programs.removeFirst() }
      programs.append((form, program))
    }
    return programs[programs.count - 1].program
  }
}

/// What the evaluations of several batches add up to.
private struct EvaluationSums {
  /// Of the batches' mean losses, each times what it is a mean over, and the sum of that.
  var loss = 0.0
  var lossWeight = 0.0
  var count = 0
  var correct: Int?
  /// Row by row, empty where there are no classes.
  var confusion: [Int]
  let classCount: Int
  /// Of each example, where they are kept.
  var predictions: [[Float]] = []

  init(_ task: LearningTask) {
    classCount = task.hasConfusionMatrix ? task.classNames.count : 0
    confusion = Array(repeating: 0, count: classCount * classCount)
  }

  mutating func count(_ actual: Int, takenFor chosen: Int) {
    // Outputs that are not numbers speak for no class.
    guard (0..<classCount).contains(chosen) else { return }
    confusion[actual * classCount + chosen] += 1
  }

  func evaluation(seconds: Double) -> Evaluation {
    let matrix = (0..<classCount).map { Array(confusion[($0 * classCount)..<(($0 + 1) * classCount)]) }
    return Evaluation(
      loss: lossWeight > 0 ? loss / lossWeight : 0, count: count, correct: correct,
      confusionMatrix: matrix.isEmpty ? nil : matrix, seconds: seconds)
  }
}

/// The forward pass and the loss for batches of one size, compiled.
private final class EvaluationProgram {
  private let program: Program
  private let batch: BatchBuffers
  private let loss: UnsafeBufferPointer<Float>
  private let lossWeight: UnsafeBufferPointer<Float>
  private let correct: UnsafeBufferPointer<Float>?
  private let counted: UnsafeBufferPointer<Float>?
  private let chosen: UnsafeBufferPointer<Int32>?
  private let predictions: UnsafeBufferPointer<Float>?

  init(
    _ task: LearningTask, _ variables: VariableStore, _ backend: CPUBackend, batchSize: Int,
    _ predictions: ((Tensor) -> Tensor)?
  ) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .inference)
    let outputs = try task.trace(graph, context, batchSize: batchSize)
    let targets = task.targets(in: graph, batchSize: batchSize)
    let (mean, weight) = try task.meanLoss(outputs: outputs, targets: targets, context)
    graph.output("loss", mean)
    graph.output("lossWeight", weight)
    let hasAccuracy = task.hasAccuracy(outputs)
    if hasAccuracy {
      graph.output("correct", try correctCount(outputs: outputs, targets: targets, loss: task.loss))
    }
    let counted = task.countedTargets(targets)
    if let counted { graph.output("counted", counted) }
    if task.hasConfusionMatrix { graph.output("chosen", task.chosenClasses(outputs)) }
    if let predictions { graph.output("predictions", predictions(outputs)) }
    program = try compile(graph, variables: variables, backend: backend)
    batch = try BatchBuffers(program, task, backend)
    loss = try program.outputBuffer("loss", as: Float.self)
    lossWeight = try program.outputBuffer("lossWeight", as: Float.self)
    correct = hasAccuracy ? try program.outputBuffer("correct", as: Float.self) : nil
    self.counted = counted == nil ? nil : try program.outputBuffer("counted", as: Float.self)
    chosen = task.hasConfusionMatrix ? try program.outputBuffer("chosen", as: Int32.self) : nil
    self.predictions = predictions == nil ? nil : try program.outputBuffer("predictions", as: Float.self)
  }

  func run(_ data: Dataset, _ rows: ArraySlice<Int>) throws {
    try batch.fill(data, rows)
    try program.run()
  }

  /// Adds the latest batch, which had these rows.
  func add(to sums: inout EvaluationSums, _ data: Dataset, _ rows: ArraySlice<Int>) {
    let count = counted.map { Int($0[0]) } ?? rows.count
    sums.loss += Double(loss[0]) * Double(lossWeight[0])
    sums.lossWeight += Double(lossWeight[0])
    sums.count += count
    if let correct { sums.correct = (sums.correct ?? 0) + Int(correct[0]) }
    if let predictions {
      let width = predictions.count / rows.count
      for row in 0..<rows.count { sums.predictions.append(Array(predictions[(row * width)..<((row + 1) * width)])) }
    }
    guard let chosen, case .classes(let classes) = data.targets else { return }
    for (position, row) in rows.enumerated() { sums.count(Int(classes[row]), takenFor: Int(chosen[position])) }
  }
}

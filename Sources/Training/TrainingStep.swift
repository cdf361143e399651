import CPUBackend
import Datasets
import Optimizers

/// One step of training for batches of one size, compiled: forward, gradient, update.
///
/// A class because it owns a program.
final class TrainingStep: LearningStep {
  let program: Program
  let evaluationCount: Int
  private let batch: BatchBuffers
  private let lossBuffer: UnsafeBufferPointer<Float>
  private let lossWeightBuffer: UnsafeBufferPointer<Float>
  private let correctBuffer: UnsafeBufferPointer<Float>?
  private let countedBuffer: UnsafeBufferPointer<Float>?
  private let learningRateBuffer: UnsafeBufferPointer<Float>?

  /// - Parameters:
  ///   - exampleCount: the number of training examples, to which the prior is in proportion.
  ///   - part: where the batch is only a part of one that is learned from in parts.
  init(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, batchSize: Int, exampleCount: Int,
    variables: VariableStore, part: BatchPart? = nil
  ) throws {
    let graph = Graph()
    let context = LayerContext(
      graph, mode: .training, seed: options.seed,
      hasRandomFeedback: options.algorithm == .feedbackAlignment)
    let measures = try task.measures(graph, context, options, batchSize: batchSize, exampleCount: exampleCount)
    graph.output("loss", measures.loss)
    graph.output("lossWeight", measures.lossWeight)
    if let correct = measures.correct { graph.output("correct", correct) }
    if let counted = measures.counted { graph.output("counted", counted) }
    let gradients = try options.algorithm.gradients(of: measures.objective, context)
    let sums = part?.add(gradients, of: measures.lossWeight, context) ?? gradients
    let updates = part?.isLast ?? true
    if updates { graph.output("learningRate", try optimizer.update(context.parameterTensors, with: sums)) }

    let backend = CPUBackend(threads: options.threads)
    program = try compile(
      graph, variables: variables, backend: backend, options: CompilationOptions(precision: options.precision))
    batch = try BatchBuffers(program, task, backend)
    // The way back takes about twice the operations of the way forward, and forward mode as many again as forward.
    evaluationCount = batchSize * (options.algorithm == .forwardGradient ? 2 : 3)
    lossBuffer = try program.outputBuffer("loss", as: Float.self)
    lossWeightBuffer = try program.outputBuffer("lossWeight", as: Float.self)
    correctBuffer = measures.correct == nil ? nil : try program.outputBuffer("correct", as: Float.self)
    countedBuffer = measures.counted == nil ? nil : try program.outputBuffer("counted", as: Float.self)
    learningRateBuffer = updates ? try program.outputBuffer("learningRate", as: Float.self) : nil
  }

  /// Learns from some examples, as many as a batch has.
  func run(
    _ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes, _ pulse: () throws -> Void
  ) throws {
    try batch.fill(data, rows, changes)
    try program.run()
  }

  /// How long the latest step has waited for its batch.
  var dataSeconds: Double { batch.seconds }

  /// The mean loss of the latest batch.
  var loss: Double { Double(lossBuffer[0]) }
  /// What that is a mean over.
  var lossWeight: Double { Double(lossWeightBuffer[0]) }
  /// How many examples of the latest batch were right; nil where that means nothing.
  var correct: Double? { correctBuffer.map { Double($0[0]) } }
  /// How many targets of the latest batch counted; nil where each example is one.
  var counted: Double? { countedBuffer.map { Double($0[0]) } }
  /// The learning rate of the latest step; 0 for a part that updates nothing.
  var learningRate: Double { learningRateBuffer.map { Double($0[0]) } ?? 0 }
}

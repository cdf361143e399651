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
  private let task: LearningTask
  private let lossBuffer: UnsafeBufferPointer<Float>
  private let correctBuffer: UnsafeBufferPointer<Float>?
  private let countedBuffer: UnsafeBufferPointer<Float>?
  private let learningRateBuffer: UnsafeBufferPointer<Float>

  /// - Parameter exampleCount: the number of training examples, to which the prior is in proportion.
  init(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, batchSize: Int, exampleCount: Int,
    variables: VariableStore
  ) throws {
    let graph = Graph()
    let context = LayerContext(
      graph, mode: .training, seed: options.seed,
      hasRandomFeedback: options.algorithm == .feedbackAlignment)
    let measures = try task.measures(graph, context, options, batchSize: batchSize, exampleCount: exampleCount)
    graph.output("loss", measures.loss)
    if let correct = measures.correct { graph.output("correct", correct) }
    if let counted = measures.counted { graph.output("counted", counted) }
    let gradients = try options.algorithm.gradients(of: measures.objective, context)
    graph.output("learningRate", try optimizer.update(context.parameterTensors, with: gradients))

    program = try compile(graph, variables: variables, backend: CPUBackend(threads: options.threads))
    batch = try BatchBuffers(program, task)
    self.task = task
    // The way back takes about twice the operations of the way forward, and forward mode as many again as forward.
    evaluationCount = batchSize * (options.algorithm == .forwardGradient ? 2 : 3)
    lossBuffer = try program.outputBuffer("loss", as: Float.self)
    correctBuffer = measures.correct == nil ? nil : try program.outputBuffer("correct", as: Float.self)
    countedBuffer = measures.counted == nil ? nil : try program.outputBuffer("counted", as: Float.self)
    learningRateBuffer = try program.outputBuffer("learningRate", as: Float.self)
  }

  /// Learns from some examples, as many as a batch has.
  func run(_ data: Dataset, _ rows: ArraySlice<Int>, _ augmentation: Augmentation?, seed: UInt64, epoch: Int) throws {
    try batch.fill(data, rows)
    if case .floats(let features) = batch.features {
      augmentation?.apply(to: features, task.featureShape, rows: rows, seed: seed, epoch: epoch)
    }
    try program.run()
  }

  /// The mean loss of the latest batch.
  var loss: Double { Double(lossBuffer[0]) }
  /// How many examples of the latest batch were right; nil where that means nothing.
  var correct: Double? { correctBuffer.map { Double($0[0]) } }
  /// How many targets of the latest batch counted, of which the loss is the mean; nil where each example is one.
  var counted: Double? { countedBuffer.map { Double($0[0]) } }
  /// The learning rate of the latest step.
  var learningRate: Double { Double(learningRateBuffer[0]) }
}

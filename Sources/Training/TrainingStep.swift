import CPUBackend
import Datasets
import Optimizers

/// One step of training for batches of one size, compiled: forward, gradient, update.
///
/// A class because it owns a program.
final class TrainingStep {
  let program: Program
  private let batch: BatchBuffers
  private let task: LearningTask
  private let lossBuffer: UnsafeBufferPointer<Float>
  private let correctBuffer: UnsafeBufferPointer<Float>?
  private let learningRateBuffer: UnsafeBufferPointer<Float>

  /// - Parameter exampleCount: the number of training examples, to which the prior is in proportion.
  init(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, batchSize: Int, exampleCount: Int,
    variables: VariableStore
  ) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training, seed: options.seed)
    let outputs = try task.trace(graph, context, batchSize: batchSize)
    let targets = task.targets(in: graph, batchSize: batchSize)
    let loss = try task.loss(outputs: outputs, targets: targets, context)
    let objective = try options.prior.map {
      try loss + $0.penalty(on: context.weightTensors, exampleCount: exampleCount)
    }
    graph.output("loss", loss)
    let hasAccuracy = task.hasAccuracy(outputs)
    if hasAccuracy {
      graph.output("correct", try correctCount(outputs: outputs, targets: targets, loss: task.loss))
    }
    let gradients = try gradients(of: objective ?? loss, withRespectTo: context.parameterTensors)
    graph.output("learningRate", try optimizer.update(context.parameterTensors, with: gradients))

    program = try compile(graph, variables: variables, backend: CPUBackend(threads: options.threads))
    batch = try BatchBuffers(program, task)
    self.task = task
    lossBuffer = try program.outputBuffer("loss", as: Float.self)
    correctBuffer = hasAccuracy ? try program.outputBuffer("correct", as: Float.self) : nil
    learningRateBuffer = try program.outputBuffer("learningRate", as: Float.self)
  }

  /// Learns from some examples, as many as a batch has.
  func run(_ data: Dataset, _ rows: ArraySlice<Int>, _ augmentation: Augmentation?, seed: UInt64, epoch: Int) throws {
    try batch.fill(data, rows)
    augmentation?.apply(to: batch.features, task.featureShape, rows: rows, seed: seed, epoch: epoch)
    try program.run()
  }

  /// The mean loss of the latest batch.
  var loss: Double { Double(lossBuffer[0]) }
  /// How many examples of the latest batch were right; nil where that means nothing.
  var correct: Double? { correctBuffer.map { Double($0[0]) } }
  /// The learning rate of the latest step.
  var learningRate: Double { Double(learningRateBuffer[0]) }
}

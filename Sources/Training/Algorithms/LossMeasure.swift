import CPUBackend
import Datasets
import NeuralNetworks
import Optimizers

/// What is made small, as a function of the weights, for one batch: a forward pass and nothing else.
///
/// A class because it owns a program, and changes the weights in the variables' memory.
final class LossMeasure {
  let batchSize: Int
  /// The memory of every parameter.
  let weights: [UnsafeMutableBufferPointer<Float>]
  /// The number of forward passes so far.
  private(set) var runCount = 0

  private let program: Program
  private let batch: BatchBuffers
  private let task: LearningTask
  private let objectiveBuffer: UnsafeBufferPointer<Float>
  private let lossBuffer: UnsafeBufferPointer<Float>
  private let correctBuffer: UnsafeBufferPointer<Float>?

  /// The mean loss and the number of right examples with the weights that were last settled on.
  private(set) var loss = Double.nan
  private(set) var correct: Double?

  init(
    _ task: LearningTask, _ options: TrainingOptions, batchSize: Int, exampleCount: Int, variables: VariableStore
  ) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training, seed: options.seed)
    let (loss, objective, correct) = try task.objective(
      graph, context, options, batchSize: batchSize, exampleCount: exampleCount)
    graph.output("loss", loss)
    graph.output("objective", objective)
    if let correct { graph.output("correct", correct) }
    program = try compile(graph, variables: variables, backend: CPUBackend(threads: options.threads))
    batch = try BatchBuffers(program, task)
    lossBuffer = try program.outputBuffer("loss", as: Float.self)
    objectiveBuffer = try program.outputBuffer("objective", as: Float.self)
    correctBuffer = correct == nil ? nil : try program.outputBuffer("correct", as: Float.self)
    weights = try context.parameters.map { try variables.buffer($0.path, as: Float.self) }
    self.task = task
    self.batchSize = batchSize
    self.correct = correct.map { _ in 0 }
  }

  var weightCount: Int { weights.reduce(0) { $0 + $1.count } }

  func fill(
    _ data: Dataset, _ rows: ArraySlice<Int>, _ augmentation: Augmentation?, seed: UInt64, epoch: Int
  ) throws {
    try batch.fill(data, rows)
    augmentation?.apply(to: batch.features, task.featureShape, rows: rows, seed: seed, epoch: epoch)
  }

  /// Runs the network as its weights are.
  func objective() throws -> Float {
    try program.run()
    runCount += 1
    return objectiveBuffer[0]
  }

  /// Runs the network, and keeps its loss for reports.
  func settle() throws -> Float {
    let value = try objective()
    loss = Double(lossBuffer[0])
    correct = correctBuffer.map { Double($0[0]) }
    return value
  }
}

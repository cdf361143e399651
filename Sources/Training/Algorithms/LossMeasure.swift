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
  private let objectiveBuffer: UnsafeBufferPointer<Float>
  private let lossBuffer: UnsafeBufferPointer<Float>
  private let lossWeightBuffer: UnsafeBufferPointer<Float>
  private let correctBuffer: UnsafeBufferPointer<Float>?
  private let countedBuffer: UnsafeBufferPointer<Float>?

  /// The mean loss with the weights that were last settled on.
  private(set) var loss = Double.nan
  /// What that is a mean over.
  private(set) var lossWeight = 0.0
  private var correctCount = 0.0
  private var count = 0.0

  init(
    _ task: LearningTask, _ options: TrainingOptions, batchSize: Int, exampleCount: Int, variables: VariableStore
  ) throws {
    let graph = Graph()
    let context = LayerContext(graph, mode: .training, seed: options.seed)
    let measures = try task.measures(graph, context, options, batchSize: batchSize, exampleCount: exampleCount)
    graph.output("loss", measures.loss)
    graph.output("lossWeight", measures.lossWeight)
    graph.output("objective", measures.objective)
    if let correct = measures.correct { graph.output("correct", correct) }
    if let counted = measures.counted { graph.output("counted", counted) }
    let backend = CPUBackend(threads: options.threads)
    program = try compile(graph, variables: variables, backend: backend)
    batch = try BatchBuffers(program, task, backend)
    lossBuffer = try program.outputBuffer("loss", as: Float.self)
    lossWeightBuffer = try program.outputBuffer("lossWeight", as: Float.self)
    objectiveBuffer = try program.outputBuffer("objective", as: Float.self)
    correctBuffer = measures.correct == nil ? nil : try program.outputBuffer("correct", as: Float.self)
    countedBuffer = measures.counted == nil ? nil : try program.outputBuffer("counted", as: Float.self)
    weights = try context.parameters.map { try variables.buffer($0.path, as: Float.self) }
    self.batchSize = batchSize
  }

  var weightCount: Int { weights.reduce(0) { $0 + $1.count } }

  func fill(_ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes? = nil) throws {
    try batch.fill(data, rows, changes)
  }

  /// How long the latest batch has taken to come.
  var dataSeconds: Double { batch.seconds }

  /// Runs the network as its weights are.
  func objective() throws -> Float {
    try program.run()
    runCount += 1
    return objectiveBuffer[0]
  }

  /// Runs the network, and keeps its loss for reports.
  func settle() throws -> Float {
    let value = try objective()
    (loss, lossWeight) = (Double(lossBuffer[0]), Double(lossWeightBuffer[0]))
    correctCount = Double(correctBuffer?[0] ?? 0)
    count = Double(countedBuffer?[0] ?? 0)
    return value
  }

  /// The number of right examples with those weights; nil where that means nothing.
  var correct: Double? { correctBuffer.map { _ in correctCount } }
  /// How many targets count; nil where that is all of them.
  var counted: Double? { countedBuffer.map { _ in count } }
}

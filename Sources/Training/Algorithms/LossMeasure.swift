import CPUBackend
import Datasets
import NeuralNetworks
import Optimizers

/// What is made small, as a function of the weights, for one batch: a forward pass and nothing else.
///
/// A step begins with `fill` and ends with `endStep`. All of its forward passes see the same batch, the same layers'
/// state and the same random masks; of the state that they leave, that of `settle` is kept.
///
/// A class because it owns a program, and changes the weights in the variables' memory.
final class LossMeasure {
  let batchSize: Int
  /// The memory of every learned parameter.
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
  /// What layers keep between steps, such as running means.
  private let states: [UnsafeMutableBufferPointer<Float>]
  /// nil where nothing reads it.
  private let stepCounter: UnsafeMutableBufferPointer<Int32>?
  /// How states and step counter were when the step began, and the states that it leaves.
  private var before: (states: [[Float]], step: Int32) = ([], 0)
  private var after: [[Float]] = []

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
    func buffers(_ parameters: [Parameter]) throws -> [UnsafeMutableBufferPointer<Float>] {
      try parameters.map { try variables.buffer($0.path, as: Float.self) }
    }
    weights = try buffers(context.parameters.filter(\.isLearned))
    states = try buffers(context.parameters.filter { !$0.isLearned })
    stepCounter = graph.usesStepCounter ? try variables.buffer(Graph.stepCounterName, as: Int32.self) : nil
    self.batchSize = batchSize
  }

  var weightCount: Int { weights.reduce(0) { $0 + $1.count } }

  /// Begins a step.
  func fill(_ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes? = nil) throws {
    try batch.fill(data, rows, changes)
    after = states.map { Array($0) }
    before = (after, stepCounter?[0] ?? 0)
  }

  /// Ends a step: layers' state becomes what the pass that was settled on has left, and the next masks are others.
  func endStep() {
    write(after)
    stepCounter?[0] = before.step &+ 1
  }

  private func write(_ values: [[Float]]) {
    for (state, values) in zip(states, values) { _ = state.update(from: values) }
  }

  /// How long the latest batch has taken to come.
  var dataSeconds: Double { batch.seconds }

  /// Runs the network as its weights are.
  func objective() throws -> Float {
    let value = try run()
    write(before.states)
    return value
  }

  private func run() throws -> Float {
    try program.run()
    runCount += 1
    return objectiveBuffer[0]
  }

  /// Runs the network, and keeps its loss for reports and the state that its layers leave for the end of the step.
  func settle() throws -> Float {
    let value = try run()
    after = states.map { Array($0) }
    write(before.states)
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

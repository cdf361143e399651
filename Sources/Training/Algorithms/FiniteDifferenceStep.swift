import CPUBackend
import Datasets
import NeuralNetworks
import Optimizers

/// Gradient descent whose every slope is measured: two forward passes a weight.
final class FiniteDifferenceStep: LearningStep {
  private let measure: LossMeasure
  private let update: Program
  private let gradients: [UnsafeMutableBufferPointer<Float>]
  private let learningRateBuffer: UnsafeBufferPointer<Float>
  private var runsBefore = 0

  init(
    _ measure: LossMeasure, _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions,
    variables: VariableStore
  ) throws {
    self.measure = measure
    let graph = Graph()
    let parameters = try task.parameters().filter(\.isLearned)
    let tensors = parameters.map { graph.variable($0.path, $0.type) }
    let slopes = parameters.map { graph.input("gradient of \($0.path)", $0.type) }
    graph.output("learningRate", try optimizer.update(tensors, with: slopes))
    let program = try compile(graph, variables: variables, backend: CPUBackend(threads: options.threads))
    update = program
    gradients = try parameters.map { try program.inputBuffer("gradient of \($0.path)", as: Float.self) }
    learningRateBuffer = try program.outputBuffer("learningRate", as: Float.self)
  }

  var dataSeconds: Double { measure.dataSeconds }
  var loss: Double { measure.loss }
  var lossWeight: Double { measure.lossWeight }
  var correct: Double? { measure.correct }
  var counted: Double? { measure.counted }
  var learningRate: Double { Double(learningRateBuffer[0]) }
  var evaluationCount: Int { (measure.runCount - runsBefore) * measure.batchSize }

  func run(
    _ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes, _ pulse: () throws -> Void
  ) throws {
    runsBefore = measure.runCount
    try measure.fill(data, rows, changes)
    _ = try measure.settle()
    for (weights, slopes) in zip(measure.weights, gradients) {
      for index in weights.indices {
        try pulse()
        slopes[index] = try slope(&weights[index])
      }
    }
    try update.run()
    measure.endStep()
  }

  /// The central difference. The distance balances the error of the formula, which grows with its square, and that of
  /// Float32's rounding, which shrinks with it: the cube root of 2⁻²³, about 2⁻⁸.
  private func slope(_ weight: inout Float) throws -> Float {
    let start = weight
    let distance = 0x1p-8 * max(abs(start), 1)
    defer { weight = start }
    weight = start + distance
    let (above, right) = (try measure.objective(), weight)
    weight = start - distance
    let (below, left) = (try measure.objective(), weight)
    return (above - below) / (right - left)
  }
}

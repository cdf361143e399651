import CPUBackend
import Datasets
import NeuralNetworks
import Optimizers

/// A part of a batch whose gradient is added to that of the parts before it.
struct BatchPart {
  /// The part's share of the batch.
  let share: Double
  /// Whether the weights are updated after it.
  let isLast: Bool

  /// Appends the addition of gradients.
  /// - Returns: the sums so far.
  func add(_ gradients: [Tensor], _ context: LayerContext) -> [Tensor] {
    let graph = context.graph
    let learned = context.parameters.filter(\.isLearned)
    return zip(learned, gradients).map { parameter, gradient in
      let before = graph.variable("\(parameter.path):accumulated", gradient.type)
      let sum = before + gradient * share
      graph.update(before, to: isLast ? before.constantLike(0) : sum)
      return sum
    }
  }
}

/// One step of training for batches that are learned from in parts, so that a part's activations are all the memory
/// that is needed: the parts' gradients add up, and the last one's program updates the weights by the sum.
///
/// The sum is that of the whole batch, but for layers that look at the batch as a whole (batch normalisation sees a
/// part) and for dropout, which draws the same masks in every part. A class because it owns programs.
final class AccumulatedStep: LearningStep {
  private let part: TrainingStep?
  private let last: TrainingStep
  private let partSize: Int
  let evaluationCount: Int
  private(set) var dataSeconds = 0.0
  private(set) var loss = 0.0
  private(set) var correct: Double?
  private(set) var counted: Double?

  init(
    _ task: LearningTask, _ optimizer: Optimizer, _ options: TrainingOptions, batchSize: Int, exampleCount: Int,
    variables: VariableStore
  ) throws {
    partSize = (batchSize - 1) / options.gradientAccumulation + 1
    let lastSize = (batchSize - 1) % partSize + 1
    func step(_ size: Int, isLast: Bool) throws -> TrainingStep {
      try TrainingStep(
        task, optimizer, options, batchSize: size, exampleCount: exampleCount, variables: variables,
        part: BatchPart(share: Double(size) / Double(batchSize), isLast: isLast))
    }
    last = try step(lastSize, isLast: true)
    part = lastSize < batchSize ? try step(partSize, isLast: false) : nil
    evaluationCount = last.evaluationCount / lastSize * batchSize
    correct = last.correct
  }

  func run(
    _ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes, _ pulse: () throws -> Void
  ) throws {
    dataSeconds = 0
    (loss, correct, counted) = (0, last.correct.map { _ in 0 }, last.counted.map { _ in 0 })
    var (start, weight) = (rows.startIndex, 0.0)
    while start < rows.endIndex {
      let end = min(start + partSize, rows.endIndex)
      let step = end < rows.endIndex ? part ?? last : last
      try step.run(data, rows[start..<end], changes, pulse)
      dataSeconds += step.dataSeconds
      let share = step.counted ?? Double(end - start)
      loss += step.loss * share
      weight += share
      if let correct, let more = step.correct { self.correct = correct + more }
      if let counted, let more = step.counted { self.counted = counted + more }
      start = end
    }
    loss /= max(weight, 1)
  }

  var learningRate: Double { last.learningRate }
}

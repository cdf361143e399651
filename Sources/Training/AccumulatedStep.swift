import CPUBackend
import Datasets
import NeuralNetworks
import Optimizers

/// A part of a batch whose gradient is added to that of the parts before it.
struct BatchPart {
  /// Whether the weights are updated after it.
  let isLast: Bool

  /// Appends the addition of gradients.
  /// - Parameter weight: what the mean whose gradients they are was taken over.
  /// - Returns: the gradients of the mean over all parts so far.
  func add(_ gradients: [Tensor], of weight: Tensor, _ context: LayerContext) -> [Tensor] {
    func sum(_ name: String, _ addend: Tensor) -> Tensor {
      let before = context.graph.variable(name, addend.type)
      let sum = before + addend
      context.graph.update(before, to: isLast ? before.constantLike(0) : sum)
      return sum
    }
    // The smallest normal number keeps a batch in which nothing counts from dividing zero by zero.
    let total = maximum(sum("batch:weight", weight), 0x1p-126)
    return zip(context.parameters.filter(\.isLearned), gradients).map { parameter, gradient in
      sum("\(parameter.path):accumulated", gradient * weight) / total
    }
  }
}

/// One step of training for batches that are learned from in parts, so that a part's activations are all the memory
/// that is needed: the parts' gradients add up, and the last one's program updates the weights by the sum.
///
/// Each part's gradient counts by what its loss is a mean over: examples, labelled places or class weights. The sum is
/// that of the whole batch, but for layers that look at the batch as a whole (batch normalisation sees a part, and the
/// members of an ensemble share each part out) and for dropout, which draws the same masks in every part. A class
/// because it owns programs.
final class AccumulatedStep: LearningStep {
  private let part: TrainingStep?
  private let last: TrainingStep
  private let partSize: Int
  let evaluationCount: Int
  private(set) var dataSeconds = 0.0
  private(set) var loss = 0.0
  private(set) var lossWeight = 0.0
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
        part: BatchPart(isLast: isLast))
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
    (loss, lossWeight) = (0, 0)
    (correct, counted) = (last.correct.map { _ in 0 }, last.counted.map { _ in 0 })
    var start = rows.startIndex
    while start < rows.endIndex {
      let end = min(start + partSize, rows.endIndex)
      let step = end < rows.endIndex ? part ?? last : last
      try step.run(data, rows[start..<end], changes, pulse)
      dataSeconds += step.dataSeconds
      loss += step.loss * step.lossWeight
      lossWeight += step.lossWeight
      if let correct, let more = step.correct { self.correct = correct + more }
      if let counted, let more = step.counted { self.counted = counted + more }
      start = end
    }
    if lossWeight > 0 { loss /= lossWeight }
  }

  var learningRate: Double { last.learningRate }
}

import CPUBackend
import Datasets

/// The memory into which a program's batch is written; valid as long as the program.
///
/// A class, since it measures how long its batches take to come.
final class BatchBuffers {
  private enum Targets {
    case classes(UnsafeMutableBufferPointer<Int32>)
    case values(UnsafeMutableBufferPointer<Float>)
  }

  /// How a batch of training examples is changed.
  struct Changes {
    let augmentation: Augmentation?
    let seed: UInt64
    let epoch: Int
  }

  /// How long the latest batch has kept the program waiting.
  private(set) var seconds = 0.0
  private let features: FeatureBuffer
  private let targets: Targets
  private let weights: UnsafeMutableBufferPointer<Float>?
  private let featureShape: Shape
  private let backend: CPUBackend

  init(_ program: Program, _ task: LearningTask, _ backend: CPUBackend) throws {
    features = try FeatureBuffer(program, task)
    featureShape = task.featureShape
    self.backend = backend
    targets =
      task.predictsClasses
      ? .classes(try program.inputBuffer(LearningTask.targetsName, as: Int32.self))
      : .values(try program.inputBuffer(LearningTask.targetsName, as: Float.self))
    weights = task.isWeighted ? try program.inputBuffer(LearningTask.weightsName, as: Float.self) : nil
  }

  /// Writes some examples, on all threads where they are large.
  func fill(_ data: Dataset, _ rows: ArraySlice<Int>, _ changes: Changes? = nil) throws {
    let start = ContinuousClock.now
    defer { seconds = (ContinuousClock.now - start) / .seconds(1) }
    // About three numbers take a nanosecond, and each example must first be fetched from memory.
    let width = featureShape.count + data.targetShape.count
    try backend.share(rows.count, work: rows.count * (width / 3 + 60)) { part in
      let chosen = rows[(rows.startIndex + part.lowerBound)..<(rows.startIndex + part.upperBound)]
      try fillTargets(data, chosen, part)
      let buffer = features.part(part, width: featureShape.count)
      try buffer.fill(data, chosen)
      if let changes, let augmentation = changes.augmentation, case .floats(let features) = buffer {
        augmentation.apply(to: features, featureShape, rows: chosen, seed: changes.seed, epoch: changes.epoch)
      }
    }
  }

  private func fillTargets(_ data: Dataset, _ rows: ArraySlice<Int>, _ part: Range<Int>) throws {
    let width = data.targetShape.count
    switch targets {
    case .classes(let buffer): try data.copyClasses(of: rows, into: buffer.rows(part, width: width))
    case .values(let buffer): try data.copyValues(of: rows, into: buffer.rows(part, width: width))
    }
    if let weights { try data.copyWeights(of: rows, into: weights.rows(part, width: 1)) }
  }
}

extension UnsafeMutableBufferPointer {
  /// The memory of some rows of `width` elements.
  fileprivate func rows(_ rows: Range<Int>, width: Int) -> Self {
    Self(rebasing: self[(rows.lowerBound * width)..<(rows.upperBound * width)])
  }
}

/// The memory of a batch's features: real numbers, or whole ones.
enum FeatureBuffer {
  case floats(UnsafeMutableBufferPointer<Float>)
  case integers(UnsafeMutableBufferPointer<Int32>)

  init(_ program: Program, _ task: LearningTask) throws {
    self =
      task.featureType == .int32
      ? .integers(try program.inputBuffer(LearningTask.featuresName, as: Int32.self))
      : .floats(try program.inputBuffer(LearningTask.featuresName, as: Float.self))
  }

  /// The memory of some of the batch's examples.
  func part(_ examples: Range<Int>, width: Int) -> FeatureBuffer {
    switch self {
    case .floats(let buffer): .floats(buffer.rows(examples, width: width))
    case .integers(let buffer): .integers(buffer.rows(examples, width: width))
    }
  }

  func fill(_ data: Dataset, _ rows: ArraySlice<Int>) throws {
    switch self {
    case .floats(let buffer): try data.copyFeatures(of: rows, into: buffer)
    case .integers(let buffer): try data.copyIntegers(of: rows, into: buffer)
    }
  }

  func clear() {
    switch self {
    case .floats(let buffer): buffer.update(repeating: 0)
    case .integers(let buffer): buffer.update(repeating: 0)
    }
  }
}

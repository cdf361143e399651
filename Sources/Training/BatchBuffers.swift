import CPUBackend
import Datasets

/// The memory into which a program's batch is written; valid as long as the program.
struct BatchBuffers {
  private enum Targets {
    case classes(UnsafeMutableBufferPointer<Int32>)
    case values(UnsafeMutableBufferPointer<Float>)
  }

  let features: FeatureBuffer
  private let targets: Targets
  private let weights: UnsafeMutableBufferPointer<Float>?

  init(_ program: Program, _ task: LearningTask) throws {
    features = try FeatureBuffer(program, task)
    targets =
      task.predictsClasses
      ? .classes(try program.inputBuffer(LearningTask.targetsName, as: Int32.self))
      : .values(try program.inputBuffer(LearningTask.targetsName, as: Float.self))
    weights = task.isWeighted ? try program.inputBuffer(LearningTask.weightsName, as: Float.self) : nil
  }

  func fill(_ data: Dataset, _ rows: ArraySlice<Int>) throws {
    try features.fill(data, rows)
    switch targets {
    case .classes(let buffer): try data.copyClasses(of: rows, into: buffer)
    case .values(let buffer): try data.copyValues(of: rows, into: buffer)
    }
    if let weights { try data.copyWeights(of: rows, into: weights) }
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

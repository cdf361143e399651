import CPUBackend
import Datasets

/// The memory into which a program's batch is written; valid as long as the program.
struct BatchBuffers {
  private enum Targets {
    case classes(UnsafeMutableBufferPointer<Int32>)
    case values(UnsafeMutableBufferPointer<Float>)
  }

  let features: UnsafeMutableBufferPointer<Float>
  private let targets: Targets

  init(_ program: Program, _ task: LearningTask) throws {
    features = try program.inputBuffer(LearningTask.featuresName, as: Float.self)
    targets =
      task.predictsClasses
      ? .classes(try program.inputBuffer(LearningTask.targetsName, as: Int32.self))
      : .values(try program.inputBuffer(LearningTask.targetsName, as: Float.self))
  }

  func fill(_ data: Dataset, _ rows: ArraySlice<Int>) throws {
    try data.copyFeatures(of: rows, into: features)
    switch targets {
    case .classes(let buffer): try data.copyClasses(of: rows, into: buffer)
    case .values(let buffer): try data.copyValues(of: rows, into: buffer)
    }
  }
}

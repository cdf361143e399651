import CPUBackend
import Datasets

/// Brute force, one weight at a time: a little up, else a little down, else left as it was.
///
/// The nudges of all weights grow by a fifth in a pass that moves at least one weight in five, and shrink by half in
/// others, so that the search neither crawls nor jumps over the valley.
final class OneWeightStep: LearningStep {
  private let measure: LossMeasure
  /// By how much weights are moved: a variable, so that a resumed run goes on with it.
  private let nudge: UnsafeMutableBufferPointer<Float>
  private var runsBefore = 0

  /// - Parameter initialNudge: by how much weights are first moved.
  init(_ measure: LossMeasure, initialNudge: Double, variables: VariableStore) throws {
    self.measure = measure
    let name = "search:nudge"
    if variables.type(of: name) == nil { try variables.set(name, to: ShapedArray(scalar: Float(initialNudge))) }
    nudge = try variables.buffer(name, as: Float.self)
  }

  var dataSeconds: Double { measure.dataSeconds }
  var loss: Double { measure.loss }
  var lossWeight: Double { measure.lossWeight }
  var correct: Double? { measure.correct }
  var counted: Double? { measure.counted }
  var learningRate: Double { Double(nudge[0]) }
  var evaluationCount: Int { (measure.runCount - runsBefore) * measure.batchSize }

  func run(
    _ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes, _ pulse: () throws -> Void
  ) throws {
    runsBefore = measure.runCount
    try measure.fill(data, rows, changes)
    var best = try measure.settle()
    var moved = 0
    for weights in measure.weights {
      for index in weights.indices {
        try pulse()
        if try improve(&weights[index], &best) { moved += 1 }
      }
    }
    measure.endStep()
    nudge[0] *= 5 * moved >= measure.weightCount ? 1.2 : 0.5
  }

  private func improve(_ weight: inout Float, _ best: inout Float) throws -> Bool {
    let start = weight
    for candidate in [start + nudge[0], start - nudge[0]] {
      weight = candidate
      let value = try measure.objective()
      if value < best {
        best = value
        return true
      }
    }
    weight = start
    return false
  }
}

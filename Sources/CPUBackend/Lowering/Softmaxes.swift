import CKernels
import Compilation

extension Lowering {
  func softmax(axis: Int, isLogarithm: Bool) -> PreparedKernel? {
    let (outer, extent, inner) = split(step.operands[0].shape, at: axis)
    let workers = workers(work: step.operands[0].count)
    return PreparedKernel(
      cost: cost(operations: 5 * step.operands[0].count), implementation: isLogarithm ? "log softmax" : "softmax"
    ) { buffers in
      guard let destination = buffers.results[0] else { return [] }
      return [
        BoundKernel(ck_run_softmax, ck_softmax(
          outer: Int64(outer), extent: Int64(extent), inner: Int64(inner), is_log: isLogarithm ? 1 : 0,
          workers: workers, source: buffers.operands[0].assumingMemoryBound(to: Float.self),
          destination: destination.assumingMemoryBound(to: Float.self)))
      ]
    }
  }

  /// Cross-entropy, its probabilities and, for the fused form, its gradient: what is wanted of them.
  func crossEntropy() -> PreparedKernel? {
    let logits = step.operands[0]
    let rows = logits.shape[0]
    let workers = workers(work: logits.count)
    // The kernel works in a row of probabilities or of the gradient; where neither is wanted it works in scratch
    // memory.
    let worksInScratch = !step.isWanted.dropFirst().contains(true)
    return PreparedKernel(
      scratchByteCount: worksInScratch ? logits.byteCount : 0, cost: cost(operations: 6 * logits.count),
      implementation: "cross-entropy"
    ) { [step] buffers in
      func floats(_ index: Int) -> UnsafeMutablePointer<Float>? {
        index < buffers.results.count ? buffers.results[index]?.assumingMemoryBound(to: Float.self) : nil
      }
      let cotangents = step.operands.count > 2 ? buffers.operands[2].assumingMemoryBound(to: Float.self) : nil
      return [
        BoundKernel(ck_run_cross_entropy, ck_cross_entropy(
          rows: Int64(rows), classes: Int64(logits.shape[1]), workers: workers,
          logits: buffers.operands[0].assumingMemoryBound(to: Float.self),
          labels: buffers.operands[1].assumingMemoryBound(to: Int32.self), cotangents: cotangents,
          cotangent_stride: step.operands.count > 2 && step.operands[2].shape.rank == 1 ? 1 : 0, losses: floats(0),
          probabilities: worksInScratch ? buffers.scratch.assumingMemoryBound(to: Float.self) : floats(1),
          gradient: floats(2)))
      ]
    }
  }
}

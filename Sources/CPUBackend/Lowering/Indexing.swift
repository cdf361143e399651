import CKernels
import Compilation

extension Lowering {
  func gather(_ gather: Gather) -> PreparedKernel? {
    let (outer, extent, inner) = split(step.operands[0].shape, at: gather.axis)
    return indexing(
      "gather", ck_run_gather, axis: (outer, extent, inner), elementType: step.operands[0].elementType,
      workers: workers(work: step.results[0].count))
  }

  func scatterAdd(_ scatter: ScatterAdd) -> PreparedKernel? {
    guard step.operands[0].elementType == .float32 else { return nil }
    let (outer, extent, inner) = split(step.results[0].shape, at: scatter.axis)
    return indexing(
      "scatter", ck_run_scatter_add, axis: (outer, extent, inner), elementType: .float32,
      workers: workers(work: step.operands[0].count))
  }

  private func indexing(
    _ name: String, _ function: @escaping BoundKernel.Function, axis: (outer: Int, extent: Int, inner: Int),
    elementType: ElementType, workers: Int32
  ) -> PreparedKernel {
    PreparedKernel(cost: cost(operations: 0), implementation: name) { [step] buffers in
      guard let destination = buffers.results[0] else { return [] }
      return [
        BoundKernel(function, ck_indexing(
          outer: Int64(axis.outer), extent: Int64(axis.extent), inner: Int64(axis.inner),
          index_count: Int64(step.operands[1].count), element_bytes: Int32(elementType.byteCount), workers: workers,
          table: buffers.operands[0], indices: buffers.operands[1].assumingMemoryBound(to: Int32.self),
          destination: destination))
      ]
    }
  }

  func oneHot(_ oneHot: OneHot) -> PreparedKernel? {
    PreparedKernel(cost: cost(operations: 0), implementation: "one-hot") { [step] buffers in
      guard let destination = buffers.results[0] else { return [] }
      return [
        BoundKernel(ck_run_one_hot, ck_one_hot(
          count: Int64(step.operands[0].count), depth: Int64(oneHot.depth),
          indices: buffers.operands[0].assumingMemoryBound(to: Int32.self),
          destination: destination.assumingMemoryBound(to: Float.self)))
      ]
    }
  }
}

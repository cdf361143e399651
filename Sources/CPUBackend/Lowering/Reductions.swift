import CKernels
import Compilation

extension Lowering {
  func reduction(_ reduction: any Reduction) -> PreparedKernel? {
    let kinds: [String: ck_reduction] = [
      ReduceSum.name: CK_SUM, ReduceMean.name: CK_MEAN, ReduceMaximum.name: CK_REDUCE_MAXIMUM,
      ReduceMinimum.name: CK_REDUCE_MINIMUM, ReduceProduct.name: CK_PRODUCT, LogSumExp.name: CK_LOG_SUM_EXP,
    ]
    guard let kind = kinds[reduction.name] else { return nil }
    return reduce(kind, axes: reduction.axes)
  }

  func argumentMaximum(_ argument: ArgumentMaximum) -> PreparedKernel? {
    reduce(CK_ARGUMENT_MAXIMUM, axes: [argument.axis])
  }

  /// Reduces along one run of neighbouring axes; where the axes do not lie together they are first copied so that they
  /// do.
  private func reduce(_ kind: ck_reduction, axes reduced: [Int]) -> PreparedKernel? {
    let shape = step.operands[0].shape
    let kept = shape.dimensions.indices.filter { !reduced.contains($0) }
    let (strides, order) = (shape.strides, kept + reduced)
    let isOneRun = zip(reduced, reduced.dropFirst()).allSatisfy { a, b in
      shape.dimensions[(a + 1)..<b].allSatisfy { $0 == 1 }
    }
    let extent = reduced.reduce(1) { $0 * shape[$1] }
    var (outer, inner) = (kept.reduce(1) { $0 * shape[$1] }, 1)
    var gathering: MergedCopy?
    if isOneRun, let first = reduced.first, let last = reduced.last {
      outer = shape.dimensions.prefix(first).reduce(1, *)
      inner = shape.dimensions.dropFirst(last + 1).reduce(1, *)
    } else if !reduced.isEmpty {
      let target = Shape(order.map { shape[$0] })
      gathering = MergedCopy(
        target, StridedArray(strides: order.map { strides[$0] }), StridedArray(strides: target.strides))
    }
    guard (gathering?.extents.count ?? 0) <= largestRank else { return nil }
    let isCostly = kind == CK_LOG_SUM_EXP || kind == CK_ARGUMENT_MAXIMUM
    let workers = workers(work: shape.count / (isCostly ? 1 : 8))
    return PreparedKernel(
      scratchByteCount: gathering == nil ? 0 : shape.count * 4, cost: cost(operations: shape.count),
      implementation: gathering == nil ? "reduce" : "copy, reduce"
    ) { buffers in
      guard let destination = buffers.results[0] else { return [] }
      var kernels: [BoundKernel] = []
      var source = buffers.operands[0]
      if let gathering {
        kernels.append(BoundKernel(ck_run_copy, ck_copy(
          rank: Int32(gathering.extents.count), element_bytes: 4, workers: workers, extents: axes(gathering.extents),
          source_strides: axes(gathering.source.strides), destination_strides: axes(gathering.destination.strides),
          source: source, destination: buffers.scratch)))
        source = UnsafeRawPointer(buffers.scratch)
      }
      kernels.append(BoundKernel(ck_run_reduce, ck_reduce(
        outer: Int64(outer), extent: Int64(extent), inner: Int64(inner), kind: Int32(kind.rawValue), workers: workers,
        source: source.assumingMemoryBound(to: Float.self), destination: destination)))
      return kernels
    }
  }
}

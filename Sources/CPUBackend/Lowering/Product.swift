import CKernels
import Compilation

extension Lowering {
  /// oneDNN's product, in the plain layouts of our tensors, or a small one without it.
  func product(_ fused: FusedMatrixMultiply) throws -> PreparedKernel? {
    let extents = try fused.product.extents(step.operands[0].shape, step.operands[1].shape)
    guard extents.inner > 0, let shape = productShape(fused, extents) else { return nil }
    if let direct = directProduct(fused, shape) { return direct }
    let multiplications = extents.batch.count * extents.rows * extents.columns * extents.inner
    var description = shape
    description.threads = multiplications > 128_000 ? Int32(threads) : 1
    description.is_bfloat16 = areFactorsRounded ? 1 : 0
    let isLargeGradient = fused.product.transposesLeft && multiplications > 100_000_000
    description.packs = isLargeGradient && !areFactorsRounded ? 1 : 0
    guard let handle = PrimitiveHandle(withUnsafePointer(to: description, ck_matmul_create)) else { return nil }
    let accumulator = fused.accumulatorIndex
    return PreparedKernel(
      scratchByteCount: handle.scratchByteCount, inPlace: accumulator.map { [(result: 0, operand: $0)] } ?? [],
      cost: cost(operations: 2 * multiplications), implementation: handle.implementation
    ) { [step] buffers in
      guard let destination = buffers.results[0] else { return [] }
      var kernels: [BoundKernel] = []
      if let accumulator, UnsafeRawPointer(destination) != buffers.operands[accumulator] {
        kernels.append(Self.copyKernel(from: buffers.operands[accumulator], to: destination, step.results[0]))
      }
      var arguments: [(ck_argument, UnsafeRawPointer)] = [
        (CK_SOURCE, buffers.operands[0]), (CK_WEIGHTS, buffers.operands[1]),
        (CK_DESTINATION, UnsafeRawPointer(destination)), (CK_SCRATCH, UnsafeRawPointer(buffers.scratch)),
      ]
      if let bias = fused.biasIndex { arguments.append((CK_BIAS, buffers.operands[bias])) }
      if let scale = fused.scaleIndex { arguments.append((CK_OUTPUT_SCALE, buffers.operands[scale])) }
      kernels.append(try handle.bind(arguments))
      return kernels
    }
  }

  private func productShape(_ fused: FusedMatrixMultiply, _ extents: MatrixMultiply.Extents) -> ck_matmul_shape? {
    let (left, right) = (step.operands[0].shape, step.operands[1].shape)
    let product = fused.product
    var (rows, batch) = (extents.rows, extents.batch.dimensions)
    var leftBatch = Array(left.dimensions.dropLast(2))
    var rightBatch = Array(right.dimensions.dropLast(2))
    if rightBatch.reduce(1, *) == 1, !product.transposesLeft {
      // One matrix for the whole batch: the batch is just more rows.
      rows *= batch.reduce(1, *)
      (batch, leftBatch, rightBatch) = ([], [], [])
    }
    guard batch.count + 2 <= largestRank else { return nil }
    leftBatch = Array(repeating: 1, count: batch.count - leftBatch.count) + leftBatch
    rightBatch = Array(repeating: 1, count: batch.count - rightBatch.count) + rightBatch
    func strides(_ batch: [Int], _ matrix: (Int, Int), transposed: Bool) -> [Int] {
      let inner = transposed ? [1, matrix.0] : [matrix.1, 1]
      return Shape(batch + [matrix.0 * matrix.1]).strides.dropLast().map { $0 } + inner
    }
    let (inner, columns) = (extents.inner, extents.columns)
    return ck_matmul_shape(
      rank: Int32(batch.count + 2), left_extents: axes(leftBatch + [rows, inner]),
      right_extents: axes(rightBatch + [inner, columns]), destination_extents: axes(batch + [rows, columns]),
      left_strides: axes(strides(leftBatch, (rows, inner), transposed: product.transposesLeft)),
      right_strides: axes(strides(rightBatch, (inner, columns), transposed: product.transposesRight)),
      has_bias: fused.hasBias ? 1 : 0, accumulates: fused.accumulates ? 1 : 0,
      has_runtime_scale: fused.hasScaleOperand ? 1 : 0, is_bfloat16: 0, packs: 0,
      scale: Float((fused.scale ?? 1) * (fused.negates ? -1 : 1)), threads: 1)
  }
}

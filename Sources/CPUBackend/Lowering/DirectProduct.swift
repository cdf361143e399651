import CKernels
import Compilation

extension Lowering {
  /// A product of two small matrices without a library, whose call would take longer; nil where that is not so.
  func directProduct(_ fused: FusedMatrixMultiply, _ shape: ck_matmul_shape) -> PreparedKernel? {
    guard shape.rank == 2, !areFactorsRounded else { return nil }
    var product = ck_direct_product()
    (product.rows, product.inner) = (shape.left_extents.0, shape.left_extents.1)
    product.columns = shape.right_extents.1
    (product.left_row, product.left_inner) = (shape.left_strides.0, shape.left_strides.1)
    (product.right_inner, product.right_column) = (shape.right_strides.0, shape.right_strides.1)
    product.factor = shape.scale
    guard Self.isDirect(product) else { return nil }
    return PreparedKernel(
      scratchByteCount: 4 * Int(ck_direct_product_scratch(&product)),
      inPlace: fused.accumulatorIndex.map { [(result: 0, operand: $0)] } ?? [],
      cost: cost(operations: 2 * Int(product.rows * product.columns * product.inner)), implementation: "direct product"
    ) { buffers in
      guard let destination = buffers.results[0] else { return [] }
      func operand(_ index: Int?) -> UnsafePointer<Float>? {
        index.map { buffers.operands[$0].assumingMemoryBound(to: Float.self) }
      }
      var bound = product
      (bound.left, bound.right) = (operand(0), operand(1))
      (bound.scale, bound.bias) = (operand(fused.scaleIndex), operand(fused.biasIndex))
      bound.added = operand(fused.accumulatorIndex)
      bound.destination = destination.assumingMemoryBound(to: Float.self)
      bound.scratch = buffers.scratch.assumingMemoryBound(to: Float.self)
      return [BoundKernel(ck_run_direct_product, bound)]
    }
  }

  /// Whether the product takes less time than a call of oneDNN, which takes half a microsecond and more. A single row,
  /// which reads every weight once, is faster up to sizes that are worth several threads.
  private static func isDirect(_ product: ck_direct_product) -> Bool {
    let (rows, columns, inner) = (Int(product.rows), Int(product.columns), Int(product.inner))
    let isTurned = product.right_column != 1
    guard rows > 1 else { return inner * columns <= (isTurned ? 1_024 : 128_000) }
    guard rows * columns <= 16_384, inner <= 16_384 else { return false }
    // Nanoseconds as measured with 512-bit vectors: for each vector, each row of a panel, and each turned element.
    let vectors = (rows + 7) / 8 * 8 * ((columns + 15) / 16) * inner
    let multiplying = Double(vectors) * (columns > 16 ? 0.2 : 0.45)
    let storing = Double(7 * rows * ((columns + 31) / 32))
    return multiplying + storing + (isTurned ? Double(inner * columns) / 2 : 0) < 700
  }
}

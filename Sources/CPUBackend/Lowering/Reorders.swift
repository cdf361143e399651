import CKernels
import Compilation

extension Lowering {
  /// Whether a product or a convolution is of operands that were rounded to bfloat16.
  var areFactorsRounded: Bool { step.operands.first?.elementType == .bfloat16 }

  /// Real numbers rounded to bfloat16; nil where oneDNN cannot.
  func rounding() -> PreparedKernel? {
    let count = step.operands[0].count
    return PrimitiveHandle(ck_rounding_create(Int64(count), workers(work: count / 4))).map(reorder)
  }

  /// What copies the step's operand to its result, in another layout or as other elements.
  func reorder(_ handle: PrimitiveHandle) -> PreparedKernel {
    PreparedKernel(
      scratchByteCount: handle.scratchByteCount, cost: cost(operations: 0), implementation: handle.implementation
    ) { buffers in
      guard let destination = buffers.results[0] else { return [] }
      return [
        try handle.bind([
          (CK_SOURCE, buffers.operands[0]), (CK_DESTINATION, UnsafeRawPointer(destination)),
          (CK_SCRATCH, UnsafeRawPointer(buffers.scratch)),
        ])
      ]
    }
  }
}

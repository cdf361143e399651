import CKernels
import Compilation

/// Owns a oneDNN primitive and what belongs to it.
final class PrimitiveHandle {
  private let primitive: OpaquePointer

  /// nil when oneDNN has no such primitive.
  init?(_ primitive: OpaquePointer?) {
    guard let primitive else { return nil }
    self.primitive = primitive
  }

  deinit { ck_primitive_destroy(primitive) }

  var scratchByteCount: Int { ck_primitive_scratch_bytes(primitive) }
  var implementation: String { "oneDNN " + String(cString: ck_primitive_implementation(primitive)) }

  /// Whether an argument must be rewritten from or to the plain layout.
  func wantsLayout(_ argument: ck_argument) -> Bool {
    ck_primitive_wants_layout(primitive, Int32(argument.rawValue)) != 0
  }

  /// The size of an argument in the layout that the primitive wants.
  func byteCount(_ argument: ck_argument) -> Int { ck_primitive_argument_bytes(primitive, Int32(argument.rawValue)) }

  /// What rewrites an argument into the layout that the primitive wants, or back.
  func reorder(_ argument: ck_argument, isBack: Bool = false, threads: Int32) -> PrimitiveHandle? {
    PrimitiveHandle(ck_reorder_create(primitive, Int32(argument.rawValue), isBack ? 1 : 0, threads))
  }

  /// The kernel that runs the primitive on these addresses. A handle can be bound once.
  func bind(_ arguments: [(ck_argument, UnsafeRawPointer)]) throws -> BoundKernel {
    for (argument, data) in arguments {
      guard ck_primitive_bind(primitive, Int32(argument.rawValue), data) == 0 else {
        throw ShapeError("oneDNN's \(implementation) refused its memory")
      }
    }
    return BoundKernel(function: ck_run_primitive, context: UnsafeRawPointer(primitive), owner: self)
  }
}

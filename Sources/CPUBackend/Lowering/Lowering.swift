import CKernels
import Compilation

/// Chooses the kernels of one operation for the types that it meets.
struct Lowering {
  let step: StepTypes
  let threads: Int

  init(_ step: StepTypes, threads: Int) {
    self.step = step
    self.threads = threads
  }

  /// Whether there is nothing to compute: no elements, or none that anything reads.
  var isEmpty: Bool { zip(step.results, step.isWanted).allSatisfy { $0.count == 0 || !$1 } }

  var nothing: PreparedKernel {
    PreparedKernel(cost: KernelCost(operations: 0, bytes: 0), implementation: "nothing") { _ in [] }
  }

  /// Bytes of operands and wanted results, each once.
  var bytes: Int {
    step.operands.reduce(0) { $0 + $1.byteCount }
      + zip(step.results, step.isWanted).reduce(0) { $0 + ($1.1 ? $1.0.byteCount : 0) }
  }

  func cost(operations: Int) -> KernelCost { KernelCost(operations: operations, bytes: bytes) }

  /// How many threads pay for themselves: waking one costs about a microsecond.
  /// - Parameter work: in nanoseconds on one thread, roughly.
  func workers(work: Int) -> Int32 { Int32(Self.workers(work: work, threads: threads)) }

  static func workers(work: Int, threads: Int) -> Int { max(1, min(threads, work / 3_000)) }

  /// The extents before, along and after an axis.
  func split(_ shape: Shape, at axis: Int) -> (outer: Int, extent: Int, inner: Int) {
    (
      shape.dimensions.prefix(axis).reduce(1, *), shape[axis],
      shape.dimensions.dropFirst(axis + 1).reduce(1, *)
    )
  }

  /// The operation's own definition, for operations that have no kernel (those of other packages): slow, never wrong.
  func reference() -> PreparedKernel {
    PreparedKernel(cost: cost(operations: 0), implementation: "reference") { [step] buffers in
      let call = ReferenceCall(step, buffers)
      return [
        BoundKernel(
          function: { context in
            guard let context else { return 3 }
            return Unmanaged<ReferenceCall>.fromOpaque(context).takeUnretainedValue().run()
          },
          context: UnsafeRawPointer(Unmanaged.passUnretained(call).toOpaque()), owner: call)
      ]
    }
  }
}

/// Evaluates an operation by its definition on a program's memory.
private final class ReferenceCall: ExplainingOwner {
  private let step: StepTypes
  private let buffers: Buffers
  private(set) var failure: (any Error)?

  init(_ step: StepTypes, _ buffers: Buffers) {
    self.step = step
    self.buffers = buffers
  }

  func run() -> Int32 {
    let operands = zip(buffers.operands, step.operands).map { $0.doubles($1) }
    do {
      let results = try step.operation.results(of: operands, as: step.results)
      for (index, result) in results.enumerated() {
        buffers.results[index]?.store(result.scalars, as: step.results[index].elementType)
      }
      return 0
    } catch {
      failure = error
      return Int32(CK_CALLBACK_FAILED.rawValue)
    }
  }
}

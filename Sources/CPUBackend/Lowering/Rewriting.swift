import CKernels
import Compilation

/// A oneDNN primitive with the reorders before and after it, where it wants an operand or a result in a layout that is
/// not the plain one.
struct Rewriting {
  private let handle: PrimitiveHandle
  private let operands: [ck_argument]
  private let results: [ck_argument]
  /// By argument that is rewritten: what does it, and where in scratch memory the rewritten array lies.
  private var reorders: [(argument: ck_argument, handle: PrimitiveHandle, offset: Int)] = []
  /// For the primitive, its rewritten arguments, and the reorders' own scratch memory, which they share.
  private(set) var scratchByteCount: Int
  private let sharedOffset: Int

  /// - Parameters:
  ///   - operands: which argument each operand is.
  ///   - results: which argument each result is.
  ///   - packed: the operands that need no rewriting, because they lie as the primitive wants them.
  /// - Throws: `ShapeError` when oneDNN cannot rewrite what it wants rewritten.
  init(
    _ handle: PrimitiveHandle, operands: [ck_argument], results: [ck_argument], packed: [Int] = [], threads: Int32
  ) throws {
    self.handle = handle
    self.operands = operands
    self.results = results
    var offset = aligned(handle.scratchByteCount)
    let plain = operands.indices.filter { !packed.contains($0) }.map { (operands[$0], false) }
    for (argument, isBack) in plain + results.map({ ($0, true) }) where handle.wantsLayout(argument) {
      guard let reorder = handle.reorder(argument, isBack: isBack, threads: threads) else {
        throw ShapeError("oneDNN's \(handle.implementation) wants a layout that it cannot make")
      }
      reorders.append((argument, reorder, offset))
      offset += aligned(handle.byteCount(argument))
    }
    sharedOffset = offset
    scratchByteCount = offset + (reorders.map(\.handle.scratchByteCount).max() ?? 0)
  }

  /// The operands that are rewritten, and how many elements they take then.
  /// - Parameter types: of the operands as they come.
  func packings(_ types: [TensorType]) -> [PackedStep.Packing] {
    operands.indices.compactMap { operand in
      guard reorder(ofOperand: operand) != nil else { return nil }
      let size = types[operand].elementType.byteCount
      return .init(operand: operand, count: (handle.byteCount(operands[operand]) + size - 1) / size)
    }
  }

  /// What rewrites an operand; nil where none is needed.
  func reorder(ofOperand operand: Int) -> PrimitiveHandle? {
    reorders.first { $0.argument == operands[operand] }?.handle
  }

  /// The name of the implementation, with what is rewritten for it.
  var implementation: String {
    reorders.isEmpty ? handle.implementation : "\(handle.implementation), \(reorders.count) rewritten"
  }

  /// The kernels in their order: rewriting of operands, the primitive, rewriting of results.
  func bind(_ buffers: Buffers) throws -> [BoundKernel] {
    var (before, after): ([BoundKernel], [BoundKernel]) = ([], [])
    var arguments: [(ck_argument, UnsafeRawPointer)] = [(CK_SCRATCH, UnsafeRawPointer(buffers.scratch))]
    func add(_ argument: ck_argument, at plain: UnsafeRawPointer, isResult: Bool) throws {
      guard let reorder = reorders.first(where: { $0.argument == argument }) else {
        return arguments.append((argument, plain))
      }
      let rewritten = UnsafeRawPointer(buffers.scratch + reorder.offset)
      arguments.append((argument, rewritten))
      let shared = UnsafeRawPointer(buffers.scratch + sharedOffset)
      let kernel = try reorder.handle.bind([
        (CK_SOURCE, isResult ? rewritten : plain), (CK_DESTINATION, isResult ? plain : rewritten), (CK_SCRATCH, shared),
      ])
      if isResult { after.append(kernel) } else { before.append(kernel) }
    }
    for (argument, data) in zip(operands, buffers.operands) { try add(argument, at: data, isResult: false) }
    for (argument, data) in zip(results, buffers.results) {
      guard let data else { return [] }
      try add(argument, at: UnsafeRawPointer(data), isResult: true)
    }
    return before + [try handle.bind(arguments)] + after
  }
}

/// The next multiple of a cache line.
private func aligned(_ byteCount: Int) -> Int { (byteCount + 63) / 64 * 64 }

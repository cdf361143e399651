import CKernels
import Compilation

extension Lowering {
  /// One loop over cache-sized blocks, each instruction over a block at a time.
  func elementwise(_ fused: FusedElementwise) -> PreparedKernel? {
    let loop = LoopShape(fused.shape, step.operands.map(\.shape))
    guard loop.extents.count <= largestRank, let code = try? ElementwiseCode(fused, step.operands) else { return nil }
    let count = fused.shape.count
    let work = count * (code.instructions.reduce(0) { $0 + $1.weight } + step.operands.count) / 8
    let workers = workers(work: work)
    let operations = count * fused.instructions.count
    return PreparedKernel(
      scratchByteCount: Int(workers) * code.slotCount * Int(CK_BLOCK) * 4, inPlace: inPlace(fused),
      cost: cost(operations: operations), implementation: "loop of \(fused.instructions.count)"
    ) { [step] buffers in
      let context = Context()
      let sources = code.sources.map { source in
        source.bound(buffers, step.operands, loop, isWhole: { step.operands[$0].shape.count == count })
      }
      let overwritten = code.overwrittenOperands(buffers)
      let sinks = fused.results.indices.compactMap { result -> ck_sink? in
        guard let data = buffers.results[result] else { return nil }
        let isBool = step.results[result].elementType == .bool
        let isDirect = !isBool && code.canWriteDirectly(result, overwritten: overwritten)
        return ck_sink(
          slot: code.resultSlots[result], is_bool: isBool ? 1 : 0, is_direct: isDirect ? 1 : 0, data: data)
      }
      let instructions = code.instructions.map(\.encoded)
      return [
        BoundKernel(
          function: ck_run_elementwise,
          context: UnsafeRawPointer(context.keep(ck_elementwise(
            count: Int64(count), rank: Int32(loop.extents.count), workers: workers, extents: axes(loop.extents),
            source_count: Int32(sources.count), sink_count: Int32(sinks.count),
            instruction_count: Int32(instructions.count), slot_count: Int32(code.slotCount),
            sources: context.keep(sources), sinks: context.keep(sinks), instructions: context.keep(instructions),
            registers: buffers.scratch.assumingMemoryBound(to: Float.self)))),
          owner: context)
      ]
    }
  }

  /// A result may take the memory of an operand of its size: blocks are read before they are written.
  private func inPlace(_ fused: FusedElementwise) -> [(result: Int, operand: Int)] {
    fused.results.indices.flatMap { result in
      step.operands.indices.filter {
        step.operands[$0].shape == fused.shape && step.operands[$0].elementType.byteCount == step.results[result].elementType.byteCount
      }.map { (result, $0) }
    }
  }
}

/// The axes of a loop, merged where every operand allows it, with each operand's strides along them.
struct LoopShape {
  private(set) var extents: [Int]
  /// By operand.
  private(set) var strides: [[Int]]

  init(_ shape: Shape, _ operands: [Shape]) {
    let whole = operands.map { $0.broadcastStrides(to: shape) }
    extents = []
    strides = operands.map { _ in [] }
    for axis in shape.dimensions.indices where shape[axis] != 1 {
      let merges = !extents.isEmpty && operands.indices.allSatisfy { operand in
        strides[operand][extents.count - 1] == whole[operand][axis] * shape[axis]
      }
      if merges {
        extents[extents.count - 1] *= shape[axis]
        for operand in operands.indices { strides[operand][extents.count - 1] = whole[operand][axis] }
      } else {
        extents.append(shape[axis])
        for operand in operands.indices { strides[operand].append(whole[operand][axis]) }
      }
    }
    if extents.isEmpty {
      extents = [1]
      strides = operands.map { _ in [0] }
    }
  }
}

import CKernels
import Compilation

extension Lowering {
  /// One loop over cache-sized blocks, each instruction over a block at a time.
  func loop(_ fused: FusedElementwise) -> PreparedKernel? {
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
            flushes_subnormals: flushesSubnormals,
            sources: context.keep(sources), sinks: context.keep(sinks), instructions: context.keep(instructions),
            registers: buffers.scratch.assumingMemoryBound(to: Float.self)))),
          owner: context)
      ]
    }
  }

  /// One loop that was compiled ahead; nil where there is none.
  func compiledLoop(_ fused: FusedElementwise) -> PreparedKernel? {
    guard let pattern = LoopPattern(fused, step.operands, results: step.results), let loop = pattern.compiledLoop,
      step.isWanted.allSatisfy({ $0 })
    else { return nil }
    let count = fused.shape.count
    return PreparedKernel(
      inPlace: inPlace(fused), cost: cost(operations: count * fused.instructions.count),
      implementation: "compiled loop of \(fused.instructions.count)"
    ) { [self] buffers in
      let context = Context()
      func floats(_ operand: Int) -> UnsafePointer<Float>? {
        buffers.operands[operand].assumingMemoryBound(to: Float.self)
      }
      let scalars = pattern.scalars.map { scalar -> UnsafePointer<Float>? in
        switch scalar {
        case .operand(let operand): floats(operand)
        case .constant(let value): UnsafePointer(context.keep(value))
        }
      }
      let results = buffers.results.map { $0?.assumingMemoryBound(to: Float.self) }
      return [
        BoundKernel(
          function: ck_run_compiled_loop,
          context: UnsafeRawPointer(context.keep(ck_compiled_loop(
            count: Int64(count), workers: workers(work: count * pattern.weight / 16),
            flushes_subnormals: flushesSubnormals, loop: loop,
            arrays: context.keep(padded(pattern.arrays.map(floats), to: Int(CK_MOST_ARRAYS))),
            scalars: context.keep(padded(scalars, to: Int(CK_MOST_SCALARS), with: UnsafePointer(context.keep(0)))),
            results: context.keep(padded(results, to: Int(CK_MOST_RESULTS)))))),
          owner: context)
      ]
    }
  }

  /// A list of the length that the loop reads; what is added to it is only looked at.
  private func padded<Element>(_ list: [Element], to length: Int, with filling: Element? = nil) -> [Element] {
    guard let filling = filling ?? list.first else { return list }
    return list + Array(repeating: filling, count: max(0, length - list.count))
  }

  /// The updates of weights take subnormal numbers for zeros: moments decay to them, and stay there.
  private var flushesSubnormals: Int32 { step.phase == .update ? 1 : 0 }

  /// A result may take the memory of an operand of its size: blocks are read before they are written.
  private func inPlace(_ fused: FusedElementwise) -> [(result: Int, operand: Int)] {
    fused.results.indices.flatMap { result in
      step.operands.indices.filter {
        step.operands[$0].shape == fused.shape
          && step.operands[$0].elementType.byteCount == step.results[result].elementType.byteCount
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

import CKernels
import Compilation

extension Lowering {
  func recurrence(_ recurrence: Recurrence) throws -> PreparedKernel? {
    let shape = try RecurrentShape(recurrence, step.operands, threads: threads)
    return PreparedKernel(
      scratchByteCount: shape.scratchByteCount(isGradient: false), cost: cost(operations: shape.operations),
      implementation: "recurrence, \(recurrence.cell)"
    ) { [step] buffers in
      let results = buffers.results.map { $0?.assumingMemoryBound(to: Float.self) }
      guard zip(results, step.isWanted).contains(where: { $0.0 != nil && $0.1 }) else { return [] }
      return [BoundKernel(ck_run_recurrence, shape.context(buffers.operands[...], results, buffers.scratch))]
    }
  }

  func recurrenceGradient(_ gradient: RecurrenceGradient) throws -> PreparedKernel? {
    let (recurrence, given) = (gradient.recurrence, gradient.givenCount)
    let end = given + recurrence.operandCount
    let shape = try RecurrentShape(recurrence, Array(step.operands[given..<end]), threads: threads)
    // An LSTM's gates are read, unit by unit, before the cotangents of what they were made of are written.
    let worksInPlace = recurrence.cell == .lstm && gradient.cotangentIndex(ofResult: recurrence.resultCount - 1) == nil
    return PreparedKernel(
      scratchByteCount: shape.scratchByteCount(isGradient: true),
      inPlace: worksInPlace ? [(result: 0, operand: step.operands.count - 1)] : [],
      cost: cost(operations: shape.operations),
      implementation: "recurrence gradient, \(recurrence.cell)"
    ) { buffers in
      func cotangent(_ result: Int) -> UnsafePointer<Float>? {
        gradient.cotangentIndex(ofResult: result).map { buffers.operands[$0].assumingMemoryBound(to: Float.self) }
      }
      func result(_ index: Int) -> UnsafeMutablePointer<Float>? {
        buffers.results[index]?.assumingMemoryBound(to: Float.self)
      }
      let kept = buffers.operands[end...].map {
        Optional(UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: Float.self)))
      }
      let cell = recurrence.cell
      return [
        BoundKernel(ck_run_recurrence_gradient, ck_recurrence_gradient(
          forward: shape.context(buffers.operands[given..<end], kept, buffers.scratch), output_cotangent: cotangent(0),
          cell_cotangent: cell.hasCellState ? cotangent(1) : nil,
          gate_cotangent: cell.keptCount > 0 ? cotangent(recurrence.resultCount - 1) : nil,
          input_cotangent: result(0), recurrent_cotangent: cell.hasRecurrentBias ? result(2) : nil,
          hidden_cotangent: result(1), cell_state_cotangent: cell.hasCellState ? result(2) : nil,
          previous: result(gradient.resultCount - 1)))
      ]
    }
  }
}

/// What both directions share: a kernel's context without its addresses.
private struct RecurrentShape {
  private let recurrence: Recurrence
  private let extents: Recurrence.Extents
  private let threads: Int

  init(_ recurrence: Recurrence, _ operands: [TensorType], threads: Int) throws {
    self.recurrence = recurrence
    self.threads = threads
    extents = try recurrence.extents(operands)
  }

  /// Floating-point operations of the products over all steps.
  var operations: Int {
    2 * extents.batch * extents.time * extents.units * extents.units * recurrence.cell.gateCount
  }

  /// Workers share the batch; waking one costs what some ten thousand multiplications do.
  private var workers: Int32 { Int32(max(1, min(threads, extents.batch, operations / 200_000))) }

  func scratchByteCount(isGradient: Bool) -> Int {
    var bare = bare
    return Int(ck_recurrence_scratch(&bare, isGradient ? 1 : 0)) * 4
  }

  private var bare: ck_recurrence {
    var context = ck_recurrence()
    let cells: [RecurrentCell: ck_cell] = [
      .tanh: CK_CELL_TANH, .relu: CK_CELL_RELU, .lstm: CK_CELL_LSTM, .gru: CK_CELL_GRU,
    ]
    context.cell = Int32(cells[recurrence.cell]?.rawValue ?? 0)
    context.is_reversed = recurrence.isReversed ? 1 : 0
    context.workers = workers
    (context.batch, context.time, context.units) = (Int64(extents.batch), Int64(extents.time), Int64(extents.units))
    return context
  }

  /// - Parameter results: of the recurrence, nil where nothing wants them.
  func context(
    _ operands: ArraySlice<UnsafeRawPointer>, _ results: [UnsafeMutablePointer<Float>?],
    _ scratch: UnsafeMutableRawPointer
  ) -> ck_recurrence {
    func operand(_ index: Int) -> UnsafeRawPointer { operands[operands.startIndex + index] }
    func floats(_ index: Int) -> UnsafePointer<Float> { operand(index).assumingMemoryBound(to: Float.self) }
    var context = bare
    context.inputs = floats(0)
    context.hidden = floats(1)
    context.cell_state = recurrence.cell.hasCellState ? floats(2) : nil
    context.weights = floats(recurrence.weightIndex)
    context.bias = recurrence.biasIndex.map(floats)
    context.lengths = recurrence.lengthIndex.map { operand($0).assumingMemoryBound(to: Int32.self) }
    context.outputs = results[0]
    context.cells = recurrence.cell.hasCellState ? results[1] : nil
    context.gates = recurrence.cell.keptCount > 0 ? results[recurrence.resultCount - 1] : nil
    context.scratch = scratch.assumingMemoryBound(to: Float.self)
    return context
  }
}

import CKernels
import Compilation

/// A fused chain as the loop kernel takes it: instructions over numbered slots.
///
/// Each operand and each constant has a slot of its own; instructions that are not results share slots as their values
/// die.
struct ElementwiseCode {
  struct Instruction {
    let opcode: ck_opcode
    let destination: UInt16
    let sources: [UInt16]

    var encoded: ck_instruction {
      func at(_ index: Int) -> UInt16 { index < sources.count ? sources[index] : sources.first ?? 0 }
      return ck_instruction(
        opcode: UInt16(opcode.rawValue), destination: destination, a: at(0), b: at(1), c: at(2))
    }

    /// Nanoseconds for eight elements, roughly.
    var weight: Int {
      switch opcode {
      case CK_POWER: 80
      default: ElementwiseCode.isCostly(UInt16(opcode.rawValue)) ? 8 : 1
      }
    }
  }

  /// Whether an opcode costs about ten additions.
  static func isCostly(_ opcode: UInt16) -> Bool {
    switch ck_opcode(UInt32(opcode)) {
    case CK_EXP, CK_LOG, CK_TANH, CK_SIGMOID, CK_SOFTPLUS, CK_ERROR_FUNCTION, CK_SINE, CK_COSINE: true
    default: false
    }
  }

  enum Source {
    case operand(Int, slot: UInt16)
    case constant(UInt32, slot: UInt16)
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sources: [Source] = []
  /// By result.
  private(set) var resultSlots: [UInt16] = []
  private(set) var slotCount = 0
  /// By result: the index of the instruction that computes it.
  private let resultInstructions: [Int]
  /// By operand: the index of the last instruction that reads it.
  private var lastReads: [Int]

  /// - Throws: `ShapeError` for an operation that the loop does not know.
  init(_ fused: FusedElementwise, _ operands: [TensorType]) throws {
    let chain = try ContractedChain(fused, operands)
    resultInstructions = chain.results
    lastReads = operands.map { _ in -1 }
    sources = operands.indices.map { .operand($0, slot: UInt16($0)) }
    slotCount = operands.count
    var constants: [UInt32: UInt16] = [:]
    var lastUse = [Int](repeating: -1, count: chain.links.count)
    for (index, link) in chain.links.enumerated() {
      for case .instruction(let source) in link.sources { lastUse[source] = index }
      for case .operand(let operand) in link.sources { lastReads[operand] = index }
    }
    for result in chain.results { lastUse[result] = .max }
    var slots: [UInt16] = []
    var free: [UInt16] = []
    for (index, link) in chain.links.enumerated() {
      let inputs = link.sources.map { source -> UInt16 in
        switch source {
        case .operand(let operand): UInt16(operand)
        case .instruction(let other): slots[other]
        case .constant(let scalar, let type): constantSlot(bits(scalar, type), &constants)
        }
      }
      for source in Set(link.sources) {
        if case .instruction(let other) = source, lastUse[other] == index { free.append(slots[other]) }
      }
      // A result may lie in the memory of an operand, so nothing may use its slot before it.
      let destination = lastUse[index] == .max ? newSlot() : free.popLast() ?? newSlot()
      slots.append(destination)
      if lastUse[index] == -1 { free.append(destination) }
      instructions.append(Instruction(opcode: link.opcode, destination: destination, sources: inputs))
    }
    resultSlots = chain.results.map { slots[$0] }
  }

  private mutating func newSlot() -> UInt16 {
    slotCount += 1
    return UInt16(slotCount - 1)
  }

  private mutating func constantSlot(_ bits: UInt32, _ constants: inout [UInt32: UInt16]) -> UInt16 {
    if let slot = constants[bits] { return slot }
    let slot = newSlot()
    constants[bits] = slot
    sources.append(.constant(bits, slot: slot))
    return slot
  }

  /// Truth values are 0.0 and 1.0 inside a loop.
  private func bits(_ scalar: Double, _ type: ElementType) -> UInt32 {
    type == .int32 ? UInt32(bitPattern: Int32(clamping: Int(scalar))) : Float(scalar).bitPattern
  }

  /// A result that takes the memory of an operand must not be written while the operand is still to be read; one value
  /// that is two results is written from a register.
  func canWriteDirectly(_ result: Int, overwritten: [[Int]]) -> Bool {
    overwritten[result].allSatisfy { lastReads[$0] <= resultInstructions[result] }
      && resultSlots.filter { $0 == resultSlots[result] }.count == 1
  }

  /// By result: the operands whose memory it takes.
  func overwrittenOperands(_ buffers: Buffers) -> [[Int]] {
    buffers.results.map { result in
      buffers.operands.indices.filter { operand in
        result.map { UnsafeRawPointer($0) == buffers.operands[operand] } ?? false
      }
    }
  }
}

extension ElementwiseCode.Source {
  func bound(
    _ buffers: Buffers, _ types: [TensorType], _ loop: LoopShape, isWhole: (Int) -> Bool
  ) -> ck_source {
    switch self {
    case .constant(let bits, let slot):
      return ck_source(
        kind: Int32(CK_CONSTANT.rawValue), is_bool: 0, slot: slot, bits: bits, data: nil, strides: axes([]))
    case .operand(let operand, let slot):
      let kind = isWhole(operand) ? CK_DIRECT : types[operand].count == 1 ? CK_SCALAR : CK_STRIDED
      return ck_source(
        kind: Int32(kind.rawValue), is_bool: types[operand].elementType == .bool ? 1 : 0, slot: slot, bits: 0,
        data: buffers.operands[operand], strides: axes(loop.strides[operand]))
    }
  }
}

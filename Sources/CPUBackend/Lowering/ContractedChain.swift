import CKernels
import Compilation

/// A fused chain in the loop's opcodes, with `a * b + c` contracted to one instruction, which also rounds once.
struct ContractedChain {
  struct Link {
    let opcode: ck_opcode
    let sources: [FusedElementwise.Source]
  }

  private(set) var links: [Link] = []
  /// By result: the link that computes it.
  private(set) var results: [Int] = []

  /// - Throws: `ShapeError` for an operation that the loop does not know.
  init(_ fused: FusedElementwise, _ operands: [TensorType]) throws {
    let contracted = Self.contractions(fused)
    var positions: [Int] = []
    for (index, instruction) in fused.instructions.enumerated() {
      func moved(_ source: FusedElementwise.Source) -> FusedElementwise.Source {
        if case .instruction(let other) = source { .instruction(positions[other]) } else { source }
      }
      positions.append(links.count)
      if contracted.multiplications.contains(index) { continue }
      if let (opcode, product, other) = contracted.sums[index] {
        let factors = fused.instructions[product].sources
        links.append(Link(opcode: opcode, sources: (factors + [other]).map(moved)))
        continue
      }
      let types = instruction.sources.map { source in
        switch source {
        case .operand(let operand): operands[operand].elementType
        case .instruction(let other): fused.instructions[other].elementType
        case .constant(_, let type): type
        }
      }
      let (opcode, swaps, extra) = try ElementwiseCode.opcode(instruction.operation, types)
      var sources = instruction.sources.map(moved)
      if swaps { sources.swapAt(0, 1) }
      links.append(Link(opcode: opcode, sources: sources + extra.map { .constant($0, .float32) }))
    }
    results = fused.results.map { positions[$0] }
  }

  private typealias Contractions = (
    /// The products that disappear.
    multiplications: Set<Int>,
    /// The sums that take them over: the opcode, the product, and the other term.
    sums: [Int: (opcode: ck_opcode, product: Int, other: FusedElementwise.Source)]
  )

  /// Sums of which a term is a product that nothing else reads.
  private static func contractions(_ fused: FusedElementwise) -> Contractions {
    var uses = [Int](repeating: 0, count: fused.instructions.count)
    for instruction in fused.instructions {
      for case .instruction(let source) in instruction.sources { uses[source] += 1 }
    }
    for result in fused.results { uses[result] += 1 }
    func product(_ source: FusedElementwise.Source) -> Int? {
      guard case .instruction(let index) = source, uses[index] == 1, fused.instructions[index].operation is Multiply
      else { return nil }
      return index
    }
    var contractions: Contractions = ([], [:])
    for (index, instruction) in fused.instructions.enumerated() where instruction.elementType == .float32 {
      guard instruction.sources.count == 2 else { continue }
      let (a, b) = (instruction.sources[0], instruction.sources[1])
      let found: (ck_opcode, Int, FusedElementwise.Source)? =
        switch instruction.operation {
        case is Add: product(a).map { (CK_MULTIPLY_ADD, $0, b) } ?? product(b).map { (CK_MULTIPLY_ADD, $0, a) }
        case is Subtract:
          product(a).map { (CK_MULTIPLY_SUBTRACT, $0, b) } ?? product(b).map { (CK_SUBTRACT_PRODUCT, $0, a) }
        default: nil
        }
      guard let found else { continue }
      contractions.multiplications.insert(found.1)
      contractions.sums[index] = found
    }
    return contractions
  }
}

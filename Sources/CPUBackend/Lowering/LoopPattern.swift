import CKernels
import Compilation

/// A chain as loops that are compiled ahead are looked up: its values numbered in the order of their first use.
///
/// There is none for a chain that reads other than whole arrays of floats and single ones, or that writes anything
/// else.
struct LoopPattern {
  enum Scalar {
    case operand(Int)
    case constant(Float)
  }

  /// The operands that are as long as the loop.
  private(set) var arrays: [Int] = []
  private(set) var scalars: [Scalar] = []
  private(set) var instructions: [ck_instruction] = []
  /// By result of the chain.
  let results: [UInt16]

  init?(_ fused: FusedElementwise, _ operands: [TensorType], results types: [TensorType]) {
    guard let chain = try? ContractedChain(fused, operands), chain.links.count <= CK_MOST_VALUES,
      Set(chain.results).count == types.count, types.count <= CK_MOST_RESULTS,
      (operands + types).allSatisfy({ $0.elementType == .float32 })
    else { return nil }
    let first = Int(CK_FIRST_VALUE)
    results = chain.results.map { UInt16(first + $0) }
    var numbers: [Key: Int] = [:]
    for link in chain.links {
      var values: [UInt16] = []
      for source in link.sources {
        let key = Key(source)
        guard let number = numbers[key] ?? number(source, operands, fused.shape.count) else { return nil }
        numbers[key] = number
        values.append(UInt16(number))
      }
      guard let a = values.first, ck_opcode_name(UInt16(link.opcode.rawValue)) != nil else { return nil }
      let (b, c) = (values.count > 1 ? values[1] : a, values.count > 2 ? values[2] : a)
      instructions.append(ck_instruction(opcode: UInt16(link.opcode.rawValue), destination: 0, a: a, b: b, c: c))
    }
    if arrays.isEmpty { return nil }
  }

  /// What is the same source: zeros of both signs are two.
  private enum Key: Hashable {
    case operand(Int)
    case instruction(Int)
    case constant(UInt32)

    init(_ source: FusedElementwise.Source) {
      switch source {
      case .operand(let index): self = .operand(index)
      case .instruction(let index): self = .instruction(index)
      case .constant(let value, _): self = .constant(Float(value).bitPattern)
      }
    }
  }

  /// The number of a value that is read for the first time.
  private mutating func number(_ source: FusedElementwise.Source, _ operands: [TensorType], _ count: Int) -> Int? {
    switch source {
    case .instruction(let index): return Int(CK_FIRST_VALUE) + index
    case .operand(let operand) where operands[operand].count == count:
      arrays.append(operand)
      return arrays.count <= Int(CK_MOST_ARRAYS) ? arrays.count - 1 : nil
    case .operand(let operand) where operands[operand].count == 1: scalars.append(.operand(operand))
    case .operand: return nil
    case .constant(let value, let type):
      guard type != .int32 else { return nil }
      scalars.append(.constant(Float(value)))
    }
    return scalars.count <= Int(CK_MOST_SCALARS) ? Int(CK_FIRST_SCALAR) + scalars.count - 1 : nil
  }

  /// Nanoseconds for sixteen elements, roughly.
  var weight: Int {
    arrays.count + results.count + instructions.reduce(0) { $0 + (ElementwiseCode.isCostly($1.opcode) ? 10 : 1) } / 2
  }

  /// The number of the compiled loop; nil where there is none.
  var compiledLoop: Int32? {
    let found = ck_find_loop(instructions, Int32(instructions.count), results, Int32(results.count))
    return found < 0 ? nil : found
  }

  /// The chain as `Sources/CKernels/compiled_loops.h` lists it.
  var text: String {
    func name(_ value: UInt16) -> String {
      switch Int32(value) {
      case ..<Int32(CK_FIRST_SCALAR): "a\(value)"
      case ..<Int32(CK_FIRST_VALUE): "s\(Int32(value) - Int32(CK_FIRST_SCALAR))"
      default: "v\(Int32(value) - Int32(CK_FIRST_VALUE))"
      }
    }
    let lines = instructions.enumerated().map { index, instruction in
      let opcode = ck_opcode_name(instruction.opcode).map { String(cString: $0) } ?? ""
      return "I(v\(index), \(opcode), \(name(instruction.a)), \(name(instruction.b)), \(name(instruction.c)))"
    }
    return (lines + results.enumerated().map { "R(\($0), \(name($1)))" }).joined(separator: " ")
  }
}

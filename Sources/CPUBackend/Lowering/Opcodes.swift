import CKernels
import Compilation

extension ElementwiseCode {
  /// The kernel's instruction for an operation on operands of these types, whether its first two operands change
  /// places, and constants that follow them.
  /// - Throws: `ShapeError` for elementwise operations of other packages, which the loop does not know.
  static func opcode(
    _ operation: any ElementwiseOperation, _ types: [ElementType]
  ) throws -> (opcode: ck_opcode, swaps: Bool, extra: [Double]) {
    let isInteger = types.first == .int32
    switch operation {
    case let compare as Compare: return comparison(compare.kind, isInteger)
    case let clamp as Clamp: return (CK_CLAMP, false, [clamp.lower, clamp.upper])
    case let cast as Cast: return (conversion(from: types[0], to: cast.elementType), false, [])
    default: break
    }
    guard let pair = table[operation.name], let opcode = isInteger ? pair.integer : pair.real else {
      throw ShapeError("the CPU backend has no loop for \(operation.name) of \(types.map(\.rawValue))")
    }
    return (opcode, false, [])
  }

  private static let table: [String: (real: ck_opcode?, integer: ck_opcode?)] = [
    Add.name: (CK_ADD, CK_ADD_INT), Subtract.name: (CK_SUBTRACT, CK_SUBTRACT_INT),
    Multiply.name: (CK_MULTIPLY, CK_MULTIPLY_INT), Divide.name: (CK_DIVIDE, nil),
    Negate.name: (CK_NEGATE, CK_NEGATE_INT), Power.name: (CK_POWER, nil), Exp.name: (CK_EXP, nil),
    Log.name: (CK_LOG, nil), SquareRoot.name: (CK_SQUARE_ROOT, nil),
    Reciprocal.name: (CK_RECIPROCAL, nil), Sine.name: (CK_SINE, nil), Cosine.name: (CK_COSINE, nil),
    Tanh.name: (CK_TANH, nil), Sigmoid.name: (CK_SIGMOID, nil), ReLU.name: (CK_RELU, nil),
    Softplus.name: (CK_SOFTPLUS, nil), ErrorFunction.name: (CK_ERROR_FUNCTION, nil),
    AbsoluteValue.name: (CK_ABSOLUTE, CK_ABSOLUTE_INT), Sign.name: (CK_SIGN, CK_SIGN_INT),
    Minimum.name: (CK_MINIMUM, CK_MINIMUM_INT), Maximum.name: (CK_MAXIMUM, CK_MAXIMUM_INT),
    Select.name: (CK_SELECT, nil), Floor.name: (CK_FLOOR, nil), Step.name: (CK_STEP, nil),
    StopGradient.name: (CK_COPY, CK_COPY),
  ]

  private static func comparison(
    _ kind: Comparison, _ isInteger: Bool
  ) -> (opcode: ck_opcode, swaps: Bool, extra: [Double]) {
    switch kind {
    case .less: (isInteger ? CK_LESS_INT : CK_LESS, false, [])
    case .greater: (isInteger ? CK_LESS_INT : CK_LESS, true, [])
    case .lessOrEqual: (isInteger ? CK_LESS_OR_EQUAL_INT : CK_LESS_OR_EQUAL, false, [])
    case .greaterOrEqual: (isInteger ? CK_LESS_OR_EQUAL_INT : CK_LESS_OR_EQUAL, true, [])
    case .equal: (isInteger ? CK_EQUAL_INT : CK_EQUAL, false, [])
    case .notEqual: (isInteger ? CK_NOT_EQUAL_INT : CK_NOT_EQUAL, false, [])
    }
  }

  private static func conversion(from source: ElementType, to target: ElementType) -> ck_opcode {
    switch (source, target) {
    case (.int32, .float32): CK_INT_TO_FLOAT
    case (.int32, .bool): CK_NOT_ZERO_INT
    case (.float32, .int32), (.bool, .int32): CK_FLOAT_TO_INT
    case (.float32, .bool): CK_NOT_ZERO
    default: CK_COPY
    }
  }
}

/// Rounds real numbers to the nearest of type bfloat16; made by the compiler before products and convolutions.
public struct RoundToBfloat16: CompilerOperation {
  public static let name = "roundToBfloat16"

  init() {}

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1, operands[0].elementType == .float32 else {
      throw ShapeError("takes one operand of float32")
    }
    return [TensorType(operands[0].shape, .bfloat16)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    [Interpreter.round(operands[0], to: .bfloat16)]
  }

  public var summary: String { "round" }
}

/// `a b`, element by element. Products of integers wrap at 32 bits.
public struct Multiply: ElementwiseOperation {
  public static let name = "multiply"
  public static let arity = 2

  /// Takes two operands of one shape, both float32 or both int32; `a * b` repeats shapes and appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    try arithmeticElementType(for: operands)
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a * b }

  /// Float64 does not hold the last digits of large products of integers, which are those that wrapping leaves.
  public func evaluate(
    _ operands: [ShapedArray<Double>], as resultTypes: [TensorType]
  ) throws -> [ShapedArray<Double>] {
    guard resultTypes[0].elementType == .int32 else { return try evaluate(operands) }
    func integer(_ scalar: Double) -> Int64 { Int64(exactly: scalar.rounded(.towardZero)) ?? 0 }
    let products = zip(operands[0].scalars, operands[1].scalars).map { a, b in
      Double(Int32(truncatingIfNeeded: integer(a) &* integer(b)))
    }
    return [ShapedArray(shape: operands[0].shape, unchecked: products)]
  }

  /// `d(a b) = b da + a db`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [
      step.isNeeded[0] ? step.cotangent * step.operands[1] : nil,
      step.isNeeded[1] ? step.cotangent * step.operands[0] : nil,
    ]
  }

  public static var samples: [OperationSample] {
    Multiply().binarySamples() + [Multiply().integerSample()]
  }
}


extension Tensor {
  /// The product, element by element; that of matrices is `matrixMultiply(_:_:)`. Shapes are repeated to each other,
  /// and either side may be a number.
  public static func * (a: Tensor, b: Tensor) -> Tensor { broadcasting(Multiply(), a, b) }
  public static func * (a: Tensor, b: Double) -> Tensor { a * a.constantLike(b) }
  public static func * (a: Double, b: Tensor) -> Tensor { b.constantLike(a) * b }
  /// As `a = a * b`: the name now stands for a new value.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  public static func *= (a: inout Tensor, b: Double) { a = a * b }
}

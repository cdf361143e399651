/// -1, 0 or 1, as `x` is negative, zero or positive; NaN stays NaN.
public struct Sign: ElementwiseOperation {
  public static let name = "sign"
  public static let arity = 1

  /// Takes one operand, float32 or int32; `sign(_:)` appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    try arithmeticElementType(for: operands)
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a > 0 ? 1 : a < 0 ? -1 : a.isNaN ? a : 0 }

  /// Zero: the sign is constant wherever it is smooth.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [nil] }

  public static var samples: [OperationSample] {
    Sign().unarySamples() + [Sign().integerSample()]
  }
}


/// -1, 0 or 1, as each element is negative, zero or positive.
public func sign(_ x: Tensor) -> Tensor { .apply(Sign(), to: x) }

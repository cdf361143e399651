/// `|x|`.
public struct AbsoluteValue: ElementwiseOperation {
  public static let name = "absoluteValue"
  public static let arity = 1

  /// Takes one operand, float32 or int32; `abs(_:)` appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    try arithmeticElementType(for: operands)
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a.magnitude }

  /// `|x|' = sign(x)`, 0 at the kink.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent * sign(step.operands[0])] }

  public static var samples: [OperationSample] {
    AbsoluteValue().unarySamples() + [AbsoluteValue().integerSample()]
  }
}


/// The absolute value of each element.
public func abs(_ x: Tensor) -> Tensor { .apply(AbsoluteValue(), to: x) }

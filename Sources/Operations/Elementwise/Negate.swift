/// `-x`.
public struct Negate: ElementwiseOperation {
  public static let name = "negate"
  public static let arity = 1

  /// Takes one operand, float32 or int32; `-x` appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    try arithmeticElementType(for: operands)
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { -a }

  /// `d(-x) = -dx`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [-step.cotangent] }

  public static var samples: [OperationSample] {
    Negate().unarySamples() + [Negate().integerSample()]
  }
}


extension Tensor {
  /// The negative of each element.
  public static prefix func - (x: Tensor) -> Tensor { .apply(Negate(), to: x) }
}

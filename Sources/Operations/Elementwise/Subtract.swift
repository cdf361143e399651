/// `a - b`.
public struct Subtract: ElementwiseOperation {
  public static let name = "subtract"
  public static let arity = 2

  /// Takes two operands of one shape, both float32 or both int32; `a - b` repeats shapes and appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    try arithmeticElementType(for: operands)
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a - b }

  /// `d(a - b) = da - db`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [step.cotangent, step.isNeeded[1] ? -step.cotangent : nil]
  }

  public static var samples: [OperationSample] {
    Subtract().binarySamples() + [Subtract().integerSample()]
  }
}


extension Tensor {
  /// The difference, element by element. Shapes are repeated to each other, and either side may be a number.
  public static func - (a: Tensor, b: Tensor) -> Tensor { broadcasting(Subtract(), a, b) }
  public static func - (a: Tensor, b: Double) -> Tensor { a - a.constantLike(b) }
  public static func - (a: Double, b: Tensor) -> Tensor { b.constantLike(a) - b }
  /// As `a = a - b`: the name now stands for a new value.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  public static func -= (a: inout Tensor, b: Double) { a = a - b }
}

/// `a / b`; division by zero gives infinities and NaN, as IEEE 754 has it.
public struct Divide: ElementwiseOperation {
  public static let name = "divide"
  public static let arity = 2

  /// Takes two operands of one shape, float32; `a / b` repeats shapes and appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a / b }

  /// `d(a / b) = da / b - (a / b) db / b`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let b = step.operands[1]
    let overB = step.cotangent / b
    return [overB, step.isNeeded[1] ? -(overB * step.results[0]) : nil]
  }

  public static var samples: [OperationSample] {
    Divide().binarySamples(-3...3, 0.5...3)
  }
}


extension Tensor {
  /// The quotient, element by element. Shapes are repeated to each other, and either side may be a number.
  public static func / (a: Tensor, b: Tensor) -> Tensor { broadcasting(Divide(), a, b) }
  public static func / (a: Tensor, b: Double) -> Tensor { a / a.constantLike(b) }
  public static func / (a: Double, b: Tensor) -> Tensor { b.constantLike(a) / b }
  /// As `a = a / b`: the name now stands for a new value.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }
  public static func /= (a: inout Tensor, b: Double) { a = a / b }
}

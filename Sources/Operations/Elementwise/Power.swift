import RealModule

/// `x` to the power of `e`, both tensors; as IEEE 754's `pow`: `x^0` is 1 for every `x`, and a negative `x` has powers
/// with whole exponents only (NaN otherwise).
public struct Power: ElementwiseOperation {
  public static let name = "power"
  public static let arity = 2

  /// Takes two operands of one shape, float32; `pow(_:_:)` repeats shapes and appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double {
    if b == 0 || a == 1 { return 1 }
    if a.isNaN || b.isNaN { return .nan }
    let size = a.magnitude
    let magnitude = size == 0 ? (b > 0 ? 0 : .infinity) : size == 1 ? 1 : Double.pow(size, b)
    guard a.sign == .minus else { return magnitude }
    guard b.rounded() == b else { return a == 0 || a.isInfinite ? magnitude : .nan }
    let isOdd = b.truncatingRemainder(dividingBy: 2).magnitude == 1
    return isOdd ? -magnitude : magnitude
  }

  /// `d(x^e) = e x^(e-1) dx + x^e ln(x) de`, where the second term is 0 at `x = 0`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (x, e) = (step.operands[0], step.operands[1])
    return [
      step.isNeeded[0] ? baseSlope(x, e).map { step.cotangent * $0 } : nil,
      step.isNeeded[1] ? step.cotangent * exponentSlope(x, step.results[0]) : nil,
    ]
  }

  private func baseSlope(_ x: Tensor, _ e: Tensor) -> Tensor? {
    if let exponent = e.constantScalar {
      if exponent == 0 { return nil }
      if exponent == 1 { return x.constantLike(1) }
      return exponent * (exponent == 2 ? x : pow(x, exponent - 1))
    }
    // At e = 0 and x near 0 the formula reads 0 * infinity, but x^0 is constant.
    let isOrdinary = select(e .== 0, abs(x), 1) .>= 0x1p-126
    return e * pow(select(isOrdinary, x, 1), e - 1)
  }

  private func exponentSlope(_ x: Tensor, _ result: Tensor) -> Tensor {
    let isZero = x .== 0
    return select(isZero, 0, result * log(select(isZero, 1, x)))
  }

  public static var samples: [OperationSample] {
    Power().binarySamples(0.3...3, special: [0, -0.0, 1, -1, 0.5, 2, -2, 3, .infinity, -.infinity, .nan])
  }
}

/// `x` to the power of `exponent`, element by element.
public func pow(_ x: Tensor, _ exponent: Tensor) -> Tensor { .broadcasting(Power(), x, exponent) }
/// Each element to the power of a number.
public func pow(_ x: Tensor, _ exponent: Double) -> Tensor { pow(x, x.constantLike(exponent)) }
/// A number to the power of each element.
public func pow(_ x: Double, _ exponent: Tensor) -> Tensor { pow(exponent.constantLike(x), exponent) }

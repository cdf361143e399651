/// `x` held between two bounds: `min(max(x, lower), upper)`; NaN stays NaN.
public struct Clamp: ElementwiseOperation {
  public static let name = "clamp"
  public static let arity = 1
  /// What smaller elements become.
  public let lower: Double
  /// What larger elements become; not less than `lower`.
  public let upper: Double

  /// Takes one operand, float32; bounds that are not in order are an error when it is appended.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    guard lower <= upper else { throw ShapeError("the bounds \(lower) and \(upper) are not in order") }
    guard operands == [.float32] else { throw ShapeError("the operand must be float32") }
    return .float32
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double {
    a < lower ? lower : a > upper ? upper : a
  }

  /// The cotangent where the operand lies within the bounds or on one, else 0.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let x = step.operands[0]
    var cotangent = step.cotangent
    if upper < .infinity { cotangent = select(x .> upper, 0, cotangent) }
    if lower > -.infinity { cotangent = select(x .< lower, 0, cotangent) }
    return [cotangent]
  }

  public static var samples: [OperationSample] {
    Clamp(lower: -1, upper: 1.5).unarySamples(special: [-1, 1.5, 0, .infinity, -.infinity, .nan])
      + Clamp(lower: 0, upper: .infinity).unarySamples()
  }
}

extension Tensor {
  /// Each element held between two bounds.
  public func clamped(from lower: Double, to upper: Double) -> Tensor {
    .apply(Clamp(lower: lower, upper: upper), to: self)
  }
}

/// Each element held between two bounds.
public func clamp(_ x: Tensor, from lower: Double, to upper: Double) -> Tensor { x.clamped(from: lower, to: upper) }

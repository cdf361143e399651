import RealModule

/// `ln(1 + e^x)`, a smooth rectifier.
public struct Softplus: ElementwiseOperation {
  public static let name = "softplus"
  public static let arity = 1

  /// Takes one operand, float32; `softplus(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double {
    // ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|), whose exponential cannot overflow.
    (a > 0 ? a : 0) + .log(onePlus: .exp(-a.magnitude))
  }

  /// `softplus' = σ`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent * sigmoid(step.operands[0])] }

  public static var samples: [OperationSample] {
    Softplus().unarySamples(special: [0, 40, -40, 800, -800, .infinity, -.infinity, .nan])
  }
}


/// `ln(1 + e^x)` of each element.
public func softplus(_ x: Tensor) -> Tensor { .apply(Softplus(), to: x) }

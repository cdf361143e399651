import RealModule

/// The logistic function `1 / (1 + e^-x)`.
public struct Sigmoid: ElementwiseOperation {
  public static let name = "sigmoid"
  public static let arity = 1

  /// Takes one operand, float32; `sigmoid(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double {
    // The exponential is only taken of negative numbers, so that it cannot overflow.
    let small = Double.exp(-a.magnitude)
    return a >= 0 ? 1 / (1 + small) : small / (1 + small)
  }

  /// `σ' = σ (1 - σ)`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let y = step.results[0]
    return [step.cotangent * (y * (1 - y))]
  }

  public static var samples: [OperationSample] {
    Sigmoid().unarySamples(special: [0, 40, -40, 800, -800, .infinity, -.infinity, .nan])
  }
}


/// The logistic function `1 / (1 + e^-x)` of each element.
public func sigmoid(_ x: Tensor) -> Tensor { .apply(Sigmoid(), to: x) }

import RealModule

/// The hyperbolic tangent.
public struct Tanh: ElementwiseOperation {
  public static let name = "tanh"
  public static let arity = 1

  /// Takes one operand, float32; `tanh(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { .tanh(a) }

  /// `tanh' = 1 - tanh²`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let y = step.results[0]
    return [step.cotangent * (1 - y * y)]
  }

  public static var samples: [OperationSample] {
    Tanh().unarySamples()
  }
}


/// The hyperbolic tangent of each element.
public func tanh(_ x: Tensor) -> Tensor { .apply(Tanh(), to: x) }

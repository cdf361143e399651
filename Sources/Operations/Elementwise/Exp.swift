import RealModule

/// `e^x`.
public struct Exp: ElementwiseOperation {
  public static let name = "exp"
  public static let arity = 1

  /// Takes one operand, float32; `exp(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { .exp(a) }

  /// `exp' = exp`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent * step.results[0]] }

  public static var samples: [OperationSample] {
    Exp().unarySamples()
  }
}


/// `e^x` of each element.
public func exp(_ x: Tensor) -> Tensor { .apply(Exp(), to: x) }

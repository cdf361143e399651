import RealModule

/// The cosine of an angle in radians.
public struct Cosine: ElementwiseOperation {
  public static let name = "cosine"
  public static let arity = 1

  /// Takes one operand, float32; `cos(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { .cos(a) }

  /// `cos' = -sin`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [-(step.cotangent * sin(step.operands[0]))] }

  public static var samples: [OperationSample] {
    Cosine().unarySamples()
  }
}


/// The cosine of each element, in radians.
public func cos(_ x: Tensor) -> Tensor { .apply(Cosine(), to: x) }

import RealModule

/// The sine of an angle in radians.
public struct Sine: ElementwiseOperation {
  public static let name = "sine"
  public static let arity = 1

  /// Takes one operand, float32; `sin(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { .sin(a) }

  /// `sin' = cos`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent * cos(step.operands[0])] }

  public static var samples: [OperationSample] {
    Sine().unarySamples()
  }
}


/// The sine of each element, in radians.
public func sin(_ x: Tensor) -> Tensor { .apply(Sine(), to: x) }

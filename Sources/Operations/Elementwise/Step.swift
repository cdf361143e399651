/// 1 where `x > 0`, else 0: the unit of the perceptron.
public struct Step: ElementwiseOperation {
  public static let name = "step"
  public static let arity = 1

  /// Takes one operand, float32; `step(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a > 0 ? 1 : 0 }

  /// - Throws: `NotDifferentiable`, always.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    throw NotDifferentiable(
      Self.name,
      because: "its slope is zero everywhere and undefined at 0, so nothing could be learned through it; "
        + "use sigmoid or relu, or stopGradient where no derivative is meant to flow")
  }

  public static var samples: [OperationSample] {
    Step().unarySamples()
  }
}


/// 1 where an element is positive, else 0; it has no derivative.
public func step(_ x: Tensor) -> Tensor { .apply(Step(), to: x) }

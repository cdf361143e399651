/// The largest whole number that is not above `x`.
public struct Floor: ElementwiseOperation {
  public static let name = "floor"
  public static let arity = 1

  /// Takes one operand, float32; `floor(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a.rounded(.down) }

  /// Zero: the function is constant wherever it is smooth.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [nil] }

  public static var samples: [OperationSample] {
    Floor().unarySamples()
  }
}


/// The largest whole number that is not above each element.
public func floor(_ x: Tensor) -> Tensor { .apply(Floor(), to: x) }

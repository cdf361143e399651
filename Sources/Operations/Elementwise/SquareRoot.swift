/// The square root; NaN below 0.
public struct SquareRoot: ElementwiseOperation {
  public static let name = "squareRoot"
  public static let arity = 1

  /// Takes one operand, float32; `sqrt(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a.squareRoot() }

  /// `sqrt' = 1 / (2 sqrt)`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [0.5 * step.cotangent / step.results[0]] }

  public static var samples: [OperationSample] {
    SquareRoot().unarySamples(from: 0.2, to: 4, special: [0, -1, 1, .infinity, .nan])
  }
}


/// The square root of each element.
public func sqrt(_ x: Tensor) -> Tensor { .apply(SquareRoot(), to: x) }

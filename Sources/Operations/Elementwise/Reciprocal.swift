/// `1 / x`.
public struct Reciprocal: ElementwiseOperation {
  public static let name = "reciprocal"
  public static let arity = 1

  /// Takes one operand, float32; `reciprocal(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { 1 / a }

  /// `(1/x)' = -(1/x)²`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let y = step.results[0]
    return [-(step.cotangent * y * y)]
  }

  public static var samples: [OperationSample] {
    Reciprocal().unarySamples(from: 0.4, to: 3)
  }
}


/// `1 / x` of each element.
public func reciprocal(_ x: Tensor) -> Tensor { .apply(Reciprocal(), to: x) }

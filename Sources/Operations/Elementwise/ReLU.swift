/// The rectifier `max(x, 0)`; NaN stays NaN.
public struct ReLU: ElementwiseOperation {
  public static let name = "relu"
  public static let arity = 1

  /// Takes one operand, float32; `relu(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a > 0 || a.isNaN ? a : 0 }

  /// 1 where the result is positive, else 0, at 0 too.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [select(step.results[0] .> 0, step.cotangent, 0)]
  }

  public static var samples: [OperationSample] {
    ReLU().unarySamples()
  }
}


/// `max(x, 0)` of each element.
public func relu(_ x: Tensor) -> Tensor { .apply(ReLU(), to: x) }

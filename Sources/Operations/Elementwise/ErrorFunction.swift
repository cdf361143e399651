import RealModule

/// The error function `2/√π ∫₀ˣ e^(-t²) dt`.
public struct ErrorFunction: ElementwiseOperation {
  public static let name = "errorFunction"
  public static let arity = 1

  /// Takes one operand, float32; `erf(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { .erf(a) }

  /// `erf'(x) = 2/√π e^(-x²)`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let x = step.operands[0]
    return [step.cotangent * (2 / Double.pi.squareRoot() * exp(-(x * x)))]
  }

  public static var samples: [OperationSample] {
    ErrorFunction().unarySamples()
  }
}


/// The error function of each element.
public func erf(_ x: Tensor) -> Tensor { .apply(ErrorFunction(), to: x) }

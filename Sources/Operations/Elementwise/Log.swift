import RealModule

/// The natural logarithm; -infinity at 0, NaN below.
public struct Log: ElementwiseOperation {
  public static let name = "log"
  public static let arity = 1

  /// Takes one operand, float32; `log(_:)` appends it.
  public init() {}

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { .log(a) }

  /// `log'(x) = 1 / x`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent / step.operands[0]] }

  public static var samples: [OperationSample] {
    Log().unarySamples(from: 0.2, to: 4, special: [0, -1, 1, .infinity, .nan])
  }
}


/// The natural logarithm of each element.
public func log(_ x: Tensor) -> Tensor { .apply(Log(), to: x) }

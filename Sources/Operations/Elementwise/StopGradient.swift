/// `x` itself, but a constant to the chain rule: no derivative flows back through it.
public struct StopGradient: ElementwiseOperation {
  public static let name = "stopGradient"
  public static let arity = 1

  /// Takes one operand of any element type; `stopGradient(_:)` appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType { operands[0] }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a }

  /// Nothing, which is what the operation is for.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [nil] }

  public static var samples: [OperationSample] {
    let operand = sampleValues([3, 5])
    return [
      OperationSample(StopGradient(), [operand], isSmooth: false, note: "its derivative is left out on purpose"),
      OperationSample(StopGradient(), [ShapedArray([4, -1])], elementTypes: [.int32]),
      OperationSample(StopGradient(), [ShapedArray([0, 1])], elementTypes: [.bool]),
    ]
  }
}

/// `x` itself, but a constant to the chain rule.
public func stopGradient(_ x: Tensor) -> Tensor { .apply(StopGradient(), to: x) }

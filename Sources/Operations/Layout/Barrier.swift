/// A value as it is, but not before another one is known.
///
/// It costs nothing: the result has the bytes of the first operand. What is computed from it is not taken for what is
/// computed from the operand, so work can be repeated on purpose, and later: see `Graph.recomputing(_:)`.
public struct Barrier: Operation {
  public static let name = "barrier"

  /// Takes the value and the one that it waits for; `waiting(for:)` appends it.
  public init() {}

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 2 else { throw ShapeError("takes 2 operands, not \(operands.count)") }
    return [operands[0]]
  }

  /// The cotangent as it is; none for what was only waited for.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent, nil] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] { [operands[0]] }

  public static var samples: [OperationSample] {
    [
      OperationSample(Barrier(), [sampleValues([2, 3]), sampleValues([4])]),
      OperationSample(Barrier(), [ShapedArray([4, -1]), sampleValues([])], elementTypes: [.int32, .float32]),
      OperationSample(Barrier(), [ShapedArray(shape: [0, 2], unchecked: []), sampleValues([2])]),
    ]
  }
}

extension Tensor {
  /// The same value, but not before another one is known.
  public func waiting(for other: Tensor) -> Tensor { .apply(Barrier(), to: self, other) }
}

/// `a` where a condition holds, else `b`, element by element; the other one is not looked at, not even when it is NaN.
///
/// Operands: the condition (bool), `a`, `b` (of one element type).
public struct Select: ElementwiseOperation {
  public static let name = "select"
  public static let arity = 3

  /// Takes a bool condition and two choices of one element type; `select(_:_:_:)` appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    guard operands[0] == .bool else { throw ShapeError("the condition must be bool") }
    guard operands[1] == operands[2] else { throw ShapeError("both choices must be of one element type") }
    return operands[1]
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a != 0 ? b : c }

  /// The cotangent goes to what was chosen.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let condition = step.operands[0]
    return [
      nil,
      step.isNeeded[1] ? select(condition, step.cotangent, 0) : nil,
      step.isNeeded[2] ? select(condition, 0, step.cotangent) : nil,
    ]
  }

  public static var samples: [OperationSample] {
    let floats: [ElementType] = [.bool, .float32, .float32]
    let shapes: [Shape] = [[3, 7], [], [1, 5, 1], [0, 3]]
    return shapes.enumerated().map {
      OperationSample(
        Select(), [sampleIndices($1, below: 2, seed: $0), sampleValues($1, seed: 8), sampleValues($1, seed: 9)],
        elementTypes: floats)
    } + [
      OperationSample(
        Select(), [ShapedArray([1, 0, 1, 0]), ShapedArray([1, .nan, .infinity, 2]), ShapedArray([.nan, 3, 4, .nan])],
        elementTypes: floats, isSmooth: false, note: "special values"),
      OperationSample(
        Select(), [ShapedArray([1, 0, 1]), ShapedArray([1, 2, 3]), ShapedArray([-1, -2, -3])],
        elementTypes: [.bool, .int32, .int32], note: "integers"),
      OperationSample(
        Select(), [ShapedArray([1, 0, 1]), ShapedArray([1, 1, 0]), ShapedArray([0, 1, 1])],
        elementTypes: [.bool, .bool, .bool], note: "truth values"),
    ]
  }
}

/// `a` where `condition` holds, else `b`; all three are repeated to the shape that all can be repeated to.
public func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
  let shape = condition.shape.broadcast(with: a.shape).flatMap { $0.broadcast(with: b.shape) }
  guard let shape else { return .apply(Select(), to: condition, a, b) }
  return .apply(Select(), to: condition.broadcast(to: shape), a.broadcast(to: shape), b.broadcast(to: shape))
}

/// As for two tensors, with a number where the condition is false.
public func select(_ condition: Tensor, _ a: Tensor, _ b: Double) -> Tensor { select(condition, a, a.constantLike(b)) }
/// As for two tensors, with a number where the condition is true.
public func select(_ condition: Tensor, _ a: Double, _ b: Tensor) -> Tensor { select(condition, b.constantLike(a), b) }

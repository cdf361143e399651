/// The larger of two numbers; NaN when either is.
public struct Maximum: ElementwiseOperation {
  public static let name = "maximum"
  public static let arity = 2

  /// Takes two operands of one shape, both float32 or both int32; `maximum(_:_:)` repeats shapes and appends it.
  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    try arithmeticElementType(for: operands)
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a.isNaN || b.isNaN ? .nan : a > b ? a : b }

  /// All of the cotangent to the larger operand; half to each where they are equal.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (a, b, cotangent) = (step.operands[0], step.operands[1], step.cotangent)
    let shared = select(a .== b, 0.5 * cotangent, 0)
    return [
      step.isNeeded[0] ? select(a .> b, cotangent, shared) : nil,
      step.isNeeded[1] ? select(b .> a, cotangent, shared) : nil,
    ]
  }

  public static var samples: [OperationSample] {
    Maximum().binarySamples() + [Maximum().integerSample()]
  }
}


/// The larger of two tensors, element by element; NaN when either is.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { .broadcasting(Maximum(), a, b) }
/// The larger of each element and a number.
public func maximum(_ a: Tensor, _ b: Double) -> Tensor { maximum(a, a.constantLike(b)) }
/// The larger of a number and each element.
public func maximum(_ a: Double, _ b: Tensor) -> Tensor { maximum(b.constantLike(a), b) }

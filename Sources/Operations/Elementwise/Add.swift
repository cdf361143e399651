/// `a + b`.
public struct Add: ElementwiseOperation {
  public static let name = "add"
  public static let arity = 2

  public init() {}

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    try arithmeticElementType(for: operands)
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { a + b }

  /// `d(a + b) = da + db`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [step.cotangent, step.cotangent] }

  public static var samples: [OperationSample] {
    [
      OperationSample(Add(), [ShapedArray([1.5, -2, 0.25]), ShapedArray([0.5, 3, -4])]),
      OperationSample(Add(), [ShapedArray([7, -2]), ShapedArray([5, 3])], elementTypes: [.int32, .int32]),
    ]
  }
}

extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { broadcasting(Add(), a, b) }
  public static func + (a: Tensor, b: Double) -> Tensor { a + a.constantLike(b) }
  public static func + (a: Double, b: Tensor) -> Tensor { b.constantLike(a) + b }
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
}

/// Which comparison.
public enum Comparison: String, Hashable, Codable, Sendable, CaseIterable {
  case less, lessOrEqual, equal, notEqual, greaterOrEqual, greater

  /// As IEEE 754 compares: NaN is unequal to everything, itself included.
  public func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .equal: a == b
    case .notEqual: a != b
    case .greaterOrEqual: a >= b
    case .greater: a > b
    }
  }
}

/// Compares two tensors element by element, with a bool tensor as the result.
public struct Compare: ElementwiseOperation {
  public static let name = "compare"
  public static let arity = 2
  /// Which comparison.
  public let kind: Comparison

  /// Takes two operands of one shape, both float32 or both int32; `.<` and the like repeat shapes and append it.
  public init(_ kind: Comparison) { self.kind = kind }

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    _ = try arithmeticElementType(for: operands)
    return .bool
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double { kind.holds(a, b) ? 1 : 0 }

  /// No derivative flows through a truth value.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [nil, nil] }

  public static var samples: [OperationSample] {
    Comparison.allCases.flatMap { Compare($0).binarySamples() + [Compare($0).integerSample()] }
  }
}

extension Tensor {
  /// Whether each element is less than the other, as booleans; either side may be a number.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { broadcasting(Compare(.less), a, b) }
  /// Whether each element is less than or equal to the other, as booleans; either side may be a number.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { broadcasting(Compare(.lessOrEqual), a, b) }
  /// Whether each element is equal to the other, as booleans; either side may be a number.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { broadcasting(Compare(.equal), a, b) }
  /// Whether each element is not equal to the other, as booleans; either side may be a number.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { broadcasting(Compare(.notEqual), a, b) }
  /// Whether each element is greater than or equal to the other, as booleans; either side may be a number.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { broadcasting(Compare(.greaterOrEqual), a, b) }
  /// Whether each element is greater than the other, as booleans; either side may be a number.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { broadcasting(Compare(.greater), a, b) }

  /// As the comparisons above, of each element with one number.
  public static func .< (a: Tensor, b: Double) -> Tensor { a .< a.constantLike(b) }
  public static func .<= (a: Tensor, b: Double) -> Tensor { a .<= a.constantLike(b) }
  public static func .== (a: Tensor, b: Double) -> Tensor { a .== a.constantLike(b) }
  public static func .!= (a: Tensor, b: Double) -> Tensor { a .!= a.constantLike(b) }
  public static func .>= (a: Tensor, b: Double) -> Tensor { a .>= a.constantLike(b) }
  public static func .> (a: Tensor, b: Double) -> Tensor { a .> a.constantLike(b) }

  /// As the comparisons above, of one number with each element.
  public static func .< (a: Double, b: Tensor) -> Tensor { b.constantLike(a) .< b }
  public static func .<= (a: Double, b: Tensor) -> Tensor { b.constantLike(a) .<= b }
  public static func .== (a: Double, b: Tensor) -> Tensor { b.constantLike(a) .== b }
  public static func .!= (a: Double, b: Tensor) -> Tensor { b.constantLike(a) .!= b }
  public static func .>= (a: Double, b: Tensor) -> Tensor { b.constantLike(a) .>= b }
  public static func .> (a: Double, b: Tensor) -> Tensor { b.constantLike(a) .> b }
}

/// The same numbers in another element type: to int32 by dropping the fraction, held within 32 bits, with NaN as 0; to
/// bool as whether the number is not zero.
public struct Cast: ElementwiseOperation {
  public static let name = "cast"
  public static let arity = 1
  /// The element type of the result.
  public let elementType: ElementType

  /// Takes one operand of any element type; `Tensor.cast(to:)` appends it.
  public init(to elementType: ElementType) { self.elementType = elementType }

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    guard elementType.isGiven, operands.allSatisfy(\.isGiven) else {
      throw ShapeError("bfloat16 is only made and read by the compiler")
    }
    return elementType
  }

  public func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double {
    switch elementType {
    case .float32, .bfloat16: return a
    case .bool: return a != 0 ? 1 : 0
    case .int32:
      if a.isNaN { return 0 }
      return Swift.min(Swift.max(a.rounded(.towardZero), Double(Int32.min)), Double(Int32.max))
    }
  }

  /// The cotangent from real to real numbers; none through integers and truth values.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [step.operands[0].elementType == .float32 && elementType == .float32 ? step.cotangent : nil]
  }

  public static var samples: [OperationSample] {
    let special = ShapedArray([0, -0.0, 1.9, -1.9, 3e9, -3e9, .infinity, -.infinity, .nan])
    let sources: [(ElementType, ShapedArray<Double>, Bool)] = [
      (.float32, sampleValues([3, 5]), true), (.float32, special, false), (.float32, sampleValues([0, 2]), true),
      (.int32, ShapedArray([-3, 0, 5, 16_777_216]), true), (.bool, ShapedArray([0, 1, 1]), true),
    ]
    return sources.flatMap { type, operand, isSmooth in
      ElementType.allCases.filter(\.isGiven).map {
        OperationSample(
          Cast(to: $0), [operand], elementTypes: [type], isSmooth: isSmooth && $0 == .float32,
          note: "\(type) to \($0)")
      }
    }
  }
}

extension Tensor {
  /// The same numbers in another element type.
  public func cast(to elementType: ElementType) -> Tensor {
    elementType == self.elementType ? self : .apply(Cast(to: elementType), to: self)
  }
}

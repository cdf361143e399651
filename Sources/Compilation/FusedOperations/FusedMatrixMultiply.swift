/// A matrix product with what follows it: `a b + bias`, or `accumulator + scale * a b`.
///
/// Operands: left, right, then the bias, the scale (a scalar) and the accumulator, those that it has.
public struct FusedMatrixMultiply: CompilerOperation {
  public static let name = "fusedMatrixMultiply"
  /// The product by itself.
  public let product: MatrixMultiply
  /// Whether a row is added to every row of the product.
  public let hasBias: Bool
  /// Whether the product is added to an operand of its shape.
  public let accumulates: Bool
  /// What the product is multiplied by; nil when an operand says.
  public let scale: Double?
  /// Whether the constant scale is subtracted rather than added.
  public let negates: Bool

  /// The bare product, unless said otherwise; a nil scale makes it an operand.
  public init(
    _ product: MatrixMultiply, hasBias: Bool = false, accumulates: Bool = false, scale: Double? = 1,
    negates: Bool = false
  ) {
    self.product = product
    self.hasBias = hasBias
    self.accumulates = accumulates
    self.scale = scale
    self.negates = negates
  }

  /// Whether an operand says what the product is multiplied by.
  public var hasScaleOperand: Bool { scale == nil }
  /// The position of the bias among the operands, nil where there is none.
  public var biasIndex: Int? { hasBias ? 2 : nil }
  /// The position of the scale among the operands, nil where it is constant.
  public var scaleIndex: Int? { hasScaleOperand ? 2 + (hasBias ? 1 : 0) : nil }
  /// The position of the accumulator among the operands, nil where there is none.
  public var accumulatorIndex: Int? { accumulates ? 2 + (hasBias ? 1 : 0) + (hasScaleOperand ? 1 : 0) : nil }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try product.resultTypes(for: Array(operands.prefix(2)))
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    var result = try product.evaluate(Array(operands.prefix(2)))[0]
    let factor = (scale ?? operands[scaleIndex ?? 0].scalars[0]) * (negates ? -1 : 1)
    let columns = max(1, result.shape.dimensions.last ?? 1)
    for index in result.scalars.indices {
      var value = factor * result.scalars[index]
      if let biasIndex { value += operands[biasIndex].scalars[index % columns] }
      if let accumulatorIndex { value += operands[accumulatorIndex].scalars[index] }
      result.scalars[index] = value
    }
    return [result]
  }

  public var summary: String {
    let left = product.transposesLeft ? "aᵀ" : "a"
    let right = product.transposesRight ? "bᵀ" : "b"
    let factor = scale.map { $0 == 1 ? "" : "\($0) " } ?? "s "
    var text = "\(factor)\(left) \(right)"
    if accumulates { text = "c \(negates ? "-" : "+") " + text }
    return hasBias ? text + " + bias" : text
  }
}

/// A normalisation with the ReLU that follows it: `relu(normalize(x))`, and the mean and the variance of each group.
public struct FusedNormalization: CompilerOperation {
  public static let name = "fusedNormalization"
  /// The normalisation by itself.
  public let normalization: Normalization

  /// Takes the operands of the normalisation.
  public init(_ normalization: Normalization) { self.normalization = normalization }

  public var resultCount: Int { 3 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try normalization.resultTypes(for: operands)
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    var results = try normalization.evaluate(operands)
    results[0] = try ReLU().evaluate([results[0]])[0]
    return results
  }

  public var summary: String { "relu(normalization)" }
}

/// The gradient of a normalisation with the ReLU that followed it.
///
/// Operands: x, the mean and the variance of each group, the scale, the cotangent of the ReLU's result, and that
/// result.
public struct FusedNormalizationGradient: CompilerOperation {
  public static let name = "fusedNormalizationGradient"
  /// The gradient by itself.
  public let gradient: NormalizationGradient

  /// Takes the operands of the gradient, and the ReLU's result.
  public init(_ gradient: NormalizationGradient) { self.gradient = gradient }

  public var resultCount: Int { 3 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 6, operands[5] == operands[4] else {
      throw ShapeError("takes 6 operands, the last two of one type")
    }
    return try gradient.resultTypes(for: Array(operands.prefix(5)))
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    var cotangent = operands[4]
    for index in cotangent.scalars.indices where !(operands[5].scalars[index] > 0) { cotangent.scalars[index] = 0 }
    return try gradient.evaluate(operands.prefix(4) + [cotangent])
  }

  public var summary: String { "gradient of relu(normalization)" }
}

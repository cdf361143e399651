/// The derivatives of a convolution by its weights and by the bias that is added to each output channel.
///
/// Operands as those of `ConvolutionWeightGradient`: input and cotangent. Results: the weights' cotangent and the
/// bias', `[outputChannels]`.
public struct FusedConvolutionGradients: CompilerOperation {
  public static let name = "fusedConvolutionGradients"
  /// The derivative by the weights.
  public let weightGradient: ConvolutionWeightGradient

  /// Adds the bias to a derivative by weights.
  public init(_ weightGradient: ConvolutionWeightGradient) { self.weightGradient = weightGradient }

  public var resultCount: Int { 2 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    let weights = try weightGradient.resultTypes(for: operands)
    return weights + [TensorType([operands[1].shape[operands[1].shape.rank - 1]])]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let axes = Array(0..<operands[1].shape.rank - 1)
    return try weightGradient.evaluate(operands)
      + ReduceSum(axes: axes, keepsDimensions: false).evaluate([operands[1]])
  }

  public var summary: String { "derivatives by weights and bias" }
}

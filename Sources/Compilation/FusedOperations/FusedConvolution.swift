/// A convolution with what follows it: `input * weights + bias`.
///
/// Operands: input, weights, then the bias `[outputs]` where it has one.
public struct FusedConvolution: CompilerOperation {
  public static let name = "fusedConvolution"
  /// The convolution by itself.
  public let convolution: Convolve
  /// Whether each output channel adds a number of its own.
  public let hasBias: Bool

  /// The bare convolution, unless said otherwise.
  public init(_ convolution: Convolve, hasBias: Bool = false) {
    self.convolution = convolution
    self.hasBias = hasBias
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try convolution.resultTypes(for: Array(operands.prefix(2)))
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    var result = try convolution.evaluate(Array(operands.prefix(2)))[0]
    let channels = max(1, result.shape.dimensions.last ?? 1)
    for index in result.scalars.indices {
      result.scalars[index] += hasBias ? operands[2].scalars[index % channels] : 0
    }
    return [result]
  }

  public var summary: String { "x ∗ w" + (hasBias ? " + bias" : "") }
}

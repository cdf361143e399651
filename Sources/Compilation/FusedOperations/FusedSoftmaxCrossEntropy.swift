/// Softmax, cross-entropy and its gradient in one pass over the logits.
///
/// Operands: logits `[batch, classes]`, labels `[batch]`, the cotangents of the losses `[batch]`, or one
/// for all of them `[]`. Results: losses `[batch]`,
/// probabilities and the cotangent of the logits, `(probabilities - oneHot(labels)) * cotangent`, `[batch, classes]`.
public struct FusedSoftmaxCrossEntropy: CompilerOperation {
  public static let name = "fusedSoftmaxCrossEntropy"

  /// Has no attributes: everything is said by the operands.
  public init() {}

  public var resultCount: Int { 3 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    let results = try SoftmaxCrossEntropy().resultTypes(for: Array(operands.prefix(2)))
    guard operands.count == 3, operands[2].shape == operands[1].shape || operands[2].shape == .scalar else {
      throw ShapeError("the cotangents must be one for each loss, or one for all")
    }
    return results + [operands[0]]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let results = try SoftmaxCrossEntropy().evaluate(Array(operands.prefix(2)))
    let classes = operands[0].shape[1]
    var gradient = results[1]
    for index in gradient.scalars.indices {
      let row = index / classes
      let target: Double = Int(operands[1].scalars[row]) == index % classes ? 1 : 0
      let cotangent = operands[2].scalars[operands[2].shape.rank == 0 ? 0 : row]
      gradient.scalars[index] = (gradient.scalars[index] - target) * cotangent
    }
    return results + [gradient]
  }

  public var summary: String { "softmax, cross-entropy and gradient" }
}

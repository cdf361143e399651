/// Reorders the axes: axis `k` of the result is axis `permutation[k]` of the operand.
public struct Transpose: Operation {
  public static let name = "transpose"
  /// By axis of the result: the axis of the operand that it is.
  public let permutation: [Int]

  /// Each axis of the operand must be named once, which is checked when it is appended.
  public init(permutation: [Int]) { self.permutation = permutation }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    let shape = operands[0].shape
    guard permutation.sorted() == Array(shape.dimensions.indices) else {
      throw ShapeError("\(permutation) does not name each of the \(shape.rank) axes of \(shape) once")
    }
    return [TensorType(Shape(permutation.map { shape[$0] }), operands[0].elementType)]
  }

  /// The cotangent with its axes put back.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    var inverse = permutation
    for (position, axis) in permutation.enumerated() { inverse[axis] = position }
    return [step.cotangent.transposed(permutation: inverse)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let operand = operands[0]
    let strides = operand.shape.strides
    let shape = Shape(permutation.map { operand.shape[$0] })
    var result: [Double] = []
    result.reserveCapacity(shape.count)
    forEachOffset(in: shape, strides: permutation.map { strides[$0] }) { result.append(operand.scalars[$0]) }
    return [ShapedArray(shape: shape, unchecked: result)]
  }

  public static var samples: [OperationSample] {
    [
      OperationSample(Transpose(permutation: [1, 0]), [sampleValues([3, 5])]),
      OperationSample(Transpose(permutation: [2, 0, 1]), [sampleValues([2, 3, 5])]),
      OperationSample(Transpose(permutation: [0, 3, 1, 2]), [sampleValues([2, 1, 3, 2])]),
      OperationSample(Transpose(permutation: []), [ShapedArray(scalar: 5)]),
      OperationSample(Transpose(permutation: [1, 0]), [sampleValues([0, 3])]),
      OperationSample(Transpose(permutation: [1, 0]), [sampleIndices([2, 3], below: 9)], elementTypes: [.int32]),
      OperationSample(Transpose(permutation: [1, 0]), [sampleIndices([2, 3], below: 2)], elementTypes: [.bool]),
    ]
  }
}

extension Tensor {
  /// The axes reordered: axis `k` of the result is axis `permutation[k]` of this tensor.
  public func transposed(permutation: [Int]) -> Tensor {
    permutation == Array(shape.dimensions.indices) ? self : .apply(Transpose(permutation: permutation), to: self)
  }

  /// The last two axes exchanged; a tensor of fewer axes as it is.
  public func transposed() -> Tensor {
    guard rank >= 2 else { return self }
    var permutation = Array(shape.dimensions.indices)
    permutation.swapAt(rank - 2, rank - 1)
    return transposed(permutation: permutation)
  }
}

/// Repeats a tensor along axes of extent 1 and along new axes in front, until it is of the given shape.
public struct Broadcast: Operation {
  public static let name = "broadcast"
  /// The shape of the result.
  public let shape: Shape

  /// Aligned at the end, each extent of the operand must be equal or 1, which is checked when it is appended.
  public init(to shape: Shape) { self.shape = shape }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    guard operands[0].shape.canBroadcast(to: shape) else {
      throw ShapeError(
        "\(operands[0].shape) cannot be repeated to \(shape): aligned at the end, extents must be equal or 1")
    }
    return [TensorType(shape, operands[0].elementType)]
  }

  /// What was repeated receives the sum over its repetitions.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let original = step.operands[0].shape
    let offset = shape.rank - original.rank
    let axes = shape.dimensions.indices.filter { $0 < offset || original[$0 - offset] != shape[$0] }
    return [step.cotangent.sum(alongAxes: axes).reshaped(to: original)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let source = operands[0].scalars
    var result: [Double] = []
    result.reserveCapacity(shape.count)
    forEachOffset(in: shape, strides: operands[0].shape.broadcastStrides(to: shape)) { result.append(source[$0]) }
    return [ShapedArray(shape: shape, unchecked: result)]
  }

  public static var samples: [OperationSample] {
    let row = ShapedArray([1.0, 2, 3])
    let column = ShapedArray<Double>(shape: [2, 1], unchecked: [4, 5])
    return [
      OperationSample(Broadcast(to: [2, 3]), [row]),
      OperationSample(Broadcast(to: [2, 3]), [column]),
      OperationSample(Broadcast(to: [3, 2, 4]), [column]),
      OperationSample(Broadcast(to: [2, 2]), [ShapedArray(scalar: 5)]),
      OperationSample(Broadcast(to: [0, 3]), [row]),
      OperationSample(Broadcast(to: [2, 3]), [row], elementTypes: [.int32]),
    ]
  }
}

extension Tensor {
  /// This tensor repeated to `shape`, as NumPy does: axes aligned at the end, extents equal or 1.
  public func broadcast(to shape: Shape) -> Tensor {
    shape == self.shape ? self : .apply(Broadcast(to: shape), to: self)
  }
}

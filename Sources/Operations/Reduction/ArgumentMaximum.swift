/// The position of the largest element along an axis, as int32; the first of equals, and the first NaN where there is
/// one.
public struct ArgumentMaximum: Operation {
  public static let name = "argumentMaximum"
  /// The axis that is searched, counted from the front.
  public let axis: Int

  /// Takes one float32 operand, not empty along the axis, which is checked when it is appended.
  public init(axis: Int) { self.axis = axis }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    guard operands[0].elementType == .float32 else { throw ShapeError("the operand must be float32") }
    var dimensions = operands[0].shape.dimensions
    guard dimensions.indices.contains(axis) else {
      throw ShapeError("there is no axis \(axis) in shape \(operands[0].shape)")
    }
    guard dimensions.remove(at: axis) > 0 else { throw ShapeError("nothing along axis \(axis) can be the largest") }
    return [TensorType(Shape(dimensions), .int32)]
  }

  /// No derivative flows through a position.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [nil] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let operand = operands[0]
    let (extent, stride) = (operand.shape[axis], operand.shape.strides[axis])
    let outer = operand.shape.removing(axis: axis)
    var result: [Double] = []
    forEachOffset(in: outer, strides: Shape(operand.shape.strides).removing(axis: axis).dimensions) { start in
      var best = 0
      for position in 1..<extent {
        let (candidate, largest) = (operand.scalars[start + position * stride], operand.scalars[start + best * stride])
        if candidate > largest || candidate.isNaN && !largest.isNaN { best = position }
      }
      result.append(Double(best))
    }
    return [ShapedArray(shape: outer, unchecked: result)]
  }

  public static var samples: [OperationSample] {
    [
      OperationSample(ArgumentMaximum(axis: 1), [sampleValues([3, 7])]),
      OperationSample(ArgumentMaximum(axis: 0), [sampleValues([3, 7])]),
      OperationSample(ArgumentMaximum(axis: 1), [sampleValues([2, 3, 5])]),
      OperationSample(ArgumentMaximum(axis: 0), [sampleValues([1])]),
      OperationSample(ArgumentMaximum(axis: 1), [sampleValues([0, 3])]),
      OperationSample(
        ArgumentMaximum(axis: 1),
        [ShapedArray(shape: [2, 3], unchecked: [2, 5, 5, -.infinity, -.infinity, -.infinity])],
        isSmooth: false, note: "ties"),
      OperationSample(
        ArgumentMaximum(axis: 0), [ShapedArray([1, .nan, .infinity, .nan])], isSmooth: false, note: "special values"),
    ]
  }
}

extension Tensor {
  /// The position of the largest element along an axis (-1 is the last), as int32; the first of equals.
  public func argmax(alongAxis axis: Int = -1) -> Tensor {
    .apply(ArgumentMaximum(axis: shape.axis(axis) ?? axis), to: self)
  }
}

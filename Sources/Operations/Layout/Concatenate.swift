/// Tensors one after the other along an axis; their other extents agree.
public struct Concatenate: Operation {
  public static let name = "concatenate"
  /// The axis along which operands follow each other, counted from the front.
  public let axis: Int

  /// Takes at least one operand, all of one element type and rank; checked when it is appended.
  public init(axis: Int) { self.axis = axis }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard let first = operands.first else { throw ShapeError("takes at least 1 operand") }
    guard first.shape.dimensions.indices.contains(axis) else {
      throw ShapeError("there is no axis \(axis) in shape \(first.shape)")
    }
    var dimensions = first.shape.dimensions
    for operand in operands.dropFirst() {
      guard operand.elementType == first.elementType else { throw ShapeError("operands must be of one element type") }
      var others = operand.shape.dimensions
      guard others.count == dimensions.count else { throw ShapeError("operands must have equally many axes") }
      let (sum, overflow) = dimensions[axis].addingReportingOverflow(others[axis])
      guard !overflow else { throw ShapeError("the result would be too large") }
      others[axis] = dimensions[axis]
      guard others == dimensions else {
        throw ShapeError("\(operand.shape) and \(first.shape) differ along another axis than \(axis)")
      }
      dimensions[axis] = sum
    }
    return [TensorType(Shape(dimensions), first.elementType)]
  }

  /// To each operand its part of the cotangent.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    var start = 0
    return zip(step.operands, step.isNeeded).map { operand, isNeeded in
      let range = start..<start + operand.shape[axis]
      start = range.upperBound
      return isNeeded ? step.cotangent.sliced(range, alongAxis: axis) : nil
    }
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    var dimensions = operands[0].shape.dimensions
    dimensions[axis] = operands.reduce(0) { $0 + $1.shape[axis] }
    let blocks = operands.map { $0.shape.dimensions[axis...].reduce(1, *) }
    var result: [Double] = []
    for row in 0..<dimensions[..<axis].reduce(1, *) {
      for (operand, block) in zip(operands, blocks) {
        result.append(contentsOf: operand.scalars[row * block..<(row + 1) * block])
      }
    }
    return [ShapedArray(shape: Shape(dimensions), unchecked: result)]
  }

  public static var samples: [OperationSample] {
    [
      OperationSample(
        Concatenate(axis: 0), [sampleValues([3]), sampleValues([1], seed: 1), sampleValues([4], seed: 2)]),
      OperationSample(Concatenate(axis: 1), [sampleValues([3, 2]), sampleValues([3, 5], seed: 1)]),
      OperationSample(Concatenate(axis: 1), [sampleValues([2, 1, 3]), sampleValues([2, 2, 3], seed: 1)]),
      OperationSample(Concatenate(axis: 0), [sampleValues([0, 3]), sampleValues([2, 3], seed: 1)]),
      OperationSample(Concatenate(axis: 0), [sampleValues([5])]),
      OperationSample(
        Concatenate(axis: 0), [ShapedArray([1, 2]), ShapedArray([3])], elementTypes: [.int32, .int32]),
    ]
  }
}

extension Tensor {
  /// This tensor and others one after the other along an axis (-1 is the last).
  public func concatenated(with others: [Tensor], alongAxis axis: Int) -> Tensor {
    graph.apply(Concatenate(axis: shape.axis(axis) ?? axis), to: [self] + others)[0]
  }
}

/// Tensors one after the other along an axis (-1 is the last).
public func concatenate(_ first: Tensor, _ others: Tensor..., alongAxis axis: Int) -> Tensor {
  first.concatenated(with: others, alongAxis: axis)
}

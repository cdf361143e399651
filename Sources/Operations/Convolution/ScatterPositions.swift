/// Adds each element to zeros at its position: the derivative of `MaxPool` and of `GatherPositions`.
///
/// Updates (float32) and positions (int32), both `[batch, positions..., channels]`, give `[batch, spatial...,
/// channels]`; a position counts the spatial elements of its example and channel in row-major order.
public struct ScatterPositions: Operation {
  public static let name = "scatterPositions"
  /// The result's extents along the spatial axes.
  public let extents: [Int]

  /// Takes two operands of one shape, with as many axes as the result, which is checked when it is appended.
  public init(extents: [Int]) { self.extents = extents }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try requireTwoOperands(operands, .float32, .int32)
    let shape = operands[0].shape
    guard operands[1].shape == shape else { throw ShapeError("updates and positions must be of one shape") }
    guard try spatialExtents(shape).count == extents.count, extents.allSatisfy({ (0...1 << 30).contains($0) }) else {
      throw ShapeError("elements of shape \(shape) cannot be scattered over the extents \(extents)")
    }
    return [TensorType(resultShape(shape))]
  }

  private func resultShape(_ shape: Shape) -> Shape { Shape([shape[0]] + extents + [shape[shape.rank - 1]]) }

  /// Each update receives the cotangent of the place that it was added to.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [.apply(GatherPositions(), to: step.cotangent, step.operands[1]), nil]
  }

  /// - Throws: `ShapeError` when a position lies outside of the result.
  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let shape = operands[0].shape
    var result = ShapedArray<Double>(repeating: 0, shape: resultShape(shape))
    try forEachPosition(operands[1], in: result.shape) { index, target in
      result.scalars[target] += operands[0].scalars[index]
    }
    return [result]
  }

  public static var samples: [OperationSample] {
    func sample(_ extents: [Int], _ updates: Shape) -> OperationSample {
      OperationSample(
        ScatterPositions(extents: extents),
        [sampleValues(updates), sampleIndices(updates, below: extents.reduce(1, *), seed: 1)],
        elementTypes: [.float32, .int32])
    }
    return [
      sample([4], [2, 3, 5]), sample([3, 2], [2, 2, 3, 3]), sample([2, 1, 3], [1, 2, 2, 1, 1]),
      sample([4], [0, 3, 2]),
    ]
  }
}

/// Calls `body` with each index of `positions`, `[batch, positions..., channels]`, and the offset that it points to in
/// an array of the shape `[batch, spatial..., channels]`.
/// - Throws: `ShapeError` when a position lies outside.
func forEachPosition(
  _ positions: ShapedArray<Double>, in shape: Shape, _ body: (_ index: Int, _ offset: Int) -> Void
) throws {
  let channels = shape[shape.rank - 1]
  let places = (shape.spatial ?? []).reduce(1, *)
  let count = positions.shape.count / Swift.max(1, positions.shape[0])
  for (index, position) in positions.scalars.enumerated() {
    let place = try checkedIndex(position, below: places)
    body(index, (index / count * places + place) * channels + index % channels)
  }
}

/// The elements at given positions: undoes `ScatterPositions`, and so is its derivative.
///
/// A table `[batch, spatial..., channels]` (float32) and positions `[batch, positions..., channels]` (int32) give
/// elements of the positions' shape; a position counts the spatial elements of its example and channel in row-major
/// order.
public struct GatherPositions: Operation {
  public static let name = "gatherPositions"

  /// Takes two operands with the same number of axes, examples and channels, which is checked when it is appended.
  public init() {}

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try requireTwoOperands(operands, .float32, .int32)
    let (table, positions) = (operands[0].shape, operands[1].shape)
    guard try spatialExtents(table).count == spatialExtents(positions).count, table[0] == positions[0],
      table[table.rank - 1] == positions[positions.rank - 1]
    else { throw ShapeError("positions of shape \(positions) do not fit a table of shape \(table)") }
    return [TensorType(positions)]
  }

  /// Each place of the table receives the sum of the cotangents of what was taken from it.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let extents = try spatialExtents(step.operands[0].shape)
    return [.apply(ScatterPositions(extents: extents), to: step.cotangent, step.operands[1]), nil]
  }

  /// - Throws: `ShapeError` when a position lies outside of the table.
  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    var result = operands[1]
    try forEachPosition(operands[1], in: operands[0].shape) { index, source in
      result.scalars[index] = operands[0].scalars[source]
    }
    return [result]
  }

  public static var samples: [OperationSample] {
    func sample(_ table: Shape, _ positions: Shape) -> OperationSample {
      let places = (table.spatial ?? []).reduce(1, *)
      return OperationSample(
        GatherPositions(), [sampleValues(table), sampleIndices(positions, below: places, seed: 1)],
        elementTypes: [.float32, .int32])
    }
    return [
      sample([2, 4, 5], [2, 3, 5]), sample([2, 3, 2, 3], [2, 2, 3, 3]), sample([1, 2, 1, 3, 1], [1, 2, 2, 1, 1]),
      sample([0, 4, 2], [0, 3, 2]),
    ]
  }
}

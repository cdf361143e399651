/// Adds slices to a table of zeros at the indices along an axis: the transpose of `Gather`, and so its derivative.
///
/// Operands: the updates (float32 or int32), of the shape that `Gather` would give, and the indices (int32). The result
/// has one axis of `extent` in the place of the indices' axes.
public struct ScatterAdd: Operation {
  public static let name = "scatterAdd"
  /// The axis of the result that indices count along, from the front.
  public let axis: Int
  /// The result's extent along that axis.
  public let extent: Int

  /// A negative extent or an axis that does not fit the updates is an error when it is appended.
  public init(axis: Int, extent: Int) {
    self.axis = axis
    self.extent = extent
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 2 else { throw ShapeError("takes 2 operands, not \(operands.count)") }
    let (updates, indices) = (operands[0], operands[1])
    guard updates.elementType != .bool else { throw ShapeError("the updates must be float32 or int32") }
    guard indices.elementType == .int32 else { throw ShapeError("the indices must be int32") }
    guard extent >= 0 else { throw ShapeError("the extent \(extent) is negative") }
    guard axis >= 0, axis <= updates.shape.rank, updates.shape.rank - axis >= indices.shape.rank,
      Array(updates.shape.dimensions[axis..<axis + indices.shape.rank]) == indices.shape.dimensions
    else {
      throw ShapeError(
        "the updates' shape \(updates.shape) must contain the indices' \(indices.shape) from axis \(axis) on")
    }
    return [TensorType(resultShape(updates.shape, indices.shape), updates.elementType)]
  }

  private func resultShape(_ updates: Shape, _ indices: Shape) -> Shape {
    Shape(updates.dimensions[..<axis] + [extent] + updates.dimensions[(axis + indices.rank)...])
  }

  /// Each update receives the cotangent of the slice that it was added to.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [step.cotangent.gathering(step.operands[1], alongAxis: axis), nil]
  }

  /// - Throws: `ShapeError` when an index lies outside of the table.
  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let (updates, indices) = (operands[0], operands[1])
    let block = updates.shape.dimensions[(axis + indices.shape.rank)...].reduce(1, *)
    let positions = try indices.scalars.map { try checkedIndex($0, below: extent) }
    var result = ShapedArray<Double>(repeating: 0, shape: resultShape(updates.shape, indices.shape))
    var source = 0
    for row in 0..<updates.shape.dimensions[..<axis].reduce(1, *) {
      for position in positions {
        let start = (row * extent + position) * block
        for offset in start..<start + block {
          result.scalars[offset] += updates.scalars[source]
          source += 1
        }
      }
    }
    return [result]
  }

  public static var samples: [OperationSample] {
    func sample(
      _ axis: Int, extent: Int, _ updates: Shape, _ indices: Shape, type: ElementType = .float32
    ) -> OperationSample {
      let values = type == .float32 ? sampleValues(updates) : sampleIndices(updates, below: 100)
      return OperationSample(
        ScatterAdd(axis: axis, extent: extent), [values, sampleIndices(indices, below: extent, seed: 1)],
        elementTypes: [type, .int32])
    }
    return [
      sample(0, extent: 5, [7, 3], [7]), sample(1, extent: 3, [2, 4, 3], [4]),
      sample(1, extent: 2, [2, 2, 3, 2], [2, 3]), sample(0, extent: 4, [3], []),
      sample(0, extent: 3, [0, 2], [0]), sample(0, extent: 3, [2, 0], [2]),
      sample(0, extent: 5, [7], [7], type: .int32),
    ]
  }
}

extension Tensor {
  /// Zeros of `extent` along an axis, to which the slices of this tensor are added where the int32 `indices` say; see
  /// `ScatterAdd`.
  public func scatteringAdd(_ indices: Tensor, alongAxis axis: Int = 0, extent: Int) -> Tensor {
    .apply(ScatterAdd(axis: axis, extent: extent), to: self, indices)
  }
}

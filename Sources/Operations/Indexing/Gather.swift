/// Picks slices of a table by their index along an axis.
///
/// Operands: the table (of any element type) and the indices (int32, of any shape). The indices' axes take the place of
/// the table's axis: `[rows, columns]` gathered along axis 0 by `[batch]` is `[batch, columns]`.
public struct Gather: Operation {
  public static let name = "gather"
  /// The axis of the table that indices count along, from the front.
  public let axis: Int

  /// `Tensor.gathering(_:alongAxis:)` appends it; that the axis exists is checked then.
  public init(axis: Int) { self.axis = axis }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 2 else { throw ShapeError("takes 2 operands, not \(operands.count)") }
    let (table, indices) = (operands[0], operands[1])
    guard indices.elementType == .int32 else { throw ShapeError("the indices must be int32") }
    guard table.shape.dimensions.indices.contains(axis) else {
      throw ShapeError("there is no axis \(axis) in shape \(table.shape)")
    }
    return [TensorType(resultShape(table.shape, indices.shape), table.elementType)]
  }

  private func resultShape(_ table: Shape, _ indices: Shape) -> Shape {
    Shape(table.dimensions[..<axis] + indices.dimensions + table.dimensions[(axis + 1)...])
  }

  /// Each slice of the table receives the sum of the cotangents of the places that it went to.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (table, indices) = (step.operands[0], step.operands[1])
    return [.apply(ScatterAdd(axis: axis, extent: table.shape[axis]), to: step.cotangent, indices), nil]
  }

  /// - Throws: `ShapeError` when an index lies outside of the table.
  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let (table, indices) = (operands[0], operands[1])
    let extent = table.shape[axis]
    let block = table.shape.dimensions[(axis + 1)...].reduce(1, *)
    let positions = try indices.scalars.map { try checkedIndex($0, below: extent) }
    var result: [Double] = []
    for row in 0..<table.shape.dimensions[..<axis].reduce(1, *) {
      for position in positions {
        let start = (row * extent + position) * block
        result.append(contentsOf: table.scalars[start..<start + block])
      }
    }
    return [ShapedArray(shape: resultShape(table.shape, indices.shape), unchecked: result)]
  }

  public static var samples: [OperationSample] {
    func sample(_ axis: Int, _ table: Shape, _ indices: Shape, type: ElementType = .float32) -> OperationSample {
      let values = type == .float32 ? sampleValues(table) : sampleIndices(table, below: type == .bool ? 2 : 100)
      return OperationSample(
        Gather(axis: axis), [values, sampleIndices(indices, below: table[axis], seed: 1)], elementTypes: [type, .int32])
    }
    return [
      sample(0, [5, 3], [7]), sample(1, [3, 5], [4]), sample(1, [2, 3, 2], [2, 3]), sample(0, [4], []),
      sample(0, [5, 3], [0]), sample(0, [5, 0], [2]), sample(2, [2, 1, 3], [1, 5]),
      sample(0, [5, 3], [4], type: .int32), sample(0, [5, 3], [4], type: .bool),
    ]
  }
}

/// An index that was computed, as a position.
/// - Throws: `ShapeError` that names the index and the extent when it lies outside.
func checkedIndex(_ index: Double, below extent: Int) throws -> Int {
  guard let position = Int(exactly: index), (0..<extent).contains(position) else {
    throw ShapeError("index \(Int(exactly: index).map(String.init) ?? "\(index)") is not within 0..<\(extent)")
  }
  return position
}

extension Tensor {
  /// The slices of this tensor that the int32 `indices` name along an axis (-1 is the last); see `Gather`.
  public func gathering(_ indices: Tensor, alongAxis axis: Int = 0) -> Tensor {
    .apply(Gather(axis: shape.axis(axis) ?? axis), to: self, indices)
  }
}

/// Class numbers as rows with a single 1: int32 of shape `[...]` gives float32 of shape `[..., depth]`. A number
/// outside of `0..<depth` gives a row of zeros.
public struct OneHot: Operation {
  public static let name = "oneHot"
  /// The number of classes: the extent of the axis that is added at the end.
  public let depth: Int

  /// `oneHot(_:depth:)` appends it; a negative depth is an error then.
  public init(depth: Int) { self.depth = depth }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    guard operands[0].elementType == .int32 else { throw ShapeError("the operand must be int32") }
    guard depth >= 0 else { throw ShapeError("the depth \(depth) is negative") }
    return [TensorType(Shape(operands[0].shape.dimensions + [depth]))]
  }

  /// No derivative flows through integers.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [nil] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let indices = operands[0]
    var result = ShapedArray<Double>(repeating: 0, shape: Shape(indices.shape.dimensions + [depth]))
    for (row, index) in indices.scalars.enumerated() {
      guard let column = Int(exactly: index), (0..<depth).contains(column) else { continue }
      result.scalars[row * depth + column] = 1
    }
    return [result]
  }

  public static var samples: [OperationSample] {
    [
      OperationSample(OneHot(depth: 5), [ShapedArray([0, 4, 2])], elementTypes: [.int32]),
      OperationSample(OneHot(depth: 3), [sampleIndices([2, 3], below: 3)], elementTypes: [.int32]),
      OperationSample(OneHot(depth: 3), [ShapedArray(scalar: 1)], elementTypes: [.int32]),
      OperationSample(OneHot(depth: 3), [ShapedArray([-1, 3, 2])], elementTypes: [.int32], note: "out of range"),
      OperationSample(OneHot(depth: 0), [ShapedArray([0, 1])], elementTypes: [.int32]),
      OperationSample(OneHot(depth: 3), [sampleIndices([0, 2], below: 3)], elementTypes: [.int32]),
    ]
  }
}

/// Class numbers (int32) as rows with a single 1, along a new last axis of `depth`.
public func oneHot(_ indices: Tensor, depth: Int) -> Tensor { .apply(OneHot(depth: depth), to: indices) }

/// Along each axis, the elements from `starts` up to but not including `ends`, every `strides`-th of them.
public struct Slice: Operation {
  public static let name = "slice"
  /// By axis: the first index that is taken.
  public let starts: [Int]
  /// By axis: the index before which taking ends.
  public let ends: [Int]
  /// By axis: the distance from one index that is taken to the next, at least 1.
  public let strides: [Int]

  /// A number for each axis of the operand; that they lie within it is checked when it is appended.
  public init(starts: [Int], ends: [Int], strides: [Int]) {
    self.starts = starts
    self.ends = ends
    self.strides = strides
  }

  /// How many elements are taken along an axis.
  private func extent(_ axis: Int) -> Int {
    ends[axis] == starts[axis] ? 0 : (ends[axis] - starts[axis] - 1) / strides[axis] + 1
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    let shape = operands[0].shape
    guard [starts.count, ends.count, strides.count].allSatisfy({ $0 == shape.rank }) else {
      throw ShapeError("starts, ends and strides must name a number for each axis of \(shape)")
    }
    for axis in shape.dimensions.indices {
      guard starts[axis] >= 0, starts[axis] <= ends[axis], ends[axis] <= shape[axis] else {
        throw ShapeError("\(starts[axis])..<\(ends[axis]) does not lie within axis \(axis) of \(shape)")
      }
      guard strides[axis] >= 1 else { throw ShapeError("strides must be positive, but one is \(strides[axis])") }
    }
    return [TensorType(Shape(shape.dimensions.indices.map(extent)), operands[0].elementType)]
  }

  /// The cotangent, put back where its elements came from, among zeros.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let shape = step.operands[0].shape
    let axes = shape.dimensions.indices
    let ends = axes.map { extent($0) == 0 ? starts[$0] : starts[$0] + (extent($0) - 1) * strides[$0] + 1 }
    return [
      step.cotangent.padded(
        low: starts, high: axes.map { shape[$0] - ends[$0] },
        interior: axes.map { extent($0) > 1 ? strides[$0] - 1 : 0 })
    ]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let operand = operands[0]
    let axes = operand.shape.dimensions.indices
    let own = operand.shape.strides
    let shape = Shape(axes.map(extent))
    let start = axes.reduce(0) { $0 + starts[$1] * own[$1] }
    // Along an axis of one element or none the stride is not used, and could be too large to multiply.
    let steps = axes.map { shape[$0] > 1 ? strides[$0] * own[$0] : 0 }
    var result: [Double] = []
    result.reserveCapacity(shape.count)
    forEachOffset(in: shape, strides: steps, start: start) { result.append(operand.scalars[$0]) }
    return [ShapedArray(shape: shape, unchecked: result)]
  }

  public static var samples: [OperationSample] {
    [
      OperationSample(Slice(starts: [1], ends: [4], strides: [1]), [sampleValues([7])]),
      OperationSample(Slice(starts: [1, 0], ends: [3, 5], strides: [1, 2]), [sampleValues([3, 5])]),
      OperationSample(Slice(starts: [1, 2], ends: [6, 3], strides: [3, 9]), [sampleValues([7, 3])]),
      OperationSample(Slice(starts: [0, 2, 0], ends: [2, 2, 3], strides: [1, 1, 1]), [sampleValues([2, 3, 3])]),
      OperationSample(Slice(starts: [0, 0], ends: [0, 2], strides: [1, 1]), [sampleValues([0, 3])]),
      OperationSample(Slice(starts: [], ends: [], strides: []), [ShapedArray(scalar: 5)]),
      OperationSample(
        Slice(starts: [1], ends: [5], strides: [2]), [sampleIndices([5], below: 9)], elementTypes: [.int32]),
    ]
  }
}

extension Tensor {
  /// Along each axis, the elements from `starts` up to but not including `ends`, every `strides`-th (all when nil).
  public func sliced(starts: [Int], ends: [Int], strides: [Int]? = nil) -> Tensor {
    .apply(Slice(starts: starts, ends: ends, strides: strides ?? starts.map { _ in 1 }), to: self)
  }

  /// The elements of `range` along one axis (-1 is the last), every `stride`-th of them; the other axes whole.
  public func sliced(_ range: Range<Int>, alongAxis axis: Int, stride: Int = 1) -> Tensor {
    guard let axis = shape.axis(axis) else {
      return failing("slice", "there is no axis \(axis) in shape \(shape)")
    }
    var (starts, ends) = (shape.dimensions.map { _ in 0 }, shape.dimensions)
    var strides = shape.dimensions.map { _ in 1 }
    (starts[axis], ends[axis], strides[axis]) = (range.lowerBound, range.upperBound, stride)
    return sliced(starts: starts, ends: ends, strides: strides)
  }
}

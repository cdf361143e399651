/// What reductions over axes have in common: the axes go, or stay with extent 1.
public protocol Reduction: Operation {
  /// The axes to reduce over, counted from the front, ascending and without repetition.
  var axes: [Int] { get }
  /// Whether the reduced axes stay, with extent 1.
  var keepsDimensions: Bool { get }

  /// Reduces the elements of one group, in row-major order; the group may be empty.
  func reduce(_ group: [Double]) throws -> Double
}

extension Reduction {
  /// The result's shape.
  /// - Throws: `ShapeError` when an axis does not exist.
  public func reducedShape(of shape: Shape) throws -> Shape {
    for axis in axes where !shape.dimensions.indices.contains(axis) {
      throw ShapeError("there is no axis \(axis) in shape \(shape)")
    }
    guard zip(axes, axes.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw ShapeError("axes \(axes) must be ascending and different")
    }
    return Shape(shape.dimensions.indices.compactMap { axis in
      axes.contains(axis) ? (keepsDimensions ? 1 : nil) : shape[axis]
    })
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    guard operands[0].elementType == .float32 else { throw ShapeError("the operand must be float32") }
    return [TensorType(try reducedShape(of: operands[0].shape))]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let operand = operands[0]
    let strides = operand.shape.strides
    let kept = operand.shape.dimensions.indices.filter { !axes.contains($0) }
    let outer = Shape(kept.map { operand.shape[$0] })
    let inner = Shape(axes.map { operand.shape[$0] })
    let innerStrides = axes.map { strides[$0] }
    var result: [Double] = []
    var group: [Double] = []
    try forEachOffset(in: outer, strides: kept.map { strides[$0] }) { start in
      group.removeAll(keepingCapacity: true)
      forEachOffset(in: inner, strides: innerStrides, start: start) { group.append(operand.scalars[$0]) }
      result.append(try reduce(group))
    }
    return [ShapedArray(shape: try reducedShape(of: operand.shape), unchecked: result)]
  }

  /// A result-shaped tensor repeated along the reduced axes of `operand`.
  func expand(_ tensor: Tensor, like operand: Tensor) -> Tensor {
    let kept = Shape(operand.shape.dimensions.indices.map { axes.contains($0) ? 1 : operand.shape[$0] })
    return tensor.reshaped(to: kept).broadcast(to: operand.shape)
  }
}

extension Reduction {
  /// The chain rule of a largest or smallest element: equal parts of the cotangent to all that equal the result.
  func share(_ step: PullbackStep) -> Tensor {
    let operand = step.operands[0]
    let isChosen = operand .== expand(step.results[0], like: operand)
    let count = isChosen.cast(to: .float32).sum(alongAxes: axes).reshaped(to: step.results[0].shape)
    return select(isChosen, expand(step.cotangent / count, like: operand), 0)
  }
}

/// Samples over each kind of axes, with odd, thin and empty extents.
func reductionSamples(_ make: (_ axes: [Int], _ keepsDimensions: Bool) -> any Operation) -> [OperationSample] {
  let (matrix, cube) = (sampleValues([3, 7]), sampleValues([2, 3, 5], seed: 1))
  return [
    OperationSample(make([0], false), [matrix]),
    OperationSample(make([1], true), [matrix]),
    OperationSample(make([0, 1], false), [matrix]),
    OperationSample(make([0, 2], false), [cube]),
    OperationSample(make([1], true), [cube]),
    OperationSample(make([], false), [matrix]),
    OperationSample(make([], false), [ShapedArray(scalar: 3)]),
    OperationSample(make([1], false), [sampleValues([5, 1])]),
    OperationSample(make([0], false), [sampleValues([0, 3])], note: "over nothing"),
    OperationSample(make([1], false), [sampleValues([0, 3])], note: "empty result"),
    OperationSample(make([0, 2], false), [sampleValues([0, 3, 2])], note: "over nothing, apart"),
    OperationSample(
      make([1], false),
      [ShapedArray(shape: [4, 3], unchecked: [1, .infinity, 2, -.infinity, 0, 3, .nan, 1, 2, 0, -0.0, -1])],
      isSmooth: false, note: "special values"),
  ]
}

extension Tensor {
  /// Appends a reduction over axes as users give them: negative ones count from the back, nil means all. Over no axis
  /// at all, every reduction leaves its operand as it is.
  func reduced(alongAxes axes: [Int]?, _ operation: (_ axes: [Int]) -> any Operation) -> Tensor {
    let resolved = axes.map { Set($0.map { shape.axis($0) ?? $0 }).sorted() } ?? Array(shape.dimensions.indices)
    if resolved.isEmpty, elementType == .float32 { return self }
    return graph.apply(operation(resolved), to: [self])[0]
  }
}

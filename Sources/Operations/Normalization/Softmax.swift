import RealModule

/// `e^x / Σ e^x` along an axis: positive numbers that sum to 1.
public struct Softmax: Operation {
  public static let name = "softmax"
  /// The axis along which probabilities add up to 1, counted from the front.
  public let axis: Int

  /// Takes one float32 operand; that it has the axis is checked when this is appended.
  public init(axis: Int) { self.axis = axis }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try normalizedType(of: operands, axis: axis)
  }

  /// `x̄ = y (ȳ - Σ ȳ y)`, in terms of the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [softmaxCotangent(probabilities: step.results[0], cotangent: step.cotangent, axis: axis)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    [mapGroups(of: operands[0], axis: axis, softmax)]
  }

  public static var samples: [OperationSample] { normalizationSamples { Softmax(axis: $0) } }
}

extension Tensor {
  /// `e^x / Σ e^x` along an axis (-1 is the last), computed so that nothing overflows.
  public func softmax(alongAxis axis: Int = -1) -> Tensor { .apply(Softmax(axis: shape.axis(axis) ?? axis), to: self) }
}

/// `e^x / Σ e^x` along an axis (-1 is the last).
public func softmax(_ x: Tensor, alongAxis axis: Int = -1) -> Tensor { x.softmax(alongAxis: axis) }

// MARK: What the operations of this family share

/// The largest exponent is taken out, so that no exponential overflows.
func softmax(_ group: [Double]) -> [Double] {
  let largest = group.max() ?? 0
  let exponentials = group.map { Double.exp($0 - largest) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}

func softmaxCotangent(probabilities: Tensor, cotangent: Tensor, axis: Int) -> Tensor {
  let weighted = (cotangent * probabilities).sum(alongAxes: [axis], keepsDimensions: true)
  return probabilities * (cotangent - weighted)
}

/// The shape rule: one float32 operand, whose type is the result's.
func normalizedType(of operands: [TensorType], axis: Int) throws -> [TensorType] {
  guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
  guard operands[0].elementType == .float32 else { throw ShapeError("the operand must be float32") }
  guard operands[0].shape.dimensions.indices.contains(axis) else {
    throw ShapeError("there is no axis \(axis) in shape \(operands[0].shape)")
  }
  return operands
}

/// Replaces the elements along `axis`, group by group.
func mapGroups(
  of operand: ShapedArray<Double>, axis: Int, _ transform: ([Double]) -> [Double]
) -> ShapedArray<Double> {
  var result = operand
  let (extent, strides) = (operand.shape[axis], operand.shape.strides)
  forEachOffset(
    in: operand.shape.removing(axis: axis), strides: Shape(strides).removing(axis: axis).dimensions
  ) { start in
    let places = (0..<extent).map { start + $0 * strides[axis] }
    for (place, scalar) in zip(places, transform(places.map { operand.scalars[$0] })) { result.scalars[place] = scalar }
  }
  return result
}

func normalizationSamples(_ operation: (_ axis: Int) -> any Operation) -> [OperationSample] {
  [
    OperationSample(operation(1), [sampleValues([3, 7])]),
    OperationSample(operation(0), [sampleValues([3, 5])]),
    OperationSample(operation(1), [sampleValues([2, 3, 5])]),
    OperationSample(operation(0), [sampleValues([1])]),
    OperationSample(operation(1), [sampleValues([3, 1])]),
    OperationSample(operation(1), [sampleValues([0, 4])]),
    OperationSample(operation(1), [sampleValues([4, 0])]),
    OperationSample(operation(0), [ShapedArray([1000, 999, -1000])], note: "large"),
    OperationSample(
      operation(1), [ShapedArray(shape: [3, 3], unchecked: [0, -.infinity, 1, .nan, 0, 1, 2, 2, 2])],
      isSmooth: false, note: "special values"),
  ]
}

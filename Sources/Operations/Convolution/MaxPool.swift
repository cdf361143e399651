/// The largest element within each window, by channel, and where it lies.
///
/// `[batch, spatial..., channels]` gives the values `[batch, positions..., channels]` and, of the same shape, int32
/// positions among the input's spatial elements in row-major order. Padding is never the largest; of equal elements the
/// first is, and the first NaN where there is one.
public struct MaxPool: Operation {
  public static let name = "maxPool"
  /// The window's extents, one for each spatial axis.
  public let extents: [Int]
  /// How it slides.
  public let window: SlidingWindow

  /// Takes one float32 operand; that the window fits is checked when it is appended.
  public init(_ extents: [Int], _ window: SlidingWindow) {
    self.extents = extents
    self.window = window
  }

  public var resultCount: Int { 2 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    let shape = try pooledShape(operands, extents, window)
    return [TensorType(shape), TensorType(shape, .int32)]
  }

  /// Each element's cotangent goes to where it came from.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    guard let cotangent = step.cotangents[0], let extents = step.operands[0].shape.spatial else { return [nil] }
    return [.apply(ScatterPositions(extents: extents), to: cotangent, step.results[1])]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let input = operands[0]
    let shape = try pooledShape([TensorType(input.shape)], extents, window)
    let channels = shape[shape.rank - 1]
    var values = [Double](repeating: -.infinity, count: shape.count)
    var positions = [Double](repeating: -1, count: shape.count)
    forEachPooledElement(input.shape, shape, extents, window) { place, output, input in
      for channel in 0..<channels {
        let (candidate, index) = (operands[0].scalars[input + channel], output + channel)
        let isFirst = positions[index] < 0
        if isFirst || candidate > values[index] || candidate.isNaN && !values[index].isNaN {
          values[index] = candidate
          positions[index] = Double(place)
        }
      }
    }
    return [ShapedArray(shape: shape, unchecked: values), ShapedArray(shape: shape, unchecked: positions)]
  }

  public static var samples: [OperationSample] {
    poolingSamples { MaxPool($0, $1) } + [
      OperationSample(
        MaxPool([2], SlidingWindow(strides: [2], low: [1])),
        [ShapedArray(shape: [1, 5, 1], unchecked: [-.infinity, .nan, 1, 2, .nan])], isSmooth: false,
        note: "special values")
    ]
  }
}

extension Tensor {
  /// The largest element of each window over the spatial axes of `[batch, spatial..., channels]`.
  public func maxPooled(_ extents: [Int], _ window: SlidingWindow) -> Tensor {
    graph.apply(MaxPool(extents, window), to: [self])[0]
  }
}

/// The shape that pooling gives.
/// - Throws: `ShapeError` when the window does not fit the operand.
func pooledShape(_ operands: [TensorType], _ extents: [Int], _ window: SlidingWindow) throws -> Shape {
  guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
  guard operands[0].elementType == .float32 else { throw ShapeError("the operand must be float32") }
  let shape = operands[0].shape
  let spatial = try window.pooledExtents(spatialExtents(shape), window: extents)
  return Shape([shape[0]] + spatial + [shape[shape.rank - 1]])
}

/// Calls `body` for each element of the input that each window sees with its place among the spatial elements, and with
/// the offsets of the first channel of the result and of the input.
func forEachPooledElement(
  _ input: Shape, _ result: Shape, _ extents: [Int], _ window: SlidingWindow,
  _ body: (_ place: Int, _ result: Int, _ input: Int) -> Void
) {
  guard let inputs = input.spatial, let results = result.spatial else { return }
  let channels = input[input.rank - 1]
  for example in 0..<input[0] {
    window.forEachTap(inputs, window: extents, results: results) { place, _, position in
      body(
        place, (example * results.reduce(1, *) + position) * channels,
        (example * inputs.reduce(1, *) + place) * channels)
    }
  }
}

/// Each number of axes; windows side by side, overlapping, apart, dilated and padded; no examples.
func poolingSamples(_ make: (_ extents: [Int], _ window: SlidingWindow) -> any Operation) -> [OperationSample] {
  let cases: [([Int], SlidingWindow, Shape)] = [
    ([2], SlidingWindow(strides: [2]), [2, 5, 3]),
    ([2, 2], SlidingWindow(strides: [2, 2]), [2, 4, 6, 3]),
    ([3, 2], SlidingWindow(strides: [2, 1], low: [1, 0], high: [1, 1]), [1, 5, 3, 2]),
    ([2, 2], SlidingWindow(strides: [3, 1], dilations: [2, 1]), [1, 6, 3, 17]),
    ([2, 1, 2], SlidingWindow(strides: [1, 2, 2], low: [0, 0, 1], high: [1, 0, 0]), [1, 3, 3, 5, 2]),
    ([1, 1], SlidingWindow(strides: [1, 1]), [1, 2, 3, 1]),
    ([2, 2], SlidingWindow(strides: [2, 2]), [0, 4, 4, 2]),
  ]
  return cases.map { extents, window, shape in OperationSample(make(extents, window), [sampleValues(shape)]) }
}

extension LayerContext {
  /// An input of layers that slide windows: `[batch, spatial..., channels]`.
  ///
  /// An input without a channel axis, such as `[batch, height, width]` where windows have two axes, gets one of a
  /// single channel: grayscale images are data of shape `[height, width]`.
  /// - Parameter rank: the number of spatial axes; nil for any, of 1 to 3, with the channel axis last.
  /// - Throws: `LayerError` when the input has another number of axes, or is not of real numbers.
  func spatialInput(_ input: Tensor, rank: Int? = nil, kind: String) throws -> Tensor {
    if let rank, !(1...3).contains(rank) {
      throw error("windows slide over 1, 2 or 3 axes, not \(rank)")
    }
    if input.elementType == .float32 {
      if let rank, input.rank == rank + 1 { return input.reshaped(to: Shape(input.shape.dimensions + [1])) }
      if rank.map({ $0 + 2 == input.rank }) ?? (3...5).contains(input.rank) { return input }
    }
    let axes = rank.map { ["time", "height, width", "depth, height, width"][$0 - 1] } ?? "spatial axes"
    throw error(
      "a \(kind) layer takes float32 [batch, \(axes), channels], but its input is \(input.type)")
  }

  /// Where windows go on an input `[batch, spatial..., channels]`.
  /// - Returns: the window's extents, and how it slides.
  func slidingWindow(
    _ extents: AxisNumbers, stride: AxisNumbers, padding: Padding, dilation: AxisNumbers = 1, over spatial: [Int]
  ) throws -> ([Int], SlidingWindow) {
    let rank = spatial.count
    let window = try extents.resolved("the window", rank: rank, least: 1, in: self)
    let strides = try stride.resolved("stride", rank: rank, least: 1, in: self)
    let dilations = try dilation.resolved("dilation", rank: rank, least: 1, in: self)
    let (low, high) = try padding.resolved(spatial, window: window, strides: strides, dilations: dilations, in: self)
    return (window, SlidingWindow(strides: strides, low: low, high: high, dilations: dilations))
  }
}

extension Tensor {
  /// The extents between the first axis, the batch, and the last, the channels, which both must exist.
  var spatialExtents: [Int] { Array(shape.dimensions[1..<rank - 1]) }
  /// The axes between batch and channels.
  var spatialAxes: [Int] { Array(1..<rank - 1) }

  /// The product of a matrix `[results, extent]` with every line along an axis.
  func multiplied(by matrix: [[Double]], alongAxis axis: Int) -> Tensor {
    let dimensions = shape.dimensions
    let (outer, inner) = (dimensions[..<axis].reduce(1, *), dimensions[(axis + 1)...].reduce(1, *))
    let constant = graph.constant(
      ShapedArray(shape: [matrix.count, dimensions[axis]], unchecked: matrix.flatMap { $0 }))
    let product = matrixMultiply(constant, reshaped(to: [outer, dimensions[axis], inner]))
    return product.reshaped(to: Shape(dimensions[..<axis] + [matrix.count] + dimensions[(axis + 1)...]))
  }
}

/// The number of spatial axes of a layer whose window is given as numbers for each of them; a single number is a square
/// window over images.
func windowRank(_ extents: AxisNumbers) -> Int { extents.isForAll ? 2 : extents.numbers.count }

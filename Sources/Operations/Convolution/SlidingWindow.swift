/// How a window slides over the spatial axes, those between the batch and the channels: what convolutions and pooling
/// have in common. Each list has a number for each spatial axis.
public struct SlidingWindow: Hashable, Codable, Sendable {
  /// By how many elements the window moves from one result to the next, 1 or more.
  public let strides: [Int]
  /// How many elements of padding stand before the input.
  public let low: [Int]
  /// How many stand after it.
  public let high: [Int]
  /// The distance between neighbours of the window in the input; 1 for a window without gaps.
  public let dilations: [Int]

  /// Lists of equal length, which is checked when an operation is appended; no padding and no gaps where they are nil.
  public init(strides: [Int], low: [Int]? = nil, high: [Int]? = nil, dilations: [Int]? = nil) {
    self.strides = strides
    self.low = low ?? strides.map { _ in 0 }
    self.high = high ?? strides.map { _ in 0 }
    self.dilations = dilations ?? strides.map { _ in 1 }
  }

  /// The number of spatial axes.
  public var rank: Int { strides.count }

  /// How many places there are for a window along each axis:
  /// `(extent + low + high - (window - 1) dilation - 1) / stride + 1`, rounded down.
  /// - Parameters:
  ///   - extents: of the input.
  ///   - window: the window's own extents.
  /// - Throws: `ShapeError` when there is none, or when the lists are not one for each axis.
  public func resultExtents(_ extents: [Int], window: [Int]) throws -> [Int] {
    guard (1...3).contains(rank) else { throw ShapeError("windows slide over 1, 2 or 3 axes, not \(rank)") }
    guard [low, high, dilations, extents, window].allSatisfy({ $0.count == rank }) else {
      throw ShapeError(
        "a window of extents \(window) over \(extents) needs a stride, padding and a dilation for each axis, but has "
          + "strides \(strides), padding \(low) and \(high), dilations \(dilations)")
    }
    let limit = 1 << 30
    guard (strides + dilations + window).allSatisfy({ (1...limit).contains($0) }),
      (low + high).allSatisfy({ (0...limit).contains($0) })
    else {
      throw ShapeError(
        "windows, strides and dilations must be at least 1 and padding at least 0, none above 2^30; they are "
          + "\(window), \(strides), \(dilations), \(low) and \(high)")
    }
    return try extents.indices.map { axis in
      let span = extents[axis] + low[axis] + high[axis] - (window[axis] - 1) * dilations[axis] - 1
      guard span >= 0 else {
        throw ShapeError(
          "a window of \((window[axis] - 1) * dilations[axis] + 1) does not fit the extent \(extents[axis]) with "
            + "\(low[axis]) before and \(high[axis]) after it")
      }
      return span / strides[axis] + 1
    }
  }

  /// As `resultExtents`, for windows that must each see a part of the input: of padding alone, nothing is the largest.
  func pooledExtents(_ extents: [Int], window: [Int]) throws -> [Int] {
    let results = try resultExtents(extents, window: window)
    for axis in extents.indices {
      for result in 0..<results[axis] {
        let start = result * strides[axis] - low[axis]
        // The first element of the window that is not before the input.
        let first = start >= 0 ? 0 : (-start - 1) / dilations[axis] + 1
        guard first < window[axis], start + first * dilations[axis] < extents[axis] else {
          throw ShapeError(
            "a window of extents \(window) would see nothing but padding (\(low) before, \(high) after the input)")
        }
      }
    }
    return results
  }

  /// Calls `body` with each element of the input that each window sees, by their positions in row-major order: of the
  /// input's element, within the window, and of the window's result.
  func forEachTap(
    _ extents: [Int], window: [Int], results: [Int], _ body: (_ input: Int, _ tap: Int, _ result: Int) -> Void
  ) {
    let places = positions(results)
    let taps = positions(window)
    let distances = Shape(extents).strides
    for (result, place) in places.enumerated() {
      for (tap, offset) in taps.enumerated() {
        var input = 0
        var isWithin = true
        for axis in extents.indices {
          let position = place[axis] * strides[axis] - low[axis] + offset[axis] * dilations[axis]
          isWithin = isWithin && position >= 0 && position < extents[axis]
          input += position * distances[axis]
        }
        if isWithin { body(input, tap, result) }
      }
    }
  }

  private func positions(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { prefixes, extent in prefixes.flatMap { prefix in (0..<extent).map { prefix + [$0] } } }
  }
}

extension Shape {
  /// The extents between the first axis, the batch, and the last, the channels; nil where there are none.
  var spatial: [Int]? { rank >= 3 ? Array(dimensions[1..<rank - 1]) : nil }
}

/// - Throws: `ShapeError` unless there are two operands of these element types.
func requireTwoOperands(_ operands: [TensorType], _ first: ElementType, _ second: ElementType) throws {
  guard operands.count == 2 else { throw ShapeError("takes 2 operands, not \(operands.count)") }
  guard operands[0].elementType == first, operands[1].elementType == second else {
    throw ShapeError("the operands must be \(first.rawValue) and \(second.rawValue)")
  }
}

/// The extents of the axes between batch and channels.
/// - Throws: `ShapeError` when there are none.
func spatialExtents(_ shape: Shape) throws -> [Int] {
  guard let spatial = shape.spatial else {
    throw ShapeError("an operand needs a batch axis, 1 to 3 spatial axes and a channel axis, but is of shape \(shape)")
  }
  return spatial
}

/// The mean of each window, by channel.
///
/// `[batch, spatial..., channels]` gives `[batch, positions..., channels]`. Padding counts as zeros, or not at all.
public struct AveragePool: Operation {
  public static let name = "averagePool"
  /// The window's extents, one for each spatial axis.
  public let extents: [Int]
  /// How it slides.
  public let window: SlidingWindow
  /// Whether a sum is divided by the size of the window also where that reaches into padding.
  public let countsPadding: Bool

  /// Takes one float32 operand; that the window fits is checked when it is appended.
  public init(_ extents: [Int], _ window: SlidingWindow, countsPadding: Bool = false) {
    self.extents = extents
    self.window = window
    self.countsPadding = countsPadding
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    [TensorType(try pooledShape(operands, extents, window))]
  }

  /// Each window's cotangent, in equal parts to what the window saw.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    [.apply(AveragePoolGradient(self, extents: try spatialExtents(step.operands[0].shape)), to: step.cotangent)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let input = operands[0]
    var result = ShapedArray<Double>(repeating: 0, shape: try pooledShape([TensorType(input.shape)], extents, window))
    forEachShare(input.shape, result.shape) { to, from, share in
      result.scalars[to] += share * input.scalars[from]
    }
    return [result]
  }

  /// Calls `body` with the offset of each result, that of each element of its window, and the share of that element.
  func forEachShare(_ input: Shape, _ result: Shape, _ body: (_ result: Int, _ input: Int, _ share: Double) -> Void) {
    let channels = input[input.rank - 1]
    var counts = [Int](repeating: countsPadding ? extents.reduce(1, *) : 0, count: result.count)
    if !countsPadding {
      forEachPooledElement(input, result, extents, window) { _, to, _ in
        for channel in 0..<channels { counts[to + channel] += 1 }
      }
    }
    forEachPooledElement(input, result, extents, window) { _, to, from in
      for channel in 0..<channels { body(to + channel, from + channel, 1 / Double(counts[to + channel])) }
    }
  }

  public static var samples: [OperationSample] {
    poolingSamples { AveragePool($0, $1) } + poolingSamples { AveragePool($0, $1, countsPadding: true) }
  }
}

extension Tensor {
  /// The mean of each window over the spatial axes of `[batch, spatial..., channels]`.
  public func averagePooled(_ extents: [Int], _ window: SlidingWindow, countsPadding: Bool = false) -> Tensor {
    .apply(AveragePool(extents, window, countsPadding: countsPadding), to: self)
  }
}

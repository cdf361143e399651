import RealModule

/// `ln Σ e^x` over axes, a smooth maximum; -infinity over nothing.
public struct LogSumExp: Reduction {
  public static let name = "logSumExp"
  /// The axes to reduce over, counted from the front, ascending.
  public let axes: [Int]
  /// Whether the reduced axes stay, with extent 1.
  public let keepsDimensions: Bool

  /// Takes one float32 operand; axes that it lacks, or that do not ascend, are an error when this is appended.
  public init(axes: [Int], keepsDimensions: Bool = false) {
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }

  public func reduce(_ group: [Double]) -> Double {
    // The largest exponent is taken out, so that no exponential overflows.
    let largest = group.reduce(-.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 }
    guard largest.isFinite else { return largest }
    return largest + .log(group.reduce(0) { $0 + .exp($1 - largest) })
  }

  /// Each element receives its share of the cotangent, its softmax over the reduced axes. `e^(x - y)` would be shorter,
  /// but loses digits where the logarithm is large.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let operand = step.operands[0]
    let kept = operand.shape.dimensions.indices.filter { !axes.contains($0) }
    let order = kept + axes
    let moved = operand.transposed(permutation: order)
    let shares = moved.flattened(fromAxis: kept.count).softmax(alongAxis: kept.count).reshaped(to: moved.shape)
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    return [expand(step.cotangent, like: operand) * shares.transposed(permutation: inverse)]
  }

  public static var samples: [OperationSample] {
    reductionSamples { LogSumExp(axes: $0, keepsDimensions: $1) } + [
      OperationSample(
        LogSumExp(axes: [1]), [ShapedArray(shape: [2, 2], unchecked: [1000, 999, -1000, -1001])], note: "large")
    ]
  }
}

extension Tensor {
  /// `ln Σ e^x` along `axes`, computed so that nothing overflows (all axes when nil; -1 is the last).
  public func logSumExp(alongAxes axes: [Int]? = nil, keepsDimensions: Bool = false) -> Tensor {
    reduced(alongAxes: axes) { LogSumExp(axes: $0, keepsDimensions: keepsDimensions) }
  }
}

/// The sum over axes; 0 over nothing.
public struct ReduceSum: Reduction {
  public static let name = "reduceSum"
  public let axes: [Int]
  public let keepsDimensions: Bool

  public init(axes: [Int], keepsDimensions: Bool = false) {
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }

  public func reduce(_ group: [Double]) -> Double { group.reduce(0, +) }

  /// Every summand receives the cotangent of its sum.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [expand(step.cotangent, like: step.operands[0])] }

  public static var samples: [OperationSample] {
    let matrix = ShapedArray<Double>(shape: [2, 3], unchecked: [1, -2, 3, 0.5, 4, -1])
    let cube = ShapedArray<Double>(shape: [2, 3, 2], unchecked: (0..<12).map { Double($0) / 4 - 1 })
    return [
      OperationSample(ReduceSum(axes: [0]), [matrix]),
      OperationSample(ReduceSum(axes: [1], keepsDimensions: true), [matrix]),
      OperationSample(ReduceSum(axes: [0, 1]), [matrix]),
      OperationSample(ReduceSum(axes: [0, 2]), [cube]),
      OperationSample(ReduceSum(axes: [1]), [cube]),
      OperationSample(ReduceSum(axes: []), [matrix]),
      OperationSample(ReduceSum(axes: [0]), [ShapedArray(shape: [0, 3], unchecked: [])]),
    ]
  }
}

extension Tensor {
  /// The sum along `axes` (all axes when nil).
  public func sum(alongAxes axes: [Int]? = nil, keepsDimensions: Bool = false) -> Tensor {
    let resolved = resolvedAxes(axes)
    return resolved.isEmpty ? self : .apply(ReduceSum(axes: resolved, keepsDimensions: keepsDimensions), to: self)
  }
}

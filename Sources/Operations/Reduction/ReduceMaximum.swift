/// The largest element over axes; -infinity over nothing, NaN where one element is.
public struct ReduceMaximum: Reduction {
  public static let name = "reduceMaximum"
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
    group.reduce(-.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 }
  }

  /// The cotangent is shared equally by the elements that are as large as the result.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [share(step)] }

  public static var samples: [OperationSample] {
    reductionSamples { ReduceMaximum(axes: $0, keepsDimensions: $1) } + [
      OperationSample(
        ReduceMaximum(axes: [1]), [ShapedArray(shape: [2, 3], unchecked: [4, 4, -1, -1, 4, -1])],
        isSmooth: false, note: "ties")
    ]
  }
}

extension Tensor {
  /// The largest element along `axes` (all axes when nil; -1 is the last).
  public func max(alongAxes axes: [Int]? = nil, keepsDimensions: Bool = false) -> Tensor {
    reduced(alongAxes: axes) { ReduceMaximum(axes: $0, keepsDimensions: keepsDimensions) }
  }
}

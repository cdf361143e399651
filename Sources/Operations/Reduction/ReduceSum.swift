/// The sum over axes; 0 over nothing.
public struct ReduceSum: Reduction {
  public static let name = "reduceSum"
  /// The axes to reduce over, counted from the front, ascending.
  public let axes: [Int]
  /// Whether the reduced axes stay, with extent 1.
  public let keepsDimensions: Bool

  /// Takes one float32 operand; axes that it lacks, or that do not ascend, are an error when this is appended.
  public init(axes: [Int], keepsDimensions: Bool = false) {
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }

  public func reduce(_ group: [Double]) -> Double { group.reduce(0, +) }

  /// Every summand receives the cotangent of its sum.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [expand(step.cotangent, like: step.operands[0])] }

  public static var samples: [OperationSample] {
    reductionSamples { ReduceSum(axes: $0, keepsDimensions: $1) }
  }
}

extension Tensor {
  /// The sum along `axes` (all axes when nil; -1 is the last).
  public func sum(alongAxes axes: [Int]? = nil, keepsDimensions: Bool = false) -> Tensor {
    reduced(alongAxes: axes) { ReduceSum(axes: $0, keepsDimensions: keepsDimensions) }
  }
}

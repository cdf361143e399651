/// The arithmetic mean over axes; NaN over nothing.
public struct ReduceMean: Reduction {
  public static let name = "reduceMean"
  /// The axes to reduce over, counted from the front, ascending.
  public let axes: [Int]
  /// Whether the reduced axes stay, with extent 1.
  public let keepsDimensions: Bool

  /// Takes one float32 operand; axes that it lacks, or that do not ascend, are an error when this is appended.
  public init(axes: [Int], keepsDimensions: Bool = false) {
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }

  public func reduce(_ group: [Double]) -> Double { group.reduce(0, +) / Double(group.count) }

  /// Every element receives the cotangent of its mean, divided by how many there are.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let operand = step.operands[0]
    let count = axes.reduce(1) { $0 * operand.shape[$1] }
    return [expand(step.cotangent / Double(count), like: operand)]
  }

  public static var samples: [OperationSample] {
    reductionSamples { ReduceMean(axes: $0, keepsDimensions: $1) }
  }
}

extension Tensor {
  /// The arithmetic mean along `axes` (all axes when nil; -1 is the last).
  public func mean(alongAxes axes: [Int]? = nil, keepsDimensions: Bool = false) -> Tensor {
    reduced(alongAxes: axes) { ReduceMean(axes: $0, keepsDimensions: keepsDimensions) }
  }
}

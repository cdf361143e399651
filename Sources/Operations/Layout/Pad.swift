/// Puts a value around a tensor: along each axis `low` times before it, `high` times after it, and `interior` times
/// between neighbours.
public struct Pad: Operation {
  public static let name = "pad"
  /// By axis: how often the value stands before the operand.
  public let low: [Int]
  /// By axis: how often it stands after the operand.
  public let high: [Int]
  /// By axis: how often it stands between neighbours.
  public let interior: [Int]
  /// What is put around the operand.
  public let value: Double

  /// A count for each axis of the operand, none negative, which is checked when it is appended.
  public init(low: [Int], high: [Int], interior: [Int], value: Double) {
    self.low = low
    self.high = high
    self.interior = interior
    self.value = value
  }

  /// The extent that the operand takes along an axis, with what lies between its elements.
  private func span(_ extent: Int, _ axis: Int) -> Int { extent + Swift.max(extent - 1, 0) * interior[axis] }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    let (shape, elementType) = (operands[0].shape, operands[0].elementType)
    guard [low.count, high.count, interior.count].allSatisfy({ $0 == shape.rank }) else {
      throw ShapeError("low, high and interior must name a number for each axis of \(shape)")
    }
    guard [low, high, interior].joined().allSatisfy({ (0...1 << 40).contains($0) }) else {
      throw ShapeError("padding must not be negative, nor above 2^40")
    }
    guard elementType.canHold(value) else { throw ShapeError("\(value) is no \(elementType.rawValue)") }
    return [
      TensorType(
        Shape(try shape.dimensions.indices.map { axis in
          let (bound, overflow) = shape[axis].multipliedReportingOverflow(by: interior[axis] + 1)
          guard !overflow, bound <= 1 << 48 else { throw ShapeError("the result would be too large") }
          return low[axis] + span(shape[axis], axis) + high[axis]
        }), elementType)
    ]
  }

  /// The part of the cotangent that the operand went to.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let shape = step.operands[0].shape
    return [
      step.cotangent.sliced(
        starts: low, ends: shape.dimensions.indices.map { low[$0] + span(shape[$0], $0) },
        strides: interior.map { $0 + 1 })
    ]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let operand = operands[0]
    let axes = operand.shape.dimensions.indices
    let shape = Shape(axes.map { low[$0] + span(operand.shape[$0], $0) + high[$0] })
    let strides = shape.strides
    let start = axes.reduce(0) { $0 + low[$1] * strides[$1] }
    let steps = axes.map { operand.shape[$0] > 1 ? (interior[$0] + 1) * strides[$0] : 0 }
    var result = [Double](repeating: value, count: shape.count)
    var source = 0
    forEachOffset(in: operand.shape, strides: steps, start: start) { offset in
      result[offset] = operand.scalars[source]
      source += 1
    }
    return [ShapedArray(shape: shape, unchecked: result)]
  }

  public static var samples: [OperationSample] {
    [
      OperationSample(Pad(low: [2], high: [1], interior: [0], value: 0), [sampleValues([5])]),
      OperationSample(Pad(low: [1, 0], high: [0, 2], interior: [1, 2], value: -1.5), [sampleValues([3, 2])]),
      OperationSample(Pad(low: [0, 0, 1], high: [0, 0, 1], interior: [3, 0, 0], value: 0), [sampleValues([1, 2, 3])]),
      OperationSample(Pad(low: [1, 2], high: [1, 0], interior: [2, 0], value: 4), [sampleValues([0, 3])]),
      OperationSample(Pad(low: [], high: [], interior: [], value: 1), [ShapedArray(scalar: 5)]),
      OperationSample(
        Pad(low: [1], high: [1], interior: [0], value: -.infinity), [sampleValues([3])], note: "infinite padding"),
      OperationSample(
        Pad(low: [1], high: [2], interior: [1], value: 7), [ShapedArray([1, 2, 3])], elementTypes: [.int32]),
    ]
  }
}

extension Tensor {
  /// This tensor with `value` around it: along each axis `low` times before, `high` times after, and `interior` times
  /// between neighbours (never when nil).
  public func padded(low: [Int], high: [Int], interior: [Int]? = nil, value: Double = 0) -> Tensor {
    let interior = interior ?? low.map { _ in 0 }
    if shape.rank == low.count, [low, high, interior].joined().allSatisfy({ $0 == 0 }) { return self }
    return .apply(Pad(low: low, high: high, interior: interior, value: value), to: self)
  }
}

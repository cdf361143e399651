/// The product over axes; 1 over nothing.
public struct ReduceProduct: Reduction {
  public static let name = "reduceProduct"
  /// The axes to reduce over, counted from the front, ascending.
  public let axes: [Int]
  /// Whether the reduced axes stay, with extent 1.
  public let keepsDimensions: Bool

  /// Takes one float32 operand; axes that it lacks, or that do not ascend, are an error when this is appended.
  public init(axes: [Int], keepsDimensions: Bool = false) {
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }

  public func reduce(_ group: [Double]) -> Double { group.reduce(1, *) }

  /// Each factor receives the cotangent times the product of the others.
  ///
  /// That product is never formed by dividing, so it is right where factors are zero: it is the product of what comes
  /// before a factor times that of what comes after it.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let operand = step.operands[0]
    let kept = operand.shape.dimensions.indices.filter { !axes.contains($0) }
    let permutation = kept + axes
    let rows = Shape(kept.map { operand.shape[$0] })
    let length = axes.reduce(1) { $0 * operand.shape[$1] }
    let arranged = operand.transposed(permutation: permutation)
    let factors = arranged.reshaped(to: [rows.count, length])
    let others = exclusiveProducts(factors, isReversed: false) * exclusiveProducts(factors, isReversed: true)
    let cotangent = step.cotangent.reshaped(to: [rows.count, 1]).broadcast(to: factors.shape)
    var inverse = permutation
    for (position, axis) in permutation.enumerated() { inverse[axis] = position }
    return [(cotangent * others).reshaped(to: arranged.shape).transposed(permutation: inverse)]
  }

  /// For each element of a row of `x` (`[rows, length]`) the product of those before it, or after it when reversed.
  ///
  /// A parallel prefix: each step doubles how many neighbours an element has taken in (Hillis and Steele, "Data
  /// parallel algorithms", 1986).
  private func exclusiveProducts(_ x: Tensor, isReversed: Bool) -> Tensor {
    let length = x.shape[1]
    func shifted(_ x: Tensor, by distance: Int) -> Tensor {
      isReversed
        ? x.sliced(distance..<length, alongAxis: 1).padded(low: [0, 0], high: [0, distance], value: 1)
        : x.sliced(0..<length - distance, alongAxis: 1).padded(low: [0, distance], high: [0, 0], value: 1)
    }
    guard length > 0 else { return x }
    var products = shifted(x, by: 1)
    var distance = 1
    while distance < length {
      products = products * shifted(products, by: distance)
      distance *= 2
    }
    return products
  }

  public static var samples: [OperationSample] {
    reductionSamples { ReduceProduct(axes: $0, keepsDimensions: $1) } + [
      OperationSample(ReduceProduct(axes: [0]), [ShapedArray([2, 0, 3])], note: "one zero"),
      OperationSample(ReduceProduct(axes: [0]), [ShapedArray([0, 5, 0, 3])], note: "two zeros"),
    ]
  }
}

extension Tensor {
  /// The product along `axes` (all axes when nil; -1 is the last).
  public func product(alongAxes axes: [Int]? = nil, keepsDimensions: Bool = false) -> Tensor {
    reduced(alongAxes: axes) { ReduceProduct(axes: $0, keepsDimensions: keepsDimensions) }
  }
}

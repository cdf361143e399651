/// Values spread evenly between two bounds, in a shuffled order.
///
/// They keep a distance from each other and from those of the next seed, so that nothing ties by accident, and from
/// whole numbers, where functions have their kinks.
func sampleValues(_ shape: Shape, seed: Int = 0, from lower: Double = -2, to upper: Double = 2) -> ShapedArray<Double> {
  let philox = Philox(seed: 20, stream: UInt32(truncatingIfNeeded: seed))
  let places = (0..<shape.count).sorted { philox.word(index: $0, step: 0) < philox.word(index: $1, step: 0) }
  let offset = seed % 2 == 0 ? 0.23 : 0.64
  return ShapedArray(shape: shape, unchecked: places.map {
    lower + (upper - lower) * (Double($0) + offset) / Double(shape.count)
  })
}

/// Whole numbers from 0 up to but not including a bound.
func sampleIndices(_ shape: Shape, below bound: Int, seed: Int = 0) -> ShapedArray<Double> {
  sampleValues(shape, seed: seed, from: 0, to: Double(bound)).map { $0.rounded(.down) }
}

extension ElementwiseOperation {
  /// Samples of an operation with one operand: odd, scalar, thin and empty shapes between two bounds where it is
  /// smooth, and single values where it may have kinks.
  func unarySamples(
    from lower: Double = -3, to upper: Double = 3, special: [Double] = [0, -0.0, .infinity, -.infinity, .nan]
  ) -> [OperationSample] {
    let shapes: [Shape] = [[3, 7], [], [1, 5, 1], [0, 3]]
    return shapes.enumerated().map {
      OperationSample(self, [sampleValues($1, seed: $0, from: lower, to: upper)])
    } + [OperationSample(self, [ShapedArray(special)], isSmooth: false, note: "special values")]
  }

  /// Samples of an operation with two operands: odd, scalar, thin and empty shapes, each operand between its bounds,
  /// and every pair of some special values.
  func binarySamples(
    _ first: ClosedRange<Double> = -3...3, _ second: ClosedRange<Double> = -3...3,
    special: [Double] = [0, 1, -2, .infinity, -.infinity, .nan]
  ) -> [OperationSample] {
    let shapes: [Shape] = [[3, 7], [], [1, 5, 1], [0, 3]]
    let pairs = special.flatMap { a in special.map { (a, $0) } }
    return shapes.enumerated().map {
      OperationSample(self, [
        sampleValues($1, seed: 2 * $0, from: first.lowerBound, to: first.upperBound),
        sampleValues($1, seed: 2 * $0 + 1, from: second.lowerBound, to: second.upperBound),
      ])
    } + [
      OperationSample(
        self, [ShapedArray(pairs.map(\.0)), ShapedArray(pairs.map(\.1))], isSmooth: false, note: "special values")
    ]
  }

  /// A sample with integers for every operand.
  func integerSample() -> OperationSample {
    let operands: [ShapedArray<Double>] = [
      ShapedArray([7, -2, 0, 5, 2_147_483_647, 2_147_483_647, -2_147_483_647]),
      ShapedArray([5, 3, 0, -6, 1, 2_147_483_647, 2_147_483_645]),
    ]
    return OperationSample(
      self, Array(operands.prefix(Self.arity)), elementTypes: [.int32, .int32], isSmooth: false, note: "integers")
  }
}

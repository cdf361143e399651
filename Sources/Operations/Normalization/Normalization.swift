import RealModule

/// Elements with the mean of their group taken away and divided by its standard deviation, then scaled and shifted:
/// `y = (x - μ) / sqrt(σ² + ε) · scale + shift`.
///
/// A group is what `axes` run over, so this is batch normalisation where they are all but the last, layer normalisation
/// where they are the last ones, instance normalisation where they are those between, and group normalisation where
/// channels `[…, channels]` are seen as `[…, groups, channels / groups]` and they are all between the first axis and
/// `groups`, and the last. Without centering (`μ = 0`, and `σ²` the mean of squares) it is RMS normalisation.
///
/// Operands: x, and scale and shift of a shape that x's ends in. Results: y of x's shape, and the mean and the variance
/// (not the unbiased estimate) of each group, of x's shape with extents of 1 for `axes`.
/// Source: Ioffe and Szegedy, "Batch normalization" (2015); Ba, Kiros and Hinton, "Layer normalization" (2016);
/// Ulyanov, Vedaldi and Lempitsky, "Instance normalization" (2016); Wu and He, "Group normalization" (2018); Zhang and
/// Sennrich, "Root mean square layer normalization" (2019).
public struct Normalization: Operation {
  public static let name = "normalization"
  /// The axes that a group runs over, counted from the front, ascending.
  public let axes: [Int]
  /// ε, what keeps the divisor from 0; positive.
  public let epsilon: Double
  /// Whether the mean is taken away.
  public let isCentered: Bool

  /// Takes three float32 operands; axes that x lacks or that do not ascend, and an ε that is not positive, are errors
  /// when this is appended.
  public init(axes: [Int], epsilon: Double, isCentered: Bool = true) {
    self.axes = axes
    self.epsilon = epsilon
    self.isCentered = isCentered
  }

  public var resultCount: Int { 3 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 3 else { throw ShapeError("takes 3 operands, not \(operands.count)") }
    guard operands[2] == operands[1] else { throw ShapeError("the scale and the shift must be of one type") }
    let statistics = try statisticsType(operands[0], scale: operands[1])
    return [operands[0], statistics, statistics]
  }

  /// The type of means and variances.
  /// - Throws: `ShapeError` when x, the scale and the attributes do not fit each other.
  func statisticsType(_ x: TensorType, scale: TensorType) throws -> TensorType {
    guard x.elementType == .float32, scale.elementType == .float32 else {
      throw ShapeError("operands must be float32")
    }
    guard x.shape.dimensions.suffix(scale.shape.rank).elementsEqual(scale.shape.dimensions) else {
      throw ShapeError("the shape \(x.shape) does not end in that of the scale, \(scale.shape)")
    }
    guard epsilon > 0, epsilon.isFinite else { throw ShapeError("epsilon must be positive, not \(epsilon)") }
    return TensorType(try ReduceMean(axes: axes, keepsDimensions: true).reducedShape(of: x.shape))
  }

  /// That of y is an operation of its own. The mean receives `1 / n` for each of its n elements, the variance
  /// `2 (x - μ) / n`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (x, scale) = (step.operands[0], step.operands[1])
    let (mean, variance) = (step.results[1], step.results[2])
    var cotangents: [Tensor?] = [nil, nil, nil]
    if let cotangent = step.cotangents[0] {
      cotangents = x.graph.apply(NormalizationGradient(self), to: [x, mean, variance, scale, cotangent])
    }
    let count = Double(groupSize(x.shape))
    if isCentered, let ofMean = step.cotangents[1] {
      let share = (ofMean / count).broadcast(to: x.shape)
      cotangents[0] = cotangents[0].map { $0 + share } ?? share
    }
    if let ofVariance = step.cotangents[2] {
      let share = (isCentered ? x - mean : x) * (ofVariance * (2 / count))
      cotangents[0] = cotangents[0].map { $0 + share } ?? share
    }
    return zip(cotangents, step.isNeeded).map { $1 ? $0 : nil }
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let (x, scale, shift) = (operands[0], operands[1].scalars, operands[2].scalars)
    let statistics = try statisticsType(TensorType(x.shape), scale: TensorType(operands[1].shape)).shape
    let groups = groupIndices(x.shape, statistics)
    let mean = isCentered ? groupMeans(x.scalars, groups, statistics) : .init(repeating: 0, shape: statistics)
    let deviations = zip(x.scalars, groups).map { $0 - mean.scalars[$1] }
    let variance = groupMeans(deviations.map { $0 * $0 }, groups, statistics)
    let y = deviations.indices.map { index in
      let column = index % scale.count
      return deviations[index] / .sqrt(variance.scalars[groups[index]] + epsilon) * scale[column] + shift[column]
    }
    return [ShapedArray(shape: x.shape, unchecked: y), mean, variance]
  }

  public static var samples: [OperationSample] {
    normalizationCases.map { axes, isCentered, x, scale, note in
      OperationSample(
        Normalization(axes: axes, epsilon: 1e-3, isCentered: isCentered),
        // A shift that keeps results away from zero, where rounding is all that is left of them.
        [x, sampleValues(scale, seed: 1, from: 0.5, to: 1.5), sampleValues(scale, seed: 2, from: 4, to: 6)],
        isSmooth: note.isEmpty, note: note)
    }
  }
}

// MARK: What the operation shares with its gradient

extension Normalization {
  /// The number of elements in a group.
  func groupSize(_ shape: Shape) -> Int { axes.reduce(1) { $0 * shape[$1] } }

  /// For each element, row-major, the number of its group.
  func groupIndices(_ shape: Shape, _ statistics: Shape) -> [Int] {
    var indices: [Int] = []
    forEachOffset(in: shape, strides: statistics.broadcastStrides(to: shape)) { indices.append($0) }
    return indices
  }

  func groupMeans(_ values: [Double], _ groups: [Int], _ statistics: Shape) -> ShapedArray<Double> {
    var sums = [Double](repeating: 0, count: statistics.count)
    var counts = sums
    for (value, group) in zip(values, groups) {
      sums[group] += value
      counts[group] += 1
    }
    return ShapedArray(shape: statistics, unchecked: zip(sums, counts).map { $0 / $1 })
  }
}

/// Each kind of normalisation, with odd, thin and empty shapes: axes, centering, x, the scale's shape and a note where
/// the case is not smooth.
let normalizationCases: [([Int], Bool, ShapedArray<Double>, Shape, String)] = [
  ([0], true, sampleValues([5, 3]), [3], ""),
  ([0, 1, 2], true, sampleValues([2, 3, 2, 3]), [3], ""),
  ([1], true, sampleValues([3, 7]), [7], ""),
  ([1, 2], true, sampleValues([2, 3, 3]), [3, 3], ""),
  ([1], false, sampleValues([3, 5]), [5], ""),
  ([1, 2], true, sampleValues([2, 3, 2, 3]), [3], ""),
  ([1, 3], true, sampleValues([2, 5, 3, 2]), [3, 2], ""),
  ([0, 1], true, sampleValues([2, 3, 2]), [], ""),
  ([1], true, sampleValues([0, 4]), [4], ""),
  ([0], true, sampleValues([300, 17]), [17], "many rows"),
  ([0, 1], true, sampleValues([70, 9, 3]), [3], "many rows, few columns"),
  ([1], true, sampleValues([5, 300]), [300], "long rows"),
  ([1], false, sampleValues([70, 33]), [33], "many groups"),
  ([1, 3], true, sampleValues([3, 37, 2, 4]), [2, 4], "many rows in groups"),
  ([0], true, ShapedArray(shape: [3, 3], unchecked: [1, .nan, 2, 0, 1, 3, 2, 0, 1]), [3], "special values"),
  ([0], true, ShapedArray(repeating: 2, shape: [4, 2]), [2], "all alike"),
]

/// Normalises groups of elements, see `Normalization`.
/// - Parameters:
///   - axes: what a group runs over; negative ones count from the back.
///   - scale: of a shape that x's ends in, as is the shift.
///   - epsilon: what is added to the variance.
///   - isCentered: whether the mean is taken away.
/// - Returns: the normalised elements, and each group's mean and variance with extents of 1 for `axes`.
public func normalize(
  _ x: Tensor, alongAxes axes: [Int], scale: Tensor, shift: Tensor, epsilon: Double, isCentered: Bool = true
) -> (normalized: Tensor, mean: Tensor, variance: Tensor) {
  let resolved = Set(axes.map { x.shape.axis($0) ?? $0 }).sorted()
  let results = x.graph.apply(
    Normalization(axes: resolved, epsilon: epsilon, isCentered: isCentered), to: [x, scale, shift])
  return (results[0], results[1], results[2])
}

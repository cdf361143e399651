import RealModule

/// The chain rule of `Normalization`: with `x̂ = (x - μ) / sqrt(σ² + ε)` and `g = ȳ · scale`,
/// `x̄ = (g - mean(g) - x̂ mean(g x̂)) / sqrt(σ² + ε)`, where means run over a group and that of g is left out where
/// the normalisation is not centered; the scale receives the sums of `ȳ x̂`, the shift those of `ȳ`.
///
/// Operands: x, the mean and the variance of each group, the scale, and ȳ. Results: x̄, and the cotangents of scale and
/// shift.
public struct NormalizationGradient: Operation {
  public static let name = "normalizationGradient"
  /// Whose chain rule this is.
  public let normalization: Normalization

  /// Takes five float32 operands.
  public init(_ normalization: Normalization) { self.normalization = normalization }

  public var resultCount: Int { 3 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 5 else { throw ShapeError("takes 5 operands, not \(operands.count)") }
    let statistics = try normalization.statisticsType(operands[0], scale: operands[3])
    guard operands[1] == statistics, operands[2] == statistics else {
      throw ShapeError("means and variances must be \(statistics)")
    }
    guard operands[4] == operands[0] else { throw ShapeError("the cotangent must be of the normalised type") }
    return [operands[0], operands[3], operands[3]]
  }

  /// Written in elementary operations, with `P w = w - mean(w) - x̂ mean(w x̂)`, which is its own transpose: for a
  /// cotangent `u` of x̄, and `ū = u / sqrt(σ² + ε)`, g receives `P ū`, and x̂ receives
  /// `-(ū mean(g x̂) + g mean(ū x̂))`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (x, mean, scale) = (step.operands[0], step.operands[1], step.operands[3])
    let (variance, output) = (step.operands[2] + normalization.epsilon, step.operands[4])
    let reciprocal = 1 / sqrt(variance)
    let centered = normalization.isCentered ? x - mean : x
    let normalized = centered * reciprocal
    var (ofOutput, ofScale, ofNormalized, ofReciprocal): (Tensor?, Tensor?, Tensor?, Tensor?) = (nil, nil, nil, nil)
    if let cotangent = step.cotangents[0] {
      let (gradient, weighted) = (output * scale, cotangent * reciprocal)
      let (slope, weightedSlope) = (groupMean(gradient * normalized), groupMean(weighted * normalized))
      let projected = withoutMean(weighted) - normalized * weightedSlope
      ofOutput = projected * scale
      ofScale = columnSum(output * projected, like: scale)
      ofNormalized = -(weighted * slope + gradient * weightedSlope)
      ofReciprocal = groupSum(cotangent * (withoutMean(gradient) - normalized * slope))
    }
    if let cotangent = step.cotangents[1] {
      ofOutput = sum(ofOutput, normalized * cotangent)
      ofNormalized = sum(ofNormalized, output * cotangent)
    }
    if let cotangent = step.cotangents[2] { ofOutput = sum(ofOutput, cotangent.broadcast(to: x.shape)) }
    let ofX = ofNormalized.map { $0 * reciprocal }
    let ofMean = normalization.isCentered ? ofX.map { -groupSum($0) } : nil
    if let part = ofNormalized.map({ groupSum($0 * centered) }) { ofReciprocal = sum(ofReciprocal, part) }
    let ofVariance = ofReciprocal.map { $0 * -0.5 * reciprocal / variance }
    return [ofX, ofMean, ofVariance, ofScale, ofOutput]
  }

  private func groupSum(_ tensor: Tensor) -> Tensor {
    tensor.sum(alongAxes: normalization.axes, keepsDimensions: true)
  }

  private func groupMean(_ tensor: Tensor) -> Tensor {
    tensor.mean(alongAxes: normalization.axes, keepsDimensions: true)
  }

  private func withoutMean(_ tensor: Tensor) -> Tensor {
    normalization.isCentered ? tensor - groupMean(tensor) : tensor
  }

  private func columnSum(_ tensor: Tensor, like scale: Tensor) -> Tensor {
    tensor.sum(alongAxes: Array(0..<tensor.rank - scale.rank))
  }

  private func sum(_ a: Tensor?, _ b: Tensor) -> Tensor { a.map { $0 + b } ?? b }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let (x, mean, variance, scale, output) = (operands[0], operands[1].scalars, operands[2], operands[3], operands[4])
    let groups = normalization.groupIndices(x.shape, variance.shape)
    let reciprocals = variance.scalars.map { 1 / Double.sqrt($0 + normalization.epsilon) }
    let normalized = x.scalars.indices.map { index in
      let center = normalization.isCentered ? mean[groups[index]] : 0
      return (x.scalars[index] - center) * reciprocals[groups[index]]
    }
    var (ofScale, ofShift) = (scale.map { _ in 0.0 }, scale.map { _ in 0.0 })
    var gradient = output.scalars
    for index in gradient.indices {
      let column = index % scale.scalars.count
      ofScale.scalars[column] += gradient[index] * normalized[index]
      ofShift.scalars[column] += gradient[index]
      gradient[index] *= scale.scalars[column]
    }
    let means = normalization.groupMeans(gradient, groups, variance.shape).scalars
    let slopes = normalization.groupMeans(zip(gradient, normalized).map(*), groups, variance.shape).scalars
    let result = gradient.indices.map { index in
      let group = groups[index]
      let rest = gradient[index] - (normalization.isCentered ? means[group] : 0) - normalized[index] * slopes[group]
      return rest * reciprocals[group]
    }
    return [ShapedArray(shape: x.shape, unchecked: result), ofScale, ofShift]
  }

  public static var samples: [OperationSample] {
    normalizationCases.map { axes, isCentered, x, scale, note in
      let normalization = Normalization(axes: axes, epsilon: 1e-3, isCentered: isCentered)
      let scale = sampleValues(scale, seed: 1, from: 0.5, to: 1.5)
      // Of a definition that the samples themselves satisfy; were it to fail, the tests would see the missing sample.
      guard let results = try? normalization.evaluate([x, scale, scale]) else { return nil }
      return OperationSample(
        NormalizationGradient(normalization), [x, results[1], results[2], scale, sampleValues(x.shape, seed: 3)],
        isSmooth: note.isEmpty, note: note)
    }.compactMap { $0 }
  }
}

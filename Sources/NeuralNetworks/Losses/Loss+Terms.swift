extension Loss {
  /// What the loss averages.
  func terms(_ outputs: Tensor, _ targets: Tensor) throws -> LossTerms {
    func realTargets() throws -> Tensor { try self.realTargets(targets, for: outputs) }
    func squares() throws -> Tensor {
      let error = try outputs - realTargets()
      return error * error
    }
    switch self {
    case .meanSquaredError: return try LossTerms(squares())
    case .halfSumSquaredError: return try LossTerms(squares(), factor: 0.5)
    case .meanAbsoluteError: return try LossTerms(abs(outputs - realTargets()))
    case .huber(let delta):
      let error = try outputs - realTargets()
      let bounded = clamp(error, from: -delta, to: delta)
      return LossTerms(bounded * (error - 0.5 * bounded))
    case .binaryCrossEntropy: return try LossTerms(binaryCrossEntropies(outputs, realTargets()))
    case .sumBinaryCrossEntropy: return try LossTerms(binaryCrossEntropies(outputs, realTargets()), factor: 1)
    case .softmaxCrossEntropy:
      try checkLabels(outputs, targets)
      return LossTerms(Operations.softmaxCrossEntropy(logits: outputs, labels: targets).losses)
    case .hinge where targets.elementType == .int32 && outputs.shape.dimensions.last != 1:
      return try LossTerms(multiClassHinges(outputs, targets))
    case .hinge: return try LossTerms(relu(1 - realTargets() * outputs))
    }
  }

  /// `(1 - t) o + softplus(-o)`, which is `-t log sigmoid(o) - (1 - t) log(1 - sigmoid(o))` without a difference of
  /// large numbers.
  private func binaryCrossEntropies(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
    (1 - targets) * outputs + softplus(-outputs)
  }

  private func multiClassHinges(_ outputs: Tensor, _ labels: Tensor) throws -> Tensor {
    try checkLabels(outputs, labels)
    let truth = oneHot(labels, depth: outputs.shape[1])
    let labelled = (outputs * truth).sum(alongAxes: [1], keepsDimensions: true)
    return (relu(1 - labelled + outputs) * (1 - truth)).mean(alongAxes: [1])
  }
}

/// What a loss averages over the examples of a batch.
struct LossTerms {
  /// `[batch, ...]`
  private let values: Tensor
  /// What the sum of an example's values is multiplied by; nil where they are averaged.
  private let factor: Double?

  init(_ values: Tensor, factor: Double? = nil) {
    self.values = values
    self.factor = factor
  }

  /// - Parameter weights: `[batch]`; nil where all examples count alike.
  func mean(weights: Tensor?) throws -> Tensor {
    guard let weights else {
      guard let factor else { return values.mean() }
      let mean = values.rank < 2 ? values.mean() : values.sum(alongAxes: innerAxes).mean()
      return factor == 1 ? mean : factor * mean
    }
    guard values.rank > 0, weights.type == TensorType([values.shape[0]]) else {
      throw LossError("the weights of the examples must be float32 [batch], but are \(weights.type)")
    }
    // The smallest normal number keeps a batch without weight from dividing zero by zero.
    return (examples() * weights).sum() / maximum(weights.sum(), 0x1p-126)
  }

  private var innerAxes: [Int] { Array(values.shape.dimensions.indices.dropFirst()) }

  /// The loss of each example, `[batch]`.
  private func examples() -> Tensor {
    guard !innerAxes.isEmpty else { return factor.map { $0 * values } ?? values }
    guard let factor else { return values.mean(alongAxes: innerAxes) }
    return factor * values.sum(alongAxes: innerAxes)
  }
}

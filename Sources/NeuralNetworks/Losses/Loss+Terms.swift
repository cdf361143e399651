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
    case .adjustedSoftmaxCrossEntropy(let smoothing, let classWeights):
      return try adjustedCrossEntropies(outputs, targets, smoothing, classWeights)
    case .focal(let focusing): return try LossTerms(focalLosses(outputs, targets, focusing))
    case .klDivergence:
      let truth = try realTargets()
      // 0 log 0 is 0.
      return LossTerms(truth * (log(maximum(truth, 0x1p-126)) - logSoftmax(outputs)), factor: 1)
    case .cosine: return try LossTerms(1 - cosineSimilarity(outputs, realTargets()))
    case .perceptron: return try LossTerms(relu(outputs) - realTargets() * outputs, factor: 1)
    }
  }

  /// `-t o + softplus(o)`, which is `-t log sigmoid(o) - (1 - t) log(1 - sigmoid(o))` without a difference of large
  /// numbers; where `o > 0` in the form `(1 - t) o + softplus(-o)`, so that the slope of an output that is right is
  /// what its sigmoid lacks, rather than the difference of two numbers near 1.
  private func binaryCrossEntropies(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
    let isPositive = outputs .> 0
    return select(isPositive, 1 - targets, -targets) * outputs + softplus(select(isPositive, -outputs, outputs))
  }

  private func multiClassHinges(_ outputs: Tensor, _ labels: Tensor) throws -> Tensor {
    try checkLabels(outputs, labels)
    let isLabel = labelled(labels, outputs.shape[1])
    let own = select(isLabel, outputs, 0).sum(alongAxes: [1], keepsDimensions: true)
    return select(isLabel, 0, relu(1 - own + outputs)).mean(alongAxes: [1])
  }

  /// Whether a class is that of the label, bool `[batch, classes]`: choosing by it, rather than multiplying, lets
  /// logits of other classes be infinite.
  private func labelled(_ labels: Tensor, _ classes: Int) -> Tensor { oneHot(labels, depth: classes) .> 0 }

  private func adjustedCrossEntropies(
    _ outputs: Tensor, _ labels: Tensor, _ smoothing: Double, _ classWeights: [Double]
  ) throws -> LossTerms {
    try checkLabels(outputs, labels)
    let classes = outputs.shape[1]
    guard classWeights.isEmpty || classWeights.count == classes else {
      throw LossError("\(kind): there are \(classWeights.count) class weights for \(classes) classes")
    }
    let weights = outputs.graph.constant(ShapedArray(classWeights))
    let labelWeights = classWeights.isEmpty ? nil : weights.gathering(labels)
    if smoothing > 0, let labelWeights {
      let smooth = oneHot(labels, depth: classes) * (1 - smoothing) + smoothing / Double(Swift.max(classes, 1))
      return LossTerms(-smooth * weights * logSoftmax(outputs), factor: 1, exampleWeights: labelWeights)
    }
    var losses = Operations.softmaxCrossEntropy(logits: outputs, labels: labels).losses
    if smoothing > 0 {
      // -log p of a class is that of the label, plus the label's logit less its own.
      let own = select(labelled(labels, classes), outputs, 0).sum(alongAxes: [1])
      losses = losses + smoothing * (own - outputs.mean(alongAxes: [1]))
    }
    return labelWeights.map { LossTerms(losses * $0, exampleWeights: $0) } ?? LossTerms(losses)
  }

  private func focalLosses(_ outputs: Tensor, _ labels: Tensor, _ focusing: Double) throws -> Tensor {
    try checkLabels(outputs, labels)
    let isLabel = labelled(labels, outputs.shape[1])
    let logarithm = select(isLabel, logSoftmax(outputs), 0).sum(alongAxes: [1])
    // The probability of the other classes, from their own: 1 - p would lose its digits where p is nearly 1. The bound
    // keeps the slope of its power finite.
    let missing = select(isLabel, 0, softmax(outputs)).sum(alongAxes: [1])
    return -pow(maximum(missing, 0x1p-60), focusing) * logarithm
  }
}

/// What a loss averages over the examples of a batch.
struct LossTerms {
  /// `[batch, ...]`
  private let values: Tensor
  /// What the sum of an example's values is multiplied by; nil where they are averaged.
  private let factor: Double?
  /// What each example counts in the divisor of the mean, `[batch]`, where the values are weighted already.
  private let exampleWeights: Tensor?

  init(_ values: Tensor, factor: Double? = nil, exampleWeights: Tensor? = nil) {
    self.values = values
    self.factor = factor
    self.exampleWeights = exampleWeights
  }

  /// The same, of some of the examples; those of the others are not looked at, not even when they are NaN.
  /// - Parameter isCounted: bool `[batch]`.
  func counting(_ isCounted: Tensor) -> LossTerms {
    let column = Shape([isCounted.shape[0]] + Array(repeating: 1, count: values.rank - 1))
    let mask = isCounted.cast(to: .float32)
    return LossTerms(
      select(isCounted.reshaped(to: column), values, 0), factor: factor,
      exampleWeights: exampleWeights.map { $0 * mask } ?? mask)
  }

  /// - Parameter weights: `[batch]`; nil where all examples count alike.
  func mean(weights: Tensor?) throws -> Tensor {
    guard let weights = try checked(weights) else { return try mean(factors: nil) }
    return (examples() * weights).sum() / positive((exampleWeights.map { $0 * weights } ?? weights).sum())
  }

  /// The mean of the losses times their factors.
  /// - Parameter factors: `[batch]`; nil where they are 1.
  func mean(factors: Tensor?) throws -> Tensor {
    let factors = try checked(factors)
    if let weight {
      let losses = examples()
      return (factors.map { losses * $0 } ?? losses).sum() / positive(weight)
    }
    if let factors { return (examples() * factors).mean() }
    guard let factor else { return values.mean() }
    let mean = sums().mean()
    return factor == 1 ? mean : factor * mean
  }

  /// What the mean of the losses, with factors or not, is divided by; nil where that is the number of examples.
  var weight: Tensor? { exampleWeights?.sum() }

  private func checked(_ weights: Tensor?) throws -> Tensor? {
    guard let weights else { return nil }
    guard values.rank > 0, weights.type == TensorType([values.shape[0]]) else {
      throw LossError("the weights of the examples must be float32 [batch], but are \(weights.type)")
    }
    return weights
  }

  /// The smallest normal number keeps a batch without weight from dividing zero by zero.
  private func positive(_ weight: Tensor) -> Tensor { maximum(weight, 0x1p-126) }

  private var innerAxes: [Int] { Array(values.shape.dimensions.indices.dropFirst()) }

  /// The loss of each example, `[batch]`.
  private func examples() -> Tensor {
    guard let factor else { return innerAxes.isEmpty ? values : values.mean(alongAxes: innerAxes) }
    return factor == 1 ? sums() : factor * sums()
  }

  private func sums() -> Tensor { innerAxes.isEmpty ? values : values.sum(alongAxes: innerAxes) }
}

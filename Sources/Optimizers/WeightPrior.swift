/// What is believed of the weights before any data is seen: that they are small.
///
/// Training then looks for the network `N` that is most probable given the data `D`: it maximises
/// `log P(D|N) + log P(N)` (maximum a posteriori). A loss averaged over the `n` training examples is
/// `-log P(D|N) / n`, so the prior joins it as the penalty `-log P(N) / n`, up to a constant. A Gaussian prior gives
/// what is called L2 regularisation or weight decay, a Laplace prior L1. Biases have no prior.
public enum WeightPrior: Hashable, Sendable {
  /// Weights are normally distributed around 0 with variance `1 / precision`: the penalty is `precision / (2n) Σ w²`.
  /// The precision is the λ of Nielsen's book.
  case gaussian(precision: Double)
  /// Weights have the density `rate / 2 · exp(-rate |w|)`: the penalty is `rate / n Σ |w|`.
  case laplace(rate: Double)

  /// The Gaussian prior of a standard deviation.
  public static func gaussian(deviation: Double) -> WeightPrior { .gaussian(precision: 1 / (deviation * deviation)) }

  /// The Laplace prior of a mean magnitude of weights.
  public static func laplace(scale: Double) -> WeightPrior { .laplace(rate: 1 / scale) }

  /// The penalty to add to the loss, a scalar: `-log P(N) / n` up to a constant.
  /// - Parameters:
  ///   - weights: of one graph; `LayerContext.weightTensors`.
  ///   - exampleCount: n, the number of training examples; 1 for a penalty that does not shrink with the data, as the
  ///     `weight_decay` of other libraries.
  /// - Throws: `OptimizerError` when a setting cannot be used, or when there are no weights.
  public func penalty(on weights: [Tensor], exampleCount: Int) throws -> Tensor {
    try validate()
    try require(exampleCount >= 1, "prior: exampleCount", exampleCount, "at least 1")
    guard let graph = weights.first?.graph else {
      throw OptimizerError("there is nothing that the prior could apply to: the network has no weights")
    }
    let penalty = graph.scope("prior") {
      let sums = weights.map { weight in
        switch self {
        case .gaussian: (weight * weight).sum()
        case .laplace: abs(weight).sum()
        }
      }
      return strength / Double(exampleCount) * sums.dropFirst().reduce(sums[0], +)
    }
    try graph.checkFailure()
    return penalty
  }

  /// - Throws: `OptimizerError` that names the setting.
  public func validate() throws {
    switch self {
    case .gaussian(let precision):
      try require(
        precision >= 0 && precision.isFinite, "gaussian prior: precision", precision, "finite and not negative")
    case .laplace(let rate):
      try require(rate >= 0 && rate.isFinite, "laplace prior: rate", rate, "finite and not negative")
    }
  }

  /// What the sum is multiplied by, over n.
  private var strength: Double {
    switch self {
    case .gaussian(let precision): precision / 2
    case .laplace(let rate): rate
    }
  }

  private var kind: String {
    switch self {
    case .gaussian: "gaussian"
    case .laplace: "laplace"
    }
  }
}

extension WeightPrior: Codable {
  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "prior", keys: ["gaussian": ["precision"], "laplace": ["rate"]])
    self = description.kind == "laplace"
      ? .laplace(rate: try description.value("rate")) : .gaussian(precision: try description.value("precision"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(kind)
    switch self {
    case .gaussian(let precision): description.set("precision", precision)
    case .laplace(let rate): description.set("rate", rate)
    }
    try description.write(to: encoder)
  }
}

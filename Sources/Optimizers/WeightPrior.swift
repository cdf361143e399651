/// What is believed of the weights before any data is seen: that they are small.
///
/// Training then looks for the network `N` that is most probable given the data `D`: it maximises
/// `log P(D|N) + log P(N)` (maximum a posteriori). A loss averaged over the `n` training examples is
/// `-log P(D|N) / n`, so the prior joins it as the penalty `-log P(N) / n`, up to a constant. A Gaussian prior gives
/// what is called L2 regularisation or weight decay, a Laplace prior L1, and the product of both the elastic net.
/// Biases have no prior. Source of the elastic net: Zou and Hastie, "Regularization and variable selection via the
/// elastic net" (2005).
public struct WeightPrior: Hashable, Sendable {
  /// Weights are normally distributed around 0 with variance `1 / gaussianPrior`, their precision: the penalty is
  /// `gaussianPrior / (2n) Σ w²`. The precision is the λ of Nielsen's book; 0 believes nothing.
  public var gaussianPrior: Double
  /// Weights have the density `laplacePrior / 2 · exp(-laplacePrior |w|)`: the penalty is `laplacePrior / n Σ |w|`.
  /// It is the rate, the inverse of the mean magnitude; 0 believes nothing.
  public var laplacePrior: Double

  /// Either, both or none; checked by `validate()`.
  public init(gaussianPrior: Double = 0, laplacePrior: Double = 0) {
    self.gaussianPrior = gaussianPrior
    self.laplacePrior = laplacePrior
  }

  /// What is made small: a loss and the penalty, which is `-log P(N) / n` up to a constant; the loss itself where
  /// nothing is believed.
  /// - Parameters:
  ///   - loss: a scalar.
  ///   - weights: of the same graph; `LayerContext.weightTensors`.
  ///   - exampleCount: n, the number of training examples; 1 for a penalty that does not shrink with the data, as the
  ///     `weight_decay` of other libraries.
  /// - Throws: `OptimizerError` when a setting cannot be used, or when there are no weights.
  public func objective(_ loss: Tensor, weights: [Tensor], exampleCount: Int) throws -> Tensor {
    try validate()
    try require(exampleCount >= 1, "exampleCount", exampleCount, "at least 1")
    guard gaussianPrior > 0 || laplacePrior > 0 else { return loss }
    guard let first = weights.first else {
      throw OptimizerError("there is nothing that the prior could apply to: the network has no weights")
    }
    func term(_ strength: Double, _ magnitude: (Tensor) -> Tensor) -> [Tensor] {
      guard strength > 0 else { return [] }
      let sum = weights.dropFirst().map { magnitude($0).sum() }.reduce(magnitude(first).sum(), +)
      return [strength / Double(exampleCount) * sum]
    }
    let terms = loss.graph.scope("prior") {
      term(gaussianPrior / 2) { $0 * $0 } + term(laplacePrior) { abs($0) }
    }
    let objective = terms.reduce(loss, +)
    try loss.graph.checkFailure()
    return objective
  }

  /// - Throws: `OptimizerError` that names the setting.
  public func validate() throws {
    for (name, value) in [("gaussianPrior", gaussianPrior), ("laplacePrior", laplacePrior)] {
      try require(value >= 0 && value.isFinite, name, value, "finite and not negative")
    }
  }
}

/// Steps divided by the root of the sum of all squared gradients so far: `s ← s + g²`, `w ← w - η g / (sqrt(s) + ε)`.
///
/// As PyTorch's `Adagrad`, without its decay of the learning rate (a schedule does that). Source: Duchi, Hazan and
/// Singer, "Adaptive subgradient methods" (2011).
public struct AdaGrad: Hashable, Sendable, UpdateRule {
  static let kind = "adaGrad"
  static let keys = ["epsilon"]
  static let standardLearningRate = 0.01
  /// ε.
  public let epsilon: Double

  /// ε must be finite and not negative, which `Optimizer.validate()` checks; PyTorch's default.
  public init(epsilon: Double = 1e-10) { self.epsilon = epsilon }

  init(from description: DescriptionReader) throws {
    epsilon = try description.value("epsilon", default: AdaGrad().epsilon)
  }

  func write(to description: inout DescriptionWriter) {
    description.set("epsilon", epsilon)
  }

  func validate() throws {
    try require(epsilon >= 0 && epsilon.isFinite, "epsilon", epsilon, "finite and not negative")
  }

  func append(to step: UpdateStep) {
    step.updateEach { part in
      let sum = part.state("sumOfSquares") { $0 + part.gradient * part.gradient }
      return part.parameter - part.gradient * step.learningRate / (sqrt(sum) + epsilon)
    }
  }
}

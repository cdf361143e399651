/// Steps divided by a running root mean square of the gradient.
///
/// `v ← α v + (1 - α) g²`, `w ← w - η g / (sqrt(v) + ε)`; centered, `sqrt(v - m²)` with `m ← α m + (1 - α) g` takes the
/// place of `sqrt(v)`, where `v - m²` counts as `v / 2²²` at least; with momentum `μ > 0`, the velocity
/// `u ← μ u + g / (sqrt(v) + ε)` is followed. As PyTorch's `RMSprop`. Source: Hinton, "Neural networks for machine
/// learning", lecture 6e (2012).
public struct RMSProp: Hashable, Sendable, UpdateRule {
  static let kind = "rmsProp"
  static let keys = ["decay", "epsilon", "momentum", "isCentered"]
  static let standardLearningRate = 0.01
  /// α, in [0, 1): the memory of the mean of squares.
  public let decay: Double
  /// ε.
  public let epsilon: Double
  /// μ, in [0, 1).
  public let momentum: Double
  /// Whether the square of the mean gradient is subtracted, so that the root is of a variance.
  public let isCentered: Bool

  /// The defaults are those of PyTorch; `Optimizer.validate()` checks the ranges.
  public init(decay: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, isCentered: Bool = false) {
    self.decay = decay
    self.epsilon = epsilon
    self.momentum = momentum
    self.isCentered = isCentered
  }

  init(from description: DescriptionReader) throws {
    let standard = RMSProp()
    decay = try description.value("decay", default: standard.decay)
    epsilon = try description.value("epsilon", default: standard.epsilon)
    momentum = try description.value("momentum", default: standard.momentum)
    isCentered = try description.value("isCentered", default: standard.isCentered)
  }

  func write(to description: inout DescriptionWriter) {
    description.set("decay", decay)
    description.set("epsilon", epsilon)
    description.set("momentum", momentum == 0 ? nil : momentum)
    description.set("isCentered", isCentered ? true : nil)
  }

  func validate() throws {
    try require(decay >= 0 && decay < 1, "decay", decay, "at least 0 and less than 1")
    try require(epsilon >= 0 && epsilon.isFinite, "epsilon", epsilon, "finite and not negative")
    try require(momentum >= 0 && momentum < 1, "momentum", momentum, "at least 0 and less than 1")
  }

  func append(to step: UpdateStep) {
    step.updateEach { part in
      let gradient = part.gradient
      var spread = part.state("meanSquare") { $0 * decay + gradient * gradient * (1 - decay) }
      if isCentered {
        let mean = part.state("mean") { $0 * decay + gradient * (1 - decay) }
        // Of a gradient that stays the same, rounding would leave anything of the difference, also less than 0.
        spread = maximum(spread - mean * mean, spread * 0x1p-22)
      }
      var direction = gradient / (sqrt(spread) + epsilon)
      if momentum > 0 { direction = part.state("momentum") { [direction] in $0 * momentum + direction } }
      return part.parameter - direction * step.learningRate
    }
  }
}

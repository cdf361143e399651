/// Gradient descent: `w ← w - η g`.
///
/// With momentum `μ > 0`, the velocity `u ← μ u + g` takes the gradient's place, and with Nesterov's form `g + μ u`
/// does. As PyTorch's `SGD` without dampening. Full-batch, mini-batch and stochastic descent differ in the batch size
/// alone.
///
/// Without momentum the update is exactly `subtract(w, multiply(g, broadcast(η)))`, which the compiler can fold into
/// the product that makes the gradient.
public struct SGD: Hashable, Sendable, UpdateRule {
  static let kind = "sgd"
  static let keys = ["momentum", "nesterov"]
  static let standardLearningRate = 0.1
  /// μ, in [0, 1): how much of the last velocity stays.
  public let momentum: Double
  /// Whether the gradient looks ahead along the velocity.
  public let nesterov: Bool

  /// Plain descent unless momentum is given, which Nesterov's form needs; `Optimizer.validate()` checks both.
  public init(momentum: Double = 0, nesterov: Bool = false) {
    self.momentum = momentum
    self.nesterov = nesterov
  }

  init(from description: DescriptionReader) throws {
    momentum = try description.value("momentum", default: 0)
    nesterov = try description.value("nesterov", default: false)
  }

  func write(to description: inout DescriptionWriter) {
    description.set("momentum", momentum == 0 ? nil : momentum)
    description.set("nesterov", nesterov ? true : nil)
  }

  func validate() throws {
    try require(momentum >= 0 && momentum < 1, "momentum", momentum, "at least 0 and less than 1")
    try require(!nesterov || momentum > 0, "momentum", momentum, "greater than 0 for Nesterov's form")
  }

  func append(to step: UpdateStep) {
    step.updateEach { part in
      guard momentum > 0 else { return part.parameter - part.gradient * step.learningRate }
      let velocity = part.state("momentum") { $0 * momentum + part.gradient }
      let direction = nesterov ? part.gradient + velocity * momentum : velocity
      return part.parameter - direction * step.learningRate
    }
  }
}

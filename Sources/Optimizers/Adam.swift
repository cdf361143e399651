import RealModule

/// Steps of about the learning rate's size in each direction, from running means of the gradient and of its square.
///
/// With `t` counted from 1: `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
/// `w ← w - η / (1 - β₁ᵗ) · m / (sqrt(v) / sqrt(1 - β₂ᵗ) + ε)`. As PyTorch's `Adam`.
/// Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015).
public struct Adam: Hashable, Sendable, UpdateRule {
  static let kind = "adam"
  static let keys = ["beta1", "beta2", "epsilon"]
  static let standardLearningRate = 0.001
  /// β₁, in [0, 1): the memory of the mean of gradients.
  public let beta1: Double
  /// β₂, in [0, 1): the memory of the mean of their squares.
  public let beta2: Double
  /// ε, which bounds the step where gradients vanish.
  public let epsilon: Double

  /// The defaults are those of the paper; `Optimizer.validate()` checks the ranges.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  init(from description: DescriptionReader) throws {
    let standard = Adam()
    beta1 = try description.value("beta1", default: standard.beta1)
    beta2 = try description.value("beta2", default: standard.beta2)
    epsilon = try description.value("epsilon", default: standard.epsilon)
  }

  func write(to description: inout DescriptionWriter) {
    description.set("beta1", beta1)
    description.set("beta2", beta2)
    description.set("epsilon", epsilon)
  }

  func validate() throws {
    try require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and less than 1")
    try require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and less than 1")
    try require(epsilon >= 0 && epsilon.isFinite, "epsilon", epsilon, "finite and not negative")
  }

  func append(to step: UpdateStep) {
    append(to: step) { $0.parameter }
  }

  /// - Parameter base: what the step is subtracted from.
  func append(to step: UpdateStep, from base: (ParameterStep) -> Tensor) {
    let count = (step.graph.stepCounter + step.graph.constant(1, .int32)).cast(to: .float32)
    // Scalars, computed once a step for all parameters.
    let stepSize = step.learningRate / Self.biasCorrection(beta1, count)
    let scale = 1 / sqrt(Self.biasCorrection(beta2, count))
    step.updateEach { part in
      let gradient = part.gradient
      let mean = part.state("mean") { $0 * beta1 + gradient * (1 - beta1) }
      let square = part.state("meanSquare") { $0 * beta2 + gradient * gradient * (1 - beta2) }
      return base(part) - mean * stepSize / (sqrt(square) * scale + epsilon)
    }
  }

  /// `1 - βᵗ`, as `2 y / (1 + y)` with `y = tanh(-½ t log β)`: the same number without a difference of close ones,
  /// which would cost Float32 half of its digits in the first steps.
  private static func biasCorrection(_ beta: Double, _ count: Tensor) -> Tensor {
    guard beta > 0 else { return count.constantLike(1) }
    let y = tanh(count * (-0.5 * Double.log(beta)))
    return 2 * y / (1 + y)
  }
}

/// Adam with decay of the weights apart from the gradient: first `w ← (1 - η λ) w`, then Adam's step.
///
/// As PyTorch's `AdamW`; the decay applies to every parameter, or to matrices only. Source: Loshchilov and Hutter,
/// "Decoupled weight decay regularization" (2019).
public struct AdamW: Hashable, Sendable, UpdateRule {
  static let kind = "adamW"
  static let keys = Adam.keys + ["weightDecay", "decaysMatricesOnly"]
  static let standardLearningRate = 0.001
  /// β₁, β₂ and ε of the step that follows the decay.
  public let moments: Adam
  /// λ.
  public let weightDecay: Double
  /// Whether parameters of fewer than two axes, such as biases and the scales of normalisations, do not decay: the
  /// custom with transformers.
  public let decaysMatricesOnly: Bool

  /// λ must be finite and not negative, which `Optimizer.validate()` checks; 0.01 is PyTorch's default.
  public init(_ moments: Adam = Adam(), weightDecay: Double = 0.01, decaysMatricesOnly: Bool = false) {
    self.moments = moments
    self.weightDecay = weightDecay
    self.decaysMatricesOnly = decaysMatricesOnly
  }

  init(from description: DescriptionReader) throws {
    moments = try Adam(from: description)
    weightDecay = try description.value("weightDecay", default: 0.01)
    decaysMatricesOnly = try description.value("decaysMatricesOnly", default: false)
  }

  func write(to description: inout DescriptionWriter) {
    moments.write(to: &description)
    description.set("weightDecay", weightDecay)
    description.set("decaysMatricesOnly", decaysMatricesOnly ? true : nil)
  }

  func validate() throws {
    try moments.validate()
    try require(weightDecay >= 0 && weightDecay.isFinite, "weightDecay", weightDecay, "finite and not negative")
  }

  func append(to step: UpdateStep) {
    let kept = 1 - step.learningRate * weightDecay
    moments.append(to: step) { part in
      decaysMatricesOnly && part.parameter.rank < 2 ? part.parameter : part.parameter * kept
    }
  }
}

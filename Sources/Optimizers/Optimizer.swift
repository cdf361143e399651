@_exported import NeuralNetworks
import ReferenceBackend

/// How parameters follow their gradients: an update rule, a learning rate that may follow a schedule, and clipping.
///
/// It is a value, and what it does is nodes of the training graph, so that the update is part of the same program as
/// the gradient:
///
/// ```swift
/// let optimizer = Optimizer.adam(learningRate: 0.001).scheduled(.cosine(steps: 5000)).clipped(norm: 1)
/// try optimizer.update(context.parameterTensors, with: gradients)
/// ```
///
/// Every variable that an optimizer adds (moments, named after the parameter as in `dense1/weight:momentum`, and the
/// step counter) starts at zero.
public struct Optimizer: Hashable, Sendable {
  /// The formula of the update.
  public enum Rule: Hashable, Sendable {
    /// Gradient descent, with or without momentum.
    case sgd(SGD)
    /// Running means of the gradient and of its square.
    case adam(Adam)
    /// Adam with decay of the weights apart from the gradient.
    case adamW(AdamW)
    /// A running root mean square of the gradient.
    case rmsProp(RMSProp)
    /// The root of the sum of all squared gradients.
    case adaGrad(AdaGrad)
  }

  /// The formula of the update.
  public var rule: Rule
  /// The size of a step, before the schedule's factor.
  public var learningRate: Double
  /// How the learning rate changes from step to step.
  public var schedule: LearningRateSchedule
  /// The greatest norm of all gradients together, as one vector: they are scaled by `min(1, clipNorm / (norm + 1e-6))`,
  /// so that their direction stays. As PyTorch's `clip_grad_norm_`; nil leaves them.
  public var clipNorm: Double?
  /// Each element of the gradients is held within `-clipValue ... clipValue`, before their norm is looked at. As
  /// PyTorch's `clip_grad_value_`; nil leaves them.
  public var clipValue: Double?

  /// An optimizer of a rule with its own settings; nothing is checked before `validate()`.
  public init(
    _ rule: Rule, learningRate: Double, schedule: LearningRateSchedule = .constant, clipNorm: Double? = nil,
    clipValue: Double? = nil
  ) {
    self.rule = rule
    self.learningRate = learningRate
    self.schedule = schedule
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// Gradient descent, with momentum if asked; see `SGD`.
  public static func sgd(learningRate: Double, momentum: Double = 0, nesterov: Bool = false) -> Optimizer {
    Optimizer(.sgd(SGD(momentum: momentum, nesterov: nesterov)), learningRate: learningRate)
  }

  /// See `Adam`.
  public static func adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> Optimizer {
    Optimizer(.adam(Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)), learningRate: learningRate)
  }

  /// See `AdamW`.
  public static func adamW(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, decaysMatricesOnly: Bool = false
  ) -> Optimizer {
    let moments = Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
    let rule = AdamW(moments, weightDecay: weightDecay, decaysMatricesOnly: decaysMatricesOnly)
    return Optimizer(.adamW(rule), learningRate: learningRate)
  }

  /// See `RMSProp`.
  public static func rmsProp(
    learningRate: Double = 0.01, decay: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    isCentered: Bool = false
  ) -> Optimizer {
    Optimizer(
      .rmsProp(RMSProp(decay: decay, epsilon: epsilon, momentum: momentum, isCentered: isCentered)),
      learningRate: learningRate)
  }

  /// See `AdaGrad`.
  public static func adaGrad(learningRate: Double = 0.01, epsilon: Double = 1e-10) -> Optimizer {
    Optimizer(.adaGrad(AdaGrad(epsilon: epsilon)), learningRate: learningRate)
  }

  /// The same optimizer with a learning rate that follows a schedule.
  public func scheduled(_ schedule: LearningRateSchedule) -> Optimizer {
    var copy = self
    copy.schedule = schedule
    return copy
  }

  /// - Throws: `OptimizerError` that names the setting that cannot be used.
  public func validate() throws {
    try require(learningRate.isFinite && learningRate >= 0, "learningRate", learningRate, "finite and not negative")
    try formula.validate()
    try schedule.validate()
    try validateClipping()
  }

  /// Optimizers of every rule, and more of one whose settings add to its formula: those whose updates are compiled
  /// ahead as loops.
  public static let samples: [Optimizer] = [
    .sgd(learningRate: 0.1), .sgd(learningRate: 0.1, momentum: 0.9),
    .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true), .adam(), .adamW(), .rmsProp(), .rmsProp(momentum: 0.9),
    .rmsProp(isCentered: true), .adaGrad(),
  ]

  /// Appends the update of each parameter, of the state that the rule keeps, and of the step counter, as nodes of the
  /// update phase.
  ///
  /// - Parameters:
  ///   - parameters: variables of the graph; others of its variables stay as they are.
  ///   - gradients: of what is made small, in the same order.
  /// - Returns: the learning rate of the step, a scalar.
  /// - Throws: `OptimizerError` or `GraphError`.
  @discardableResult
  public func update(_ parameters: [Tensor], with gradients: [Tensor]) throws -> Tensor {
    try validate()
    guard let graph = parameters.first?.graph else {
      throw OptimizerError("there is nothing to train: the network has no parameters")
    }
    try graph.checkFailure()
    guard parameters.count == gradients.count else {
      throw OptimizerError("\(parameters.count) parameters were given with \(gradients.count) gradients")
    }
    let phase = graph.phase
    defer { graph.phase = phase }
    graph.phase = .update
    let rate = try graph.scope("optimizer") {
      let rate = schedule.learningRate(learningRate, in: graph)
      try formula.append(to: UpdateStep(graph, parameters, clip(gradients), rate))
      graph.advanceStepCounter()
      return rate
    }
    try graph.checkFailure()
    return rate
  }

  /// The learning rate in use after `step` steps.
  /// - Throws: `OptimizerError` when a setting cannot be used.
  public func learningRate(atStep step: Int) throws -> Double {
    try validate()
    let graph = Graph()
    let tensor = schedule.learningRate(learningRate, in: graph)
    let interpreter = Interpreter(values: [Graph.stepCounterName: ShapedArray(scalar: Double(step))])
    return try interpreter.evaluate([tensor]).first?.scalars.first ?? learningRate
  }

  var formula: any UpdateRule {
    switch rule {
    case .sgd(let rule): rule
    case .adam(let rule): rule
    case .adamW(let rule): rule
    case .rmsProp(let rule): rule
    case .adaGrad(let rule): rule
    }
  }
}

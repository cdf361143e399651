import NeuralNetworks
import Optimizers

/// How the weights are found: backpropagation and its rivals, to learn from and to compare.
///
/// All follow the same loop over batches, and all but the two searches hand a gradient, or what stands for one, to the
/// optimizer. They differ in what a step costs: backpropagation gets every derivative for about two forward passes
/// more, however many weights there are.
public enum LearningAlgorithm: String, Hashable, Codable, Sendable, CaseIterable {
  /// The gradient by the chain rule, backwards.
  case backpropagation
  /// The rule of units that step: `w ← w + η (t - step(z)) x`, which is gradient descent on `Loss.perceptron`. One
  /// layer. Source: Rosenblatt, "The perceptron" (1958).
  case perceptron
  /// The delta rule of linear units: `w ← w + η (t - z) x`, gradient descent on half the squared error. One layer.
  /// Source: Widrow and Hoff, "Adaptive switching circuits" (1960).
  case widrowHoff = "widrow-hoff"
  /// Tries each weight a little larger and a little smaller, and keeps what lowers the loss.
  case oneWeightAtATime = "one-weight-at-a-time"
  /// Tries every combination of values from a grid.
  case exhaustive
  /// Backpropagation in which errors travel back through fixed random weights instead of the layers' own.
  /// Source: Lillicrap, Cownden, Tweed and Akerman, "Random synaptic feedback weights support error backpropagation for
  /// deep learning" (2016).
  case feedbackAlignment = "feedback-alignment"
  /// The derivative along one random direction, times that direction: right on average, without any way back. Source:
  /// Baydin, Pearlmutter, Syme, Wood and Torr, "Gradients without backpropagation" (2022).
  case forwardGradient = "forward-gradient"
  /// Each weight's slope from two forward passes, with the weight a little larger and a little smaller.
  case finiteDifferences = "finite-differences"

  /// The loss that goes with the rule of a single layer; nil for algorithms that make any loss small.
  public var loss: Loss? {
    switch self {
    case .perceptron: .perceptron
    case .widrowHoff: .halfSumSquaredError
    default: nil
    }
  }

  /// Whether it judges weights by running the network with others in their place, rather than by derivatives.
  public var isSearch: Bool { self == .oneWeightAtATime || self == .exhaustive || self == .finiteDifferences }

  /// - Throws: `TrainingError` when the network or the loss is none that the algorithm is made for.
  func check(_ task: LearningTask) throws {
    guard let loss else { return }
    guard task.loss == loss else {
      throw TrainingError(
        .invalidOption, "the \(rawValue) algorithm makes the loss '\(loss.kind)' small, not '\(task.loss.kind)'",
        advice: "use the loss '\(loss.kind)' or another algorithm")
    }
    guard isSingleLayer(task.network.layer) else {
      throw TrainingError(
        .mismatch, "the \(rawValue) algorithm has no rule for hidden layers, nor for an activation of the last layer",
        advice: "use a network of one dense layer without activation, or another algorithm")
    }
  }

  /// What stands for the gradient, as nodes of the training step.
  func gradients(of objective: Tensor, _ context: LayerContext) throws -> [Tensor] {
    let parameters = context.parameterTensors
    guard self == .forwardGradient else {
      return try Differentiation.gradients(of: objective, withRespectTo: parameters)
    }
    let directions = zip(context.parameters, parameters).map { parameter, tensor in
      randomNormal(
        tensor.shape, step: context.step, seed: context.seed, stream: stableHash("direction/\(parameter.path)"))
    }
    let slope = try directionalDerivative(of: objective, withRespectTo: parameters, along: directions)
    return directions.map { slope * $0 }
  }
}

/// Whether a layer has no weights and only arranges an example's features.
private func isArrangement(_ layer: any Layer) -> Bool { layer is Flatten || layer is ColumnOneHot }

private func isSingleLayer(_ layer: any Layer) -> Bool {
  switch layer {
  case let dense as Dense: dense.activation == .identity
  case let sequential as Sequential:
    sequential.layers.filter { !isArrangement($0) }.count == 1
      && sequential.layers.allSatisfy { isArrangement($0) || isSingleLayer($0) }
  default: false
  }
}

/// What a layer applies to its weighted sums, element by element (softmax: along the last axis).
public enum ActivationFunction: String, Hashable, Codable, Sendable, CaseIterable {
  /// The input, as it is.
  case identity
  /// `1 / (1 + exp(-x))`, in (0, 1).
  case sigmoid
  /// The hyperbolic tangent, in (-1, 1).
  case tanh
  /// `max(x, 0)`.
  case relu
  /// `log(1 + exp(x))`, a smooth relu.
  case softplus
  /// 1 where `x > 0`, else 0: the perceptron's. It has no derivative, so a network with it can be used but not trained.
  case step
  /// `exp(x) / Σ exp(x)` along the last axis: probabilities. Not before the softmax cross-entropy, which takes logits.
  case softmax

  /// Appends the function to the tensor's graph.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .identity: x
    case .sigmoid: Operations.sigmoid(x)
    case .tanh: Operations.tanh(x)
    case .relu: Operations.relu(x)
    case .softplus: Operations.softplus(x)
    case .step: Operations.step(x)
    case .softmax: Operations.softmax(x)
    }
  }

  /// The initializer for the weights before this activation that keeps the scale of signals through many layers: He
  /// where half of the inputs are cut off, Glorot elsewhere.
  public var standardInitializer: Initializer {
    switch self {
    case .relu, .softplus: .heUniform
    case .identity, .sigmoid, .tanh, .step, .softmax: .glorotUniform
    }
  }
}

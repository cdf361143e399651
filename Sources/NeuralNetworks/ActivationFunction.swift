import RealModule

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
  /// `log softmax(x)` along the last axis.
  case logSoftmax
  /// `x Φ(x)`, with the standard normal distribution's Φ. Source: Hendrycks and Gimpel, "Gaussian error linear units"
  /// (2016), as are the next two.
  case gelu
  /// `½ x (1 + tanh(sqrt(2/π) (x + 0.044715 x³)))`, close to `gelu`.
  case geluTanh
  /// `x sigmoid(x)`, also called swish.
  case silu
  /// `x` where it is positive, `exp(x) - 1` elsewhere. Source: Clevert, Unterthiner and Hochreiter (2015).
  case elu
  /// `elu` scaled so that signals keep mean 0 and variance 1. Source: Klambauer, Unterthiner, Mayr and Hochreiter,
  /// "Self-normalizing neural networks" (2017).
  case selu
  /// `x` where it is positive, `0.01 x` elsewhere; the layer `LeakyReLU` takes other slopes.
  case leakyReLU
  /// `x / 6 + ½`, held between 0 and 1.
  case hardSigmoid
  /// `x` held between -1 and 1.
  case hardTanh
  /// `x hardSigmoid(x)`. Source: Howard et al., "Searching for MobileNetV3" (2019).
  case hardSwish
  /// `x / (1 + |x|)`, in (-1, 1).
  case softsign
  /// `x tanh(softplus(x))`. Source: Misra, "Mish" (2019).
  case mish

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
    case .logSoftmax: Operations.logSoftmax(x)
    case .gelu: gated(x) { 0.5 + 0.5 * erf($0 * Double.sqrt(0.5)) }
    // ½ (1 + tanh u) = sigmoid(2u), which keeps its digits far below zero.
    case .geluTanh: gated(x) { Operations.sigmoid(($0 + 0.044715 * $0 * $0 * $0) * (2 * Double.sqrt(2 / .pi))) }
    case .silu: gated(x, Operations.sigmoid)
    case .elu: NeuralNetworks.elu(x)
    case .selu: 1.0507009873554804934 * NeuralNetworks.elu(x, scale: 1.6732632423543772848)
    case .leakyReLU: NeuralNetworks.leakyReLU(x, slope: 0.01)
    case .hardSigmoid: clamp(x / 6 + 0.5, from: 0, to: 1)
    case .hardTanh: clamp(x, from: -1, to: 1)
    case .hardSwish: gated(x) { clamp($0 / 6 + 0.5, from: 0, to: 1) }
    case .softsign: NeuralNetworks.softsign(x)
    case .mish: gated(x) { Operations.tanh(Operations.softplus($0)) }
    }
  }

  /// The initializer for the weights before this activation that keeps the scale of signals through many layers: He
  /// where half of the inputs are cut off, LeCun where the activation says so, Glorot elsewhere.
  public var standardInitializer: Initializer {
    switch self {
    case .relu, .softplus, .gelu, .geluTanh, .silu, .elu, .leakyReLU, .hardSwish, .mish: .heUniform
    case .selu: .leCunNormal
    case .identity, .sigmoid, .tanh, .step, .softmax, .logSoftmax, .hardSigmoid, .hardTanh, .softsign: .glorotUniform
    }
  }
}

/// What can be seen inside a network at one moment of its training: how long weights and gradients are, and how far
/// activations are from doing something.
public struct NetworkStatistics: Hashable, Sendable, Codable {
  /// Of one learned tensor.
  public struct ParameterStatistics: Hashable, Sendable, Codable {
    /// Its path, such as `dense1/weight`.
    public let path: String
    /// Whether it is a weight, to which inputs are multiplied, rather than a bias or the like.
    public let isWeight: Bool
    /// The Euclidean norm of its elements.
    public let norm: Double
    /// The Euclidean norm of the loss's gradient with respect to it.
    public let gradientNorm: Double
    /// The number of its elements.
    public let count: Int

    /// The root of the mean square of the gradient's elements, which can be compared between layers of unlike sizes.
    public var gradientSize: Double { gradientNorm / Double(max(count, 1)).squareRoot() }
  }

  /// Of what a layer's activation function gives.
  public struct ActivationStatistics: Hashable, Sendable, Codable {
    /// The path of the layer.
    public let path: String
    /// The function: `tanh`, `sigmoid` or `relu`.
    public let function: String
    /// Over all units and examples.
    public let mean: Double
    /// Over all units and examples.
    public let standardDeviation: Double
    /// The share of values so near to a bound of the function that hardly any gradient passes: above 0.98 in magnitude
    /// for tanh, outside 0.01 to 0.99 for the sigmoid, 0 for ReLU.
    public let saturated: Double
    /// The share of units that are saturated for every example, so that they learn nothing from any.
    public let dead: Double
  }

  /// The number of steps done.
  public let step: Int
  /// In the order in which the network uses them, first to last.
  public let parameters: [ParameterStatistics]
  /// In the order in which the network computes them, first to last.
  public let activations: [ActivationStatistics]

  /// The parameters that are weights.
  public var weights: [ParameterStatistics] { parameters.filter(\.isWeight) }
}

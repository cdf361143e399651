/// What a trainer must know of one tensor that a network keeps: its name, its type, and how to choose its first values.
public struct Parameter: Hashable, Sendable {
  /// What changes a parameter, and whether priors apply to it.
  public enum Role: String, Hashable, Sendable, Codable {
    /// Learned by gradient; priors hold it small.
    case weight
    /// Learned by gradient, and left alone by priors.
    case bias
    /// Kept by the layer itself, such as a running mean: it has no gradient.
    case state
  }

  /// The layer's path and the parameter's own name, such as `dense1/weight`: the name of the graph's variable and of
  /// the tensor in a checkpoint.
  public let path: String
  /// The shape of the tensor.
  public let shape: Shape
  /// What changes it, and whether priors apply to it.
  public let role: Role
  /// How its first values are chosen.
  public let initializer: Initializer
  /// The number of inputs that each output of the layer sums over.
  public let fanIn: Int
  /// The number of outputs that each input of the layer reaches.
  public let fanOut: Int

  /// Whether it is learned by gradient.
  public var isLearned: Bool { role != .state }

  /// The type of the tensor: float32 of its shape.
  public var type: TensorType { TensorType(shape) }

  /// The values that training starts from: a function of the seed and the parameter's path alone, so that adding a
  /// layer leaves those of the others as they were.
  public func initialValue(seed: UInt64) -> ShapedArray<Float> {
    initializer.values(shape: shape, fanIn: fanIn, fanOut: fanOut, seed: seed, path: path)
  }
}

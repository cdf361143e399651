/// Holds gradients within bounds, so that a single bad batch does not throw the weights far off.
public enum GradientClipping: Hashable, Sendable {
  /// All gradients together are scaled by `min(1, bound / (norm + 1e-6))`, where the norm is that of all their
  /// elements as one vector: their direction stays. As PyTorch's `clip_grad_norm_`.
  case globalNorm(Double)
  /// Each element is held within `-bound ... bound`. As PyTorch's `clip_grad_value_`.
  case value(Double)

  /// - Throws: `OptimizerError` when the bound cannot be used.
  public func validate() throws {
    try require(bound > 0 && bound.isFinite, "clipping: \(kind)", bound, "positive and finite")
  }

  private var bound: Double {
    switch self {
    case .globalNorm(let bound), .value(let bound): bound
    }
  }

  private var kind: String {
    switch self {
    case .globalNorm: "globalNorm"
    case .value: "value"
    }
  }

  func clip(_ gradients: [Tensor]) -> [Tensor] {
    switch self {
    case .value(let bound):
      return gradients.map { clamp($0, from: -bound, to: bound) }
    case .globalNorm(let bound):
      let squares = gradients.map { ($0 * $0).sum() }
      guard let first = squares.first else { return [] }
      let norm = sqrt(squares.dropFirst().reduce(first, +))
      let scale = minimum(bound / (norm + 1e-6), 1)
      return gradients.map { $0 * scale }
    }
  }
}

extension GradientClipping: Codable {
  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "clipping", keys: ["globalNorm": ["bound"], "value": ["bound"]])
    let bound: Double = try description.value("bound")
    self = description.kind == "value" ? .value(bound) : .globalNorm(bound)
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(kind)
    description.set("bound", bound)
    try description.write(to: encoder)
  }
}

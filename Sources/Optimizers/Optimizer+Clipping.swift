/// Holds gradients within bounds, so that a single bad batch does not throw the weights far off.
extension Optimizer {
  /// The same optimizer with gradients held within bounds: `clipNorm` and `clipValue`, of which one that is not given
  /// stays as it is.
  public func clipped(norm: Double? = nil, value: Double? = nil) -> Optimizer {
    var copy = self
    if let norm { copy.clipNorm = norm }
    if let value { copy.clipValue = value }
    return copy
  }

  func validateClipping() throws {
    for (name, bound) in [("clipNorm", clipNorm), ("clipValue", clipValue)] {
      guard let bound else { continue }
      try require(bound > 0 && bound.isFinite, name, bound, "positive and finite")
    }
  }

  /// First each element, then the length of all: the norm that is bounded is that of what is left.
  func clip(_ gradients: [Tensor]) -> [Tensor] {
    let values = clipValue.map { bound in gradients.map { clamp($0, from: -bound, to: bound) } } ?? gradients
    guard let clipNorm else { return values }
    let squares = values.map { ($0 * $0).sum() }
    guard let first = squares.first else { return [] }
    let norm = sqrt(squares.dropFirst().reduce(first, +))
    let scale = minimum(clipNorm / (norm + 1e-6), 1)
    return values.map { $0 * scale }
  }
}

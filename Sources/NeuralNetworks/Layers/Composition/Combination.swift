/// How several tensors become one.
public enum Combination: String, Hashable, Codable, Sendable, CaseIterable {
  /// Their sum; shapes repeat to each other's.
  case add
  /// Their product, element by element.
  case multiply
  /// Their mean, element by element.
  case average
  /// The greatest of each element.
  case maximum
  /// One after the other along the last axis.
  case concatenate

  /// Appends the combination.
  /// - Throws: `LayerError` when there is nothing to combine.
  func callAsFunction(_ tensors: [Tensor], in context: LayerContext) throws -> Tensor {
    guard let first = tensors.first else { throw context.error("there is nothing to combine; give at least one input") }
    let others = tensors.dropFirst()
    switch self {
    case .add: return others.reduce(first, +)
    case .multiply: return others.reduce(first, *)
    case .average: return others.reduce(first, +) / Double(tensors.count)
    case .maximum: return others.reduce(first) { Operations.maximum($0, $1) }
    case .concatenate: return others.isEmpty ? first : first.concatenated(with: Array(others), alongAxis: -1)
    }
  }
}

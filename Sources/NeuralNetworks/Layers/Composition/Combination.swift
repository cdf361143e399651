/// How several tensors become one.
///
/// They are of one shape, but for axes of extent 1, which are repeated to fit; those that are concatenated may differ
/// in the last axis.
public enum Combination: String, Hashable, Codable, Sendable, CaseIterable {
  /// Their sum.
  case add
  /// The first less all others.
  case subtract
  /// Their product, element by element.
  case multiply
  /// Their mean, element by element.
  case average
  /// The greatest of each element.
  case maximum
  /// The least of each element.
  case minimum
  /// One after the other along the last axis.
  case concatenate

  /// Appends the combination.
  /// - Throws: `LayerError` when there is nothing to combine, or when shapes do not fit.
  func callAsFunction(_ tensors: [Tensor], in context: LayerContext) throws -> Tensor {
    guard let first = tensors.first else { throw context.error("there is nothing to combine; give at least one input") }
    let others = tensors.dropFirst()
    guard fits(tensors) else {
      let types = tensors.map(\.type.description).joined(separator: ", ")
      throw context.error("to \(rawValue), inputs must be of one shape, but they are \(types)")
    }
    switch self {
    case .add: return others.reduce(first, +)
    case .subtract: return others.reduce(first, -)
    case .multiply: return others.reduce(first, *)
    case .average: return others.reduce(first, +) / Double(tensors.count)
    case .maximum: return others.reduce(first) { Operations.maximum($0, $1) }
    case .minimum: return others.reduce(first) { Operations.minimum($0, $1) }
    case .concatenate: return others.isEmpty ? first : first.concatenated(with: Array(others), alongAxis: -1)
    }
  }

  private func fits(_ tensors: [Tensor]) -> Bool {
    let rank = tensors[0].rank
    guard tensors.allSatisfy({ $0.rank == rank && $0.elementType == tensors[0].elementType }) else { return false }
    let isJoined = self == .concatenate
    return (0..<max(0, isJoined ? rank - 1 : rank)).allSatisfy { axis in
      let extents = Set(tensors.map { $0.shape[axis] })
      return extents.count == 1 || (!isJoined && extents.count == 2 && extents.contains(1))
    } && (rank > 0 || !isJoined)
  }
}

/// Makes one tensor of several inputs.
public struct Merge: Layer {
  public static let kind = "merge"
  /// How the inputs become one.
  public let combination: Combination
  /// nil for an automatic name.
  public let name: String?

  /// A layer of one input or more and one output, without parameters.
  public init(_ combination: Combination, name: String? = nil) {
    self.combination = combination
    self.name = name
  }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    [try combination(inputs, in: context)]
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["combination", "name"]])
    let _: String = try description.value("combination")
    self.init(
      try description.choice("combination", default: .add), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("combination", combination.rawValue)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

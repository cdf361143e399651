/// Makes one tensor of several: their sum, product, mean and the like, element by element, or all of them side by side.
///
/// Inputs are of one shape, but for axes of extent 1, which are repeated to fit; those that are concatenated along the
/// last axis may differ in it.
public struct Merge: Layer {
  public static let kind = "merge"

  /// What is made of the inputs.
  public enum Function: String, Hashable, Codable, Sendable, CaseIterable {
    /// `a + b + …`
    case add
    /// `a · b · …`
    case multiply
    /// `a - b - …`
    case subtract
    /// `(a + b + …) / n`
    case mean
    /// The greatest.
    case maximum
    /// The least.
    case minimum
    /// One after the other along the last axis.
    case concatenate
  }

  /// What is made of the inputs.
  public let function: Function
  /// nil for an automatic name.
  public let name: String?

  /// A layer of any number of inputs, without parameters.
  public init(_ function: Function, name: String? = nil) {
    self.function = function
    self.name = name
  }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    guard let first = inputs.first else { throw context.error("there is nothing to merge; give it inputs") }
    let others = inputs.dropFirst()
    if function == .concatenate {
      guard first.rank >= 1 else { throw context.error("numbers without axes cannot be concatenated") }
      return [first.concatenated(with: Array(others), alongAxis: first.rank - 1)]
    }
    let extents = (0..<first.rank).map { axis in inputs.map { $0.rank > axis ? $0.shape[axis] : 1 }.max() ?? 1 }
    let fits = inputs.allSatisfy { input in
      input.rank == first.rank && input.elementType == first.elementType
        && zip(input.shape.dimensions, extents).allSatisfy { $0 == $1 || $0 == 1 }
    }
    guard fits else {
      let types = inputs.map(\.type.description).joined(separator: ", ")
      throw context.error("to \(function.rawValue), inputs must be of one shape, but they are \(types)")
    }
    switch function {
    case .add: return [others.reduce(first, +)]
    case .multiply: return [others.reduce(first, *)]
    case .subtract: return [others.reduce(first, -)]
    case .mean: return [others.reduce(first, +) * (1 / Double(inputs.count))]
    case .maximum: return [others.reduce(first) { Operations.maximum($0, $1) }]
    case .minimum: return [others.reduce(first) { Operations.minimum($0, $1) }]
    case .concatenate: return [first]
    }
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["function", "name"]])
    let _: String = try description.value("function")
    self.init(try description.choice("function", default: .add), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("function", function.rawValue)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

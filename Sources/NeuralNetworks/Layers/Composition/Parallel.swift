/// Several branches of one input, whose outputs become one.
///
/// ```swift
/// Parallel(.concatenate) {
///   Dense(8, activation: .tanh)
///   Sequential { Dense(4, activation: .relu); Dense(8) }
/// }
/// ```
public struct Parallel: UnaryLayer {
  public static let kind = "parallel"
  /// The branches, in order.
  public var branches: [any Layer] { boxes.map(\.layer) }
  /// How their outputs become one.
  public let combination: Combination
  /// nil for an automatic name.
  public let name: String?
  private let boxes: [AnyLayer]

  /// The branches that the closure lists, each of one input and one output.
  public init(_ combination: Combination, name: String? = nil, @LayerBuilder branches: () -> [any Layer]) {
    self.init(combination, branches(), name: name)
  }

  /// The branches of a list.
  public init(_ combination: Combination, _ branches: [any Layer], name: String? = nil) {
    self.combination = combination
    boxes = branches.map { AnyLayer($0) }
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try combination(branches.map { try context.apply($0, to: input) }, in: context)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["combination", "branches", "name"]])
    combination = try description.choice("combination", default: .concatenate)
    boxes = try description.value("branches")
    name = try description.optional("name")
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("combination", combination.rawValue)
    description.set("branches", boxes)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

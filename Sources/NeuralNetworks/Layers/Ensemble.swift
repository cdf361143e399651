/// Several networks of the same task whose outputs are averaged.
///
/// While training, each learns from its own part of every batch, so that they learn independently of each other and an
/// epoch costs no more than that of one network; as many more epochs as there are members let each see as much as it
/// would alone. In use each sees every example, and outputs are averaged: logits, so that probabilities are in
/// proportion to the geometric mean of the members', or numbers.
///
/// Source: Hansen and Salamon, "Neural network ensembles" (1990).
public struct Ensemble: UnaryLayer {
  public static let kind = "ensemble"
  /// The greatest number of members, beyond which an ensemble is refused.
  public static let greatestMemberCount = 1000
  /// The networks, which may be alike: they begin with different weights.
  public let members: [AnyLayer]
  /// nil for an automatic name.
  public let name: String?

  /// Networks that take the same input; how many there are, and that their outputs are of the same shape, is checked
  /// when they are traced.
  public init(_ members: [any Layer], name: String? = nil) {
    self.members = members.map { AnyLayer($0) }
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard (1...Self.greatestMemberCount).contains(members.count) else {
      throw context.error("an ensemble needs from 1 to \(Self.greatestMemberCount) members")
    }
    guard input.rank >= 1 else { throw context.error("an ensemble takes [batch, ...], not \(input.type)") }
    let batch = input.shape[0]
    // A batch with fewer examples than members cannot be shared out.
    let isShared = context.mode == .training && batch >= members.count
    let parts = try members.enumerated().map { index, member in
      guard isShared else { return try context.apply(member.layer, to: input) }
      let (start, end) = (index * batch / members.count, (index + 1) * batch / members.count)
      return try context.apply(member.layer, to: input.sliced(start..<end, alongAxis: 0))
    }
    guard let first = parts.first, parts.count > 1 else { return parts[0] }
    if let stranger = parts.first(where: { $0.shape.dimensions.dropFirst() != first.shape.dimensions.dropFirst() }) {
      throw context.error(
        "the members' outputs must be alike, but there are \(first.shape) and \(stranger.shape); end them alike")
    }
    guard isShared else {
      return parts.dropFirst().reduce(first, +) / Double(parts.count)
    }
    return first.concatenated(with: Array(parts.dropFirst()), alongAxis: 0)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["members", "name"]])
    let members: [AnyLayer] = try description.value("members")
    self.init(members.map(\.layer), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("members", members)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

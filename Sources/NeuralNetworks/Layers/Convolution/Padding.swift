/// What stands around an input so that windows fit: zeros for convolutions, nothing that counts for pooling.
///
/// Described as `"valid"`, `"same"`, a number or a list of one for each axis (on both sides alike), or `{"kind":
/// "explicit", "low": [1, 0], "high": [0, 0]}`.
public enum Padding: Hashable, Sendable {
  /// None: windows lie within the input.
  case valid
  /// As much as makes the output `input / stride` long, rounded up; the odd one goes after the input.
  case same
  /// So much before and after the input along each axis.
  case explicit(low: AxisNumbers, high: AxisNumbers)

  /// The same on both sides.
  public static func explicit(_ numbers: AxisNumbers) -> Padding { .explicit(low: numbers, high: numbers) }

  /// The padding for an input of these extents, before and after it.
  func resolved(
    _ extents: [Int], window: [Int], strides: [Int], dilations: [Int], in context: LayerContext
  ) throws -> (low: [Int], high: [Int]) {
    switch self {
    case .valid: return (extents.map { _ in 0 }, extents.map { _ in 0 })
    case .same:
      let totals = extents.indices.map { axis in
        let results = (extents[axis] + strides[axis] - 1) / strides[axis]
        return max(0, (results - 1) * strides[axis] + (window[axis] - 1) * dilations[axis] + 1 - extents[axis])
      }
      return (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
    case .explicit(let low, let high):
      return (
        try low.resolved("padding", rank: extents.count, least: 0, in: context),
        try high.resolved("padding", rank: extents.count, least: 0, in: context)
      )
    }
  }
}

extension Padding: Codable {
  public init(from decoder: any Decoder) throws {
    if let numbers = try? AxisNumbers(from: decoder) {
      self = .explicit(numbers)
      return
    }
    let description = try DescriptionReader(
      decoder, of: "padding", keys: ["valid": [], "same": [], "explicit": ["low", "high"]])
    self =
      switch description.kind {
      case "valid": .valid
      case "same": .same
      default: .explicit(low: try description.value("low"), high: try description.value("high"))
      }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .valid: try DescriptionWriter("valid").write(to: encoder)
    case .same: try DescriptionWriter("same").write(to: encoder)
    case .explicit(let low, let high) where low == high: try low.encode(to: encoder)
    case .explicit(let low, let high):
      var description = DescriptionWriter("explicit")
      description.set("low", low)
      description.set("high", high)
      try description.write(to: encoder)
    }
  }
}

/// Every output is the greatest of several weighted sums of every input: a convex function that is learned.
///
/// Input `[batch, features]`, output `[batch, units]`; parameters `weight` `[features, units · pieces]` and `bias`
/// `[units · pieces]`, the pieces of a unit side by side.
/// Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio, "Maxout networks" (2013).
public struct Maxout: UnaryLayer {
  public static let kind = "maxout"
  /// The number of outputs.
  public let units: Int
  /// The number of weighted sums of which each output is the greatest.
  public let pieces: Int
  /// nil for an automatic name.
  public let name: String?

  /// A layer of so many units of so many pieces, each at least 1, which is checked when it is traced.
  public init(_ units: Int, pieces: Int = 2, name: String? = nil) {
    self.units = units
    self.pieces = pieces
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let (width, overflow) = units.multipliedReportingOverflow(by: pieces)
    guard units >= 1, pieces >= 1, !overflow else {
      throw context.error("a maxout layer needs at least 1 unit of at least 1 piece, not \(units) of \(pieces)")
    }
    let sums = try Dense(width, weightInitializer: .heUniform).apply(input, in: context)
    return sums.reshaped(to: [input.shape[0], units, pieces]).max(alongAxes: [2])
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["units", "pieces", "name"]])
    self.init(
      try description.value("units"), pieces: try description.value("pieces", default: 2),
      name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("units", units)
    description.set("pieces", pieces)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

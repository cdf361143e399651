/// Replaces codes of categories among an example's features by vectors that are learned: the last features are codes,
/// whole numbers from 0, and each becomes the row of that number in a table of its own. The features before them stay.
///
/// Input `[batch, features]`, output `[batch, features - counts.count + sum of sizes]`. Source: Guo and Berkhahn,
/// "Entity embeddings of categorical variables" (2016).
public struct ColumnEmbeddings: UnaryLayer {
  public static let kind = "columnEmbeddings"
  /// How many different codes each of the last features has.
  public let counts: [Int]
  /// How long the vectors are that stand for them.
  public let sizes: [Int]
  /// nil for an automatic name.
  public let name: String?

  /// Vectors for the last features; that they exist is checked when the layer is traced.
  public init(counts: [Int], sizes: [Int], name: String? = nil) {
    self.counts = counts
    self.sizes = sizes
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard counts.count == sizes.count, sizes.allSatisfy({ (1...100_000_000).contains($0) }) else {
      throw context.error(
        "column embeddings need a count and a size from 1 to 100,000,000 for each column, not \(counts) and \(sizes)")
    }
    let columns = try CodedColumns(input, counts: counts, in: context)
    return columns.joined(with: try columns.codes.enumerated().map { index, code in
      let size = sizes[index]
      let table = try context.parameter(
        "table\(index + 1)", shape: [counts[index], size], role: .weight,
        initializer: .normal(mean: 0, deviation: 1 / Double(size).squareRoot()), fanIn: 1, fanOut: size)
      return table.gathering(code)
    })
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["counts", "sizes", "name"]])
    self.init(
      counts: try description.value("counts"), sizes: try description.value("sizes"),
      name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("counts", counts)
    description.set("sizes", sizes)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

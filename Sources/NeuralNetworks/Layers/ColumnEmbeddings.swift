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
    guard counts.count == sizes.count, (counts + sizes).allSatisfy({ (1...100_000_000).contains($0) }) else {
      throw context.error("column embeddings need a count and a size of 1 or more for each column")
    }
    guard input.rank == 2, input.elementType == .float32, input.shape[1] >= counts.count else {
      throw context.error(
        "column embeddings of \(counts.count) codes take float32 [batch, features], but the input is \(input.type)")
    }
    let (batch, start) = (input.shape[0], input.shape[1] - counts.count)
    var parts = start > 0 ? [input.sliced(0..<start, alongAxis: 1)] : []
    for (index, (count, size)) in zip(counts, sizes).enumerated() {
      let table = try context.parameter(
        "table\(index + 1)", shape: [count, size], role: .weight,
        initializer: .normal(mean: 0, deviation: 1 / Double(size).squareRoot()), fanIn: 1, fanOut: size)
      let code = input.sliced((start + index)..<(start + index + 1), alongAxis: 1).reshaped(to: [batch])
      parts.append(table.gathering(code.cast(to: .int32)))
    }
    guard let first = parts.first else { return input }
    return parts.count == 1 ? first : first.concatenated(with: Array(parts.dropFirst()), alongAxis: 1)
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

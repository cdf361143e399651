/// Replaces codes of categories among an example's features by a feature for each category, 1 for the one that it is
/// and else 0: the last features are codes, whole numbers from 0. The features before them stay. Nothing is learned.
///
/// Input `[batch, features]`, output `[batch, features - counts.count + sum of counts]`. What networks of one layer see
/// of such columns, where `ColumnEmbeddings` would be a layer more.
public struct ColumnOneHot: UnaryLayer {
  public static let kind = "columnOneHot"
  /// How many different codes each of the last features has.
  public let counts: [Int]
  /// nil for an automatic name.
  public let name: String?

  /// Features for the codes of the last columns; that these exist is checked when the layer is traced.
  public init(counts: [Int], name: String? = nil) {
    self.counts = counts
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let columns = try CodedColumns(input, counts: counts, in: context)
    return columns.joined(with: zip(columns.codes, counts).map { oneHot($0, depth: $1) })
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["counts", "name"]])
    self.init(counts: try description.value("counts"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("counts", counts)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

/// The features of a table's rows, of which the last are codes of categories.
struct CodedColumns {
  /// The features before the codes, `[batch, features]`; nil where there are none.
  private let others: Tensor?
  /// The codes, int32 `[batch]` each.
  let codes: [Tensor]
  private let input: Tensor

  init(_ input: Tensor, counts: [Int], in context: LayerContext) throws {
    guard counts.allSatisfy({ (1...100_000_000).contains($0) }) else {
      throw context.error("each column of codes needs a count from 1 to 100,000,000, not \(counts)")
    }
    guard input.rank == 2, input.elementType == .float32, input.shape[1] >= counts.count else {
      throw context.error(
        "\(counts.count) columns of codes are the last of float32 [batch, features], but the input is \(input.type)")
    }
    let (batch, start) = (input.shape[0], input.shape[1] - counts.count)
    self.input = input
    others = start > 0 ? input.sliced(0..<start, alongAxis: 1) : nil
    codes = counts.indices.map { index in
      input.sliced((start + index)..<(start + index + 1), alongAxis: 1).reshaped(to: [batch]).cast(to: .int32)
    }
  }

  /// The other features, then what stands for each code, `[batch, size]`.
  func joined(with parts: [Tensor]) -> Tensor {
    let all = (others.map { [$0] } ?? []) + parts
    guard let first = all.first else { return input }
    return all.count == 1 ? first : first.concatenated(with: Array(all.dropFirst()), alongAxis: 1)
  }
}

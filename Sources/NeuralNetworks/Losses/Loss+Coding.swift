extension Loss: Codable {
  private static let plain: [String: Loss] = [
    "meanSquaredError": .meanSquaredError, "halfSumSquaredError": .halfSumSquaredError,
    "meanAbsoluteError": .meanAbsoluteError, "binaryCrossEntropy": .binaryCrossEntropy,
    "sumBinaryCrossEntropy": .sumBinaryCrossEntropy, "softmaxCrossEntropy": .softmaxCrossEntropy, "hinge": .hinge,
  ]

  /// The word for the loss in descriptions and on the command line.
  public var kind: String {
    Self.plain.first { $0.value == self }?.key ?? "huber"
  }

  /// Every word that describes a loss, in alphabetical order.
  public static var kinds: [String] { (plain.keys + ["huber"]).sorted() }

  /// The loss for a word, with default settings; nil when there is none.
  public init?(kind: String) {
    guard let loss = kind == "huber" ? .huber(delta: 1) : Self.plain[kind] else { return nil }
    self = loss
  }

  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let keys = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, $0 == "huber" ? ["delta"] : []) })
    let description = try DescriptionReader(decoder, of: "loss", keys: keys)
    if let loss = Self.plain[description.kind] {
      self = loss
    } else {
      self = .huber(delta: try description.value("delta", default: 1))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(kind)
    if case .huber(let delta) = self { description.set("delta", delta) }
    try description.write(to: encoder)
  }
}

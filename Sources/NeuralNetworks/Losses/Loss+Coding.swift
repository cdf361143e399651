extension Loss: Codable {
  private static let plain: [String: Loss] = [
    "meanSquaredError": .meanSquaredError, "halfSumSquaredError": .halfSumSquaredError,
    "meanAbsoluteError": .meanAbsoluteError, "binaryCrossEntropy": .binaryCrossEntropy,
    "sumBinaryCrossEntropy": .sumBinaryCrossEntropy, "softmaxCrossEntropy": .softmaxCrossEntropy, "hinge": .hinge,
    "klDivergence": .klDivergence, "cosine": .cosine, "perceptron": .perceptron,
  ]

  /// The settings of the kinds that have some.
  private static let settings = [
    "huber": ["delta"], "focal": ["focusing"], "softmaxCrossEntropy": ["labelSmoothing", "classWeights"],
  ]

  /// The word for the loss in descriptions and on the command line.
  public var kind: String {
    switch self {
    case .huber: "huber"
    case .focal: "focal"
    case .adjustedSoftmaxCrossEntropy: "softmaxCrossEntropy"
    default: Self.plain.first { $0.value == self }?.key ?? ""
    }
  }

  /// Every word that describes a loss, in alphabetical order.
  public static var kinds: [String] { Set(plain.keys).union(settings.keys).sorted() }

  /// The loss for a word, with default settings; nil when there is none.
  public init?(kind: String) {
    switch kind {
    case "huber": self = .huber(delta: 1)
    case "focal": self = .focal(focusing: 2)
    default:
      guard let loss = Self.plain[kind] else { return nil }
      self = loss
    }
  }

  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let keys = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, Self.settings[$0] ?? []) })
    let description = try DescriptionReader(decoder, of: "loss", keys: keys)
    switch description.kind {
    case "huber": self = .huber(delta: try description.value("delta", default: 1))
    case "focal": self = .focal(focusing: try description.value("focusing", default: 2))
    default:
      let smoothing: Double? = try description.optional("labelSmoothing")
      let classWeights: [Double]? = try description.optional("classWeights")
      let isAdjusted = smoothing != nil || classWeights != nil
      self = isAdjusted
        ? .softmaxCrossEntropy(labelSmoothing: smoothing ?? 0, classWeights: classWeights ?? [])
        : Self.plain[description.kind] ?? .softmaxCrossEntropy
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(kind)
    switch self {
    case .huber(let delta): description.set("delta", delta)
    case .focal(let focusing): description.set("focusing", focusing)
    case .adjustedSoftmaxCrossEntropy(let smoothing, let classWeights):
      description.set("labelSmoothing", smoothing)
      description.set("classWeights", classWeights.isEmpty ? nil : classWeights)
    default: break
    }
    try description.write(to: encoder)
  }
}

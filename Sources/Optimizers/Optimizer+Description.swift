extension Optimizer: Codable {
  private static let rules: [any UpdateRule.Type] = [SGD.self, Adam.self, AdamW.self, RMSProp.self, AdaGrad.self]
  private static let sharedKeys = ["learningRate", "schedule", "clipNorm", "clipValue"]

  /// The word for the optimizer in descriptions and on the command line.
  public var kind: String { type(of: formula).kind }

  /// Every word that describes an optimizer.
  public static var kinds: [String] { rules.map { $0.kind } }

  /// The optimizer for a word, with PyTorch's settings; nil when there is none.
  /// - Parameter learningRate: when nil 0.1 for `sgd`, 0.001 for `adam` and `adamW`, 0.01 for `rmsProp` and `adaGrad`.
  public init?(kind: String, learningRate: Double? = nil) {
    let rule: Rule
    switch kind {
    case SGD.kind: rule = .sgd(SGD())
    case Adam.kind: rule = .adam(Adam())
    case AdamW.kind: rule = .adamW(AdamW())
    case RMSProp.kind: rule = .rmsProp(RMSProp())
    case AdaGrad.kind: rule = .adaGrad(AdaGrad())
    default: return nil
    }
    self.init(rule, learningRate: 0)
    self.learningRate = learningRate ?? type(of: formula).standardLearningRate
  }

  /// - Throws: `DescriptionError` that names the place.
  public init(from decoder: any Decoder) throws {
    let keys = Self.rules.map { ($0.kind, Self.sharedKeys + $0.keys) }
    let description = try DescriptionReader(decoder, of: "optimizer", keys: Dictionary(uniqueKeysWithValues: keys))
    let rule: Rule =
      switch description.kind {
      case Adam.kind: .adam(try Adam(from: description))
      case AdamW.kind: .adamW(try AdamW(from: description))
      case RMSProp.kind: .rmsProp(try RMSProp(from: description))
      case AdaGrad.kind: .adaGrad(try AdaGrad(from: description))
      default: .sgd(try SGD(from: description))
      }
    self.init(rule, learningRate: 0)
    learningRate = try description.value("learningRate", default: type(of: formula).standardLearningRate)
    schedule = try description.value("schedule", default: .constant)
    clipNorm = try description.optional("clipNorm")
    clipValue = try description.optional("clipValue")
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(kind)
    description.set("learningRate", learningRate)
    formula.write(to: &description)
    description.set("schedule", schedule == .constant ? nil : schedule)
    description.set("clipNorm", clipNorm)
    description.set("clipValue", clipValue)
    try description.write(to: encoder)
  }
}

import Datasets

/// Continues texts with a model that was trained to predict the next token. Not safe to use from two threads at once.
///
/// The network sees a window of as many tokens as in training, which slides along. Until it is full, recurrent layers
/// carry their state from token to token, and attention its keys and values, so that a token costs one run for one
/// place. A window that slides is computed anew for each token: all that was carried over has its first tokens in it.
/// So is every window of networks with layers that need it whole (see `StepwiseLayer`); if it is not full, it is filled
/// up behind its last token, which causal attention does not see from there.
public final class TextGenerator {
  /// How text becomes tokens.
  public let tokenizer: Tokenizer
  private let model: Model
  private let threads: Int?
  private let stepwise: StepwisePredictor?
  /// Made when the first window is computed as a whole.
  private var whole: Predictor?
  private let context: Int
  private let vocabularySize: Int

  /// Whether a window that is not full costs one run for one place a token, since every layer can carry over what it
  /// needs.
  public var carriesState: Bool { stepwise != nil }

  /// - Parameter threads: how many threads kernels may use; the number of processors when nil.
  /// - Throws: `TrainingError` when the model is not of text.
  public init(_ model: Model, threads: Int? = nil) throws {
    tokenizer = try model.tokenizer()
    guard model.featureType == .int32, model.featureShape.rank == 1, model.classShape == model.featureShape else {
      throw TrainingError(
        .mismatch, "the model does not predict the next token at each place of a text",
        advice: "give one that 'chainrule train' has made of a text")
    }
    context = model.featureShape.count
    vocabularySize = model.classNames.count
    try require(threads ?? 1 >= 1, "threads", threads ?? 1, "1 or more")
    self.model = model
    self.threads = threads
    stepwise = try StepwisePredictor(model, length: context, threads: threads)
  }

  /// Continues a text.
  /// - Parameters:
  ///   - prompt: what comes before; where it is empty, a new line if the vocabulary has one.
  ///   - length: how many tokens are drawn.
  ///   - onToken: is given each token as it is drawn and its text in UTF-8, which with byte pairs may begin or end
  ///     within a character; what it throws ends the text.
  /// - Throws: `DatasetError` for a prompt with characters that are not in the vocabulary, `TrainingError` for numbers
  ///   that are out of range.
  public func generate(
    prompt: String, length: Int, sampling: TokenSampling = TokenSampling(), onToken: (Int32, [UInt8]) throws -> Void
  ) throws {
    try require(length >= 0, "length", length, "0 or more")
    try sampling.validate()
    var tokens = try tokenizer.encode(prompt)
    if tokens.isEmpty { tokens = (try? tokenizer.encode("\n")) ?? [0] }
    for position in 0..<length {
      let token = Int32(sampling.draw(try probabilities(after: tokens), position: position))
      try onToken(token, tokenizer.bytes(of: token))
      // One more than is seen tells a window that slides from one that has just become full.
      tokens = Array((tokens + [token]).suffix(context + 1))
    }
  }

  /// The probabilities of each token of the vocabulary after some others, of which the last ones are seen, as many as
  /// the network's context has.
  /// - Throws: `TrainingError` when there are none, `ProgramError` for numbers that are not of the vocabulary.
  public func probabilities(after tokens: [Int32]) throws -> [Float] {
    try require(!tokens.isEmpty, "tokens", tokens.count, "at least one token")
    if let stepwise, tokens.count <= context { return try stepwise.probabilities(after: tokens) }
    let predictor = try whole ?? model.predictor(batchSize: 1, threads: threads)
    whole = predictor
    let window = tokens.suffix(context)
    let padding = [Int32](repeating: 0, count: context - window.count)
    let last = (window.count - 1) * vocabularySize
    return Array(try predictor.predict(integers: window + padding)[0][last..<(last + vocabularySize)])
  }
}

/// Lets text through in whole characters, and holds back the bytes of one that is not complete.
public struct CharacterStream: Sendable {
  private var pending: [UInt8] = []

  /// Nothing is held back at first.
  public init() {}

  /// - Returns: what can be shown once these bytes are there. Bytes that are no UTF-8 become U+FFFD.
  public mutating func add(_ bytes: [UInt8]) -> String {
    pending += bytes
    let held = Self.incompleteCount(pending)
    defer { pending = Array(pending.suffix(held)) }
    return String(decoding: pending.dropLast(held), as: UTF8.self)
  }

  /// What is held back, at the end of a text.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// The number of bytes at the end that begin a character without completing it.
  private static func incompleteCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let byte = bytes[bytes.count - count]
      // A continuation begins with the bits 10; the first byte of a character says how long it is.
      guard byte & 0xC0 != 0x80 else { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return length > count ? count : 0
    }
    return 0
  }
}

/// Windows of one length over a sequence of tokens, each followed by at least one token more: views, not copies.
public struct TokenWindows: Sendable, Hashable {
  /// The whole sequence.
  public let tokens: [Int32]
  /// The number of tokens in a window.
  public let length: Int
  /// The distance between the starts of neighbouring windows: 1 lets a window start at every token, `length` makes
  /// windows that do not overlap.
  public let stride: Int
  /// The part of the sequence that windows lie in.
  public let range: Range<Int>
  /// Some of the windows, by their number; nil for all.
  let chosen: [Int]?

  /// All windows over a sequence.
  /// - Throws: `DatasetError` when the sequence does not hold one window and the token after it, or a number is
  ///   below 1.
  public init(over tokens: [Int32], length: Int, stride: Int = 1) throws {
    try self.init(tokens, 0..<tokens.count, length: length, stride: stride)
  }

  private init(_ tokens: [Int32], _ range: Range<Int>, length: Int, stride: Int) throws {
    guard length >= 1, stride >= 1 else {
      throw DatasetError(
        .invalidArgument, "windows cannot be of length \(length) and stride \(stride)", advice: "use 1 or more")
    }
    guard range.count > length else {
      throw DatasetError(
        .empty, "a sequence of \(range.count) tokens holds no window of \(length) and the token after it",
        advice: "use shorter windows or a longer text")
    }
    self.tokens = tokens
    self.range = range
    self.length = length
    self.stride = stride
    chosen = nil
  }

  private init(_ windows: TokenWindows, chosen: [Int]) {
    (tokens, range, length, stride) = (windows.tokens, windows.range, windows.length, windows.stride)
    self.chosen = chosen
  }

  /// The number of windows.
  public var count: Int { chosen?.count ?? (range.count - length - 1) / stride + 1 }

  /// Where a window, from 0 to `count - 1`, starts in the sequence.
  func start(of window: Int) -> Int { range.lowerBound + (chosen?[window] ?? window) * stride }

  /// Some of the windows, which exist.
  func choosing(_ windows: [Int]) -> TokenWindows {
    TokenWindows(self, chosen: chosen.map { chosen in windows.map { chosen[$0] } } ?? windows)
  }

  /// Windows over the first part of the sequence, and windows over the rest that do not overlap.
  func split(validationFraction: Double) throws -> (training: TokenWindows, validation: TokenWindows) {
    if let chosen {
      let border = count - Int((Double(count) * validationFraction).rounded())
      return (choosing(Array(chosen.indices[..<border])), choosing(Array(chosen.indices[border...])))
    }
    let held = Int((Double(range.count) * validationFraction).rounded())
    let border = range.upperBound - held
    return (
      try TokenWindows(tokens, range.lowerBound..<border, length: length, stride: stride),
      try TokenWindows(tokens, border..<range.upperBound, length: length, stride: length)
    )
  }
}

extension Dataset {
  /// Windows over a sequence of tokens, from which the token after each of theirs is to be predicted: features and
  /// targets are int32 `[time]`.
  /// - Parameters:
  ///   - vocabulary: what the tokens are called, in the order of their numbers.
  ///   - tokenizer: how a text became the tokens, to be kept with a model.
  /// - Throws: `DatasetError` when a token has no name.
  public init(_ windows: TokenWindows, vocabulary: [String], tokenizer: Tokenizer? = nil) throws {
    if let index = windows.tokens.firstIndex(where: { $0 < 0 || Int($0) >= vocabulary.count }) {
      throw DatasetError(
        .invalidValue, "token \(index) is \(windows.tokens[index]), but there are \(vocabulary.count)",
        advice: "number tokens from 0 to \(vocabulary.count - 1)")
    }
    self.init(
      count: windows.count, features: .windows(windows), featureShape: [windows.length], targets: .nextTokens,
      targetShape: [windows.length], classNames: vocabulary)
    self.tokenizer = tokenizer
  }
}

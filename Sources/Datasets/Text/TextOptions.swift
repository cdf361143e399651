/// How a text becomes examples.
public struct TextOptions: Hashable, Sendable {
  /// What text is cut into.
  public enum Tokens: Hashable, Sendable {
    /// A token for every character that occurs in the text.
    case characters
    /// Byte-pair encoding with so many tokens, learned from the training part.
    case bytePairs(vocabularySize: Int)
    /// As it was done before.
    case known(Tokenizer)
  }

  /// What the text is cut into.
  public var tokens: Tokens
  /// The number of tokens that a network sees at once.
  public var context: Int
  /// The share of the characters that is held back, at the end; 0 holds nothing back.
  public var validationFraction: Double

  /// Characters, and a tenth of them held back, unless something else is asked for.
  public init(tokens: Tokens = .characters, context: Int = 64, validationFraction: Double = 0.1) {
    self.tokens = tokens
    self.context = context
    self.validationFraction = validationFraction
  }
}

/// How text becomes tokens, numbers from 0, and tokens text.
///
/// Coded as an object whose `kind` is `characters` or `bytePairs`: the form in which a model keeps it.
public enum Tokenizer: Hashable, Sendable {
  /// A token for every character (Unicode scalar) of the text that it was made of, in the order of their numbers.
  case characters([Unicode.Scalar])
  /// Byte-pair encoding.
  case bytePairs(BytePairEncoding)

  /// A token for every character that occurs in a text.
  public init(charactersOf text: some Sequence<Unicode.Scalar>) {
    self = .characters(Set(text).sorted())
  }

  /// What the tokens are called, in the order of their numbers: the text that they stand for, or `\xE2` for bytes that
  /// are only parts of a character.
  public var vocabulary: [String] {
    switch self {
    case .characters(let scalars): scalars.map { String(Character($0)) }
    case .bytePairs(let encoding): encoding.tokens.map(Self.name)
    }
  }

  /// The tokens of a text.
  /// - Throws: `DatasetError` that names the first character that is not in the vocabulary, and its place.
  public func encode(_ text: String) throws -> [Int32] {
    switch self {
    case .bytePairs(let encoding): return encoding.encode(Array(text.utf8))
    case .characters(let scalars):
      var numbers: [Unicode.Scalar: Int32] = [:]
      for (number, scalar) in scalars.enumerated() { numbers[scalar] = Int32(clamping: number) }
      return try text.unicodeScalars.enumerated().map { position, scalar in
        guard let number = numbers[scalar] else {
          throw DatasetError(
            .invalidValue,
            "character \(position + 1), '\(scalar)' (U+\(String(scalar.value, radix: 16, uppercase: true))), "
              + "is not in the vocabulary of \(scalars.count) characters",
            advice: "use characters of the text that the model learned from")
        }
        return number
      }
    }
  }

  /// The text that a token stands for, in UTF-8; with byte pairs it may begin or end within a character. Empty for a
  /// token that there is not.
  public func bytes(of token: Int32) -> [UInt8] {
    switch self {
    case .characters(let scalars):
      scalars.indices.contains(Int(token)) ? Array(String(Character(scalars[Int(token)])).utf8) : []
    case .bytePairs(let encoding): encoding.tokens.indices.contains(Int(token)) ? encoding.tokens[Int(token)] : []
    }
  }

  /// The text of tokens; bytes that are no UTF-8 become U+FFFD.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    String(decoding: tokens.flatMap { bytes(of: $0) }, as: UTF8.self)
  }

  private static func name(_ bytes: [UInt8]) -> String {
    if let text = utf8Text(bytes) { return text }
    return bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }
}

/// The text of bytes that are UTF-8 throughout, else nil.
func utf8Text(_ bytes: [UInt8]) -> String? {
  let text = String(decoding: bytes, as: UTF8.self)
  return text.utf8.elementsEqual(bytes) ? text : nil
}

extension Tokenizer: Codable {
  private enum Key: CodingKey { case kind, characters, merges }

  /// - Throws: `DecodingError` also when a character occurs twice or a merge is of tokens that come later.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    switch try values.decode(String.self, forKey: .kind) {
    case "characters":
      let scalars = Array(try values.decode(String.self, forKey: .characters).unicodeScalars)
      guard Set(scalars).count == scalars.count else {
        throw DecodingError.dataCorruptedError(
          forKey: .characters, in: values, debugDescription: "a character occurs twice")
      }
      self = .characters(scalars)
    case "bytePairs":
      guard let encoding = BytePairEncoding(merges: try values.decode([[Int32]].self, forKey: .merges)) else {
        throw DecodingError.dataCorruptedError(
          forKey: .merges, in: values, debugDescription: "a merge is not of two earlier tokens")
      }
      self = .bytePairs(encoding)
    case let kind:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: values, debugDescription: "there is no tokenizer of kind '\(kind)'")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch self {
    case .characters(let scalars):
      try values.encode("characters", forKey: .kind)
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      try values.encode(String(text), forKey: .characters)
    case .bytePairs(let encoding):
      try values.encode("bytePairs", forKey: .kind)
      try values.encode(encoding.merges, forKey: .merges)
    }
  }
}

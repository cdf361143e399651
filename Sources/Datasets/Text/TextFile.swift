/// A text in UTF-8, compressed by gzip or not.
public struct TextFile: Sendable {
  /// What it holds.
  public let text: String
  /// Where it was read, for errors.
  public let path: String

  /// Reads a file.
  /// - Throws: `DatasetError` when it cannot be read, is empty, or a byte of it is no UTF-8, which is named.
  public init(path: String) throws {
    self.path = path
    let bytes = try Self.bytes(of: ByteStream(path: path))
    guard !bytes.isEmpty else {
      throw DatasetError(.empty, path: path, "the file is empty", advice: "give a file that holds text")
    }
    guard let text = utf8Text(bytes) else {
      let offset = Self.firstInvalidByte(bytes)
      throw DatasetError(
        .wrongFormat, path: path,
        "byte \(offset), 0x\(String(bytes[offset], radix: 16, uppercase: true)), is no part of UTF-8 text",
        advice: "convert the file to UTF-8, for instance with iconv")
    }
    self.text = text
  }

  /// Windows over the first part of the text to learn from, at every token, and windows over its end, which do not
  /// overlap, to judge by.
  /// - Throws: `DatasetError` when a part is shorter than a window, a number is out of range, or the text has
  ///   characters that a known tokenizer has not.
  public func load(_ options: TextOptions = TextOptions()) throws -> DatasetSplits {
    let (context, validationFraction) = (options.context, options.validationFraction)
    guard validationFraction >= 0, validationFraction < 1 else {
      throw DatasetError(
        .invalidArgument, "validationFraction is \(validationFraction)", advice: "use a number from 0 to below 1")
    }
    let scalars = text.unicodeScalars
    let held = Int((Double(scalars.count) * validationFraction).rounded())
    let border = scalars.index(scalars.endIndex, offsetBy: -held)
    do {
      let tokenizer = try tokenizer(options.tokens, trainedOn: scalars[..<border])
      // Its errors then count from the beginning of the text.
      if case .known = options.tokens { _ = try tokenizer.encode(text) }
      func windows(_ part: Substring.UnicodeScalarView, stride: Int) throws -> Dataset {
        let tokens = try tokenizer.encode(String(part))
        return try Dataset(
          TokenWindows(over: tokens, length: context, stride: stride), vocabulary: tokenizer.vocabulary,
          tokenizer: tokenizer)
      }
      return DatasetSplits(
        training: try windows(scalars[..<border], stride: 1),
        test: held == 0 ? nil : try windows(scalars[border...], stride: context))
    } catch let error as DatasetError {
      throw error.at(path)
    }
  }

  private func tokenizer(
    _ tokens: TextOptions.Tokens, trainedOn part: Substring.UnicodeScalarView
  ) throws -> Tokenizer {
    switch tokens {
    // Of the whole text: a rare character may occur in its end alone.
    case .characters: Tokenizer(charactersOf: text.unicodeScalars)
    case .bytePairs(let size):
      .bytePairs(try BytePairEncoding(trainedOn: Array(String(part).utf8), vocabularySize: size))
    case .known(let tokenizer): tokenizer
    }
  }

  private static func bytes(of stream: ByteStream) throws -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try chunk.withUnsafeMutableBytes { try stream.read(into: $0) }
      result += chunk[..<count]
      if count < chunk.count { return result }
    }
  }

  /// Where validation as UTF-8 fails: the longest valid prefix ends there.
  private static func firstInvalidByte(_ bytes: [UInt8]) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      offset += UTF8.width(scalar)
    }
    return min(offset, bytes.count - 1)
  }
}

import Datasets
import Foundation
import Tensors
import Testing

struct TextTests {
  /// Calls `body` with the path of a file that holds these bytes.
  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("text-\(UUID()).txt")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file.path)
  }

  private func windows(_ data: Dataset, _ rows: [Int]) throws -> (features: [Int32], targets: [Int32]) {
    let count = rows.count * data.featureShape.count
    var (features, targets) = ([Int32](repeating: -9, count: count), [Int32](repeating: -9, count: count))
    try features.withUnsafeMutableBufferPointer { try data.copyIntegers(of: rows[...], into: $0) }
    try targets.withUnsafeMutableBufferPointer { try data.copyClasses(of: rows[...], into: $0) }
    return (features, targets)
  }

  @Test func `windows start at every token, and predict the next ones`() throws {
    let data = try Dataset(TokenWindows(over: [0, 1, 2, 3, 4, 0], length: 3), vocabulary: ["a", "b", "c", "d", "e"])
    #expect(data.count == 3 && data.featureShape == [3] && data.featureType == .int32 && data.predictsClasses)
    let (features, targets) = try windows(data, [2, 0])
    #expect(features == [2, 3, 4, 0, 1, 2] && targets == [3, 4, 0, 1, 2, 3])
    let some = try data.subset([1, 2])
    #expect(try windows(some, [0]).features == [1, 2, 3])
    #expect(throws: DatasetError.self) { try windows(some, [2]) }
    #expect(data.features(at: 1)?.scalars == [1, 2, 3])
  }

  @Test func `a text is split at its end, and the parts do not overlap`() throws {
    try withFile(Array("abcdefghij klmnopqrst\n".utf8)) { path in
      let splits = try TextFile(path: path).load(TextOptions(context: 2, validationFraction: 0.25))
      let test = try #require(splits.test)
      let tokenizer = try #require(splits.training.tokenizer)
      #expect(splits.training.count == 14 && splits.training.classNames.count == 22)
      #expect(test.count == 2)
      #expect(tokenizer.decode(try windows(test, [0, 1]).targets) == "qrst")
      #expect(tokenizer.decode(try windows(splits.training, [0, 13]).features) == "abmn")
    }
  }

  @Test func `splitting windows at random keeps the end of the sequence apart`() throws {
    let tokens = (0..<100).map { Int32($0) }
    let data = try Dataset(TokenWindows(over: tokens, length: 4), vocabulary: tokens.map(String.init))
    let (training, validation) = try data.split(validationFraction: 0.2, seed: 1)
    #expect(training.count == 76 && validation.count == 4)
    #expect(try windows(training, [75]).targets.last == 79)
    #expect(try windows(validation, [0]).features.first == 80)
  }

  @Test func `characters become tokens in the order of their numbers`() throws {
    let tokenizer = Tokenizer(charactersOf: "b\u{E9}a\u{1F600}a".unicodeScalars)
    #expect(tokenizer.vocabulary == ["a", "b", "\u{E9}", "\u{1F600}"])
    #expect(try tokenizer.encode("\u{1F600}ba") == [3, 1, 0])
    #expect(tokenizer.decode([3, 1, 0, 2]) == "\u{1F600}ba\u{E9}")
    let error = #expect(throws: DatasetError.self) { try tokenizer.encode("abc") }
    #expect(error?.message == "character 3, 'c' (U+63), is not in the vocabulary of 4 characters")
  }

  /// The example of Sennrich, Haddow and Birch (2016), without their sign for the end of a word.
  @Test func `byte pairs are merged in the order of their frequency`() throws {
    let text = Array(repeating: "low", count: 5) + Array(repeating: "lower", count: 2)
      + Array(repeating: "newest", count: 6) + Array(repeating: "widest", count: 3)
    let encoding = try BytePairEncoding(trainedOn: Array(text.joined(separator: "\n").utf8), vocabularySize: 260)
    let names = Tokenizer.bytePairs(encoding).vocabulary
    #expect(names[256...] == ["es", "est", "lo", "low"])
    #expect(Tokenizer.bytePairs(encoding).decode(encoding.encode(Array("lowest newer".utf8))) == "lowest newer")
    #expect(encoding.encode(Array("lowest".utf8)) == [259, 257])
    #expect(names[0xE9] == "\\xE9")
  }

  @Test func `byte pairs encode any text, the same in every process`() throws {
    var text = ""
    for number in 0..<2000 { text += "number \(number * 7919 % 613), \u{E9}t\u{E9}! " }
    let bytes = Array(text.utf8)
    let encoding = try BytePairEncoding(trainedOn: bytes, vocabularySize: 400)
    let tokenizer = Tokenizer.bytePairs(encoding)
    let tokens = encoding.encode(bytes)
    #expect(tokens.count * 3 < bytes.count)
    #expect(tokenizer.decode(tokens) == text)
    #expect(tokenizer.decode(try tokenizer.encode("\u{65E5}\u{672C} \u{0} zzz")) == "\u{65E5}\u{672C} \u{0} zzz")
    #expect(try BytePairEncoding(trainedOn: bytes, vocabularySize: 400) == encoding)
    let copy = try JSONDecoder().decode(Tokenizer.self, from: JSONEncoder().encode(tokenizer))
    #expect(copy == tokenizer)
    // Where nothing occurs twice, fewer tokens come out.
    #expect(try BytePairEncoding(trainedOn: Array("abc".utf8), vocabularySize: 400).tokens.count == 256)
    #expect(throws: DatasetError.self) { try BytePairEncoding(trainedOn: bytes, vocabularySize: 255) }
    #expect(BytePairEncoding(merges: [[97, 300]]) == nil && BytePairEncoding(merges: [[97, 98], [97, 98]]) == nil)
  }

  @Test func `tokenizers are read back, and damaged ones refused`() throws {
    let tokenizer = Tokenizer(charactersOf: "\u{301}e\n\"\u{0}".unicodeScalars)
    #expect(try JSONDecoder().decode(Tokenizer.self, from: JSONEncoder().encode(tokenizer)) == tokenizer)
    for text in [
      #"{"kind":"characters","characters":"aa"}"#, #"{"kind":"words"}"#, #"{"kind":"bytePairs","merges":[[1]]}"#,
    ] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(Tokenizer.self, from: Data(text.utf8)) }
    }
  }

  @Test func `errors name the file and the byte`() throws {
    try withFile([0x61, 0xC3, 0xA9, 0x62, 0xFF, 0x63]) { path in
      let error = #expect(throws: DatasetError.self) { try TextFile(path: path) }
      #expect(error?.path == path)
      #expect(error?.message == "byte 4, 0xFF, is no part of UTF-8 text")
    }
    try withFile([]) { path in
      #expect(#expect(throws: DatasetError.self) { try TextFile(path: path) }?.kind == .empty)
    }
    try withFile(Array("short".utf8)) { path in
      let file = try TextFile(path: path)
      #expect(#expect(throws: DatasetError.self) { try file.load(TextOptions(context: 64)) }?.kind == .empty)
      #expect(throws: DatasetError.self) { try file.load(TextOptions(context: 0)) }
      #expect(throws: DatasetError.self) { try file.load(TextOptions(context: 1, validationFraction: 1)) }
      let other = Tokenizer(charactersOf: "sho".unicodeScalars)
      let error = #expect(throws: DatasetError.self) {
        try file.load(TextOptions(tokens: .known(other), context: 1, validationFraction: 0))
      }
      #expect(error?.message.hasPrefix("character 4, 'r'") == true)
    }
  }

  @Test func `sequences of classes may leave places out`() throws {
    let data = try Dataset(
      features: .integers([0, 1, 2, 3]), featureShape: [2], classes: [1, -1, 0, 1], targetShape: [2],
      classNames: ["no", "yes"])
    #expect(data.count == 2 && data.classes == nil && data.predictsClasses)
    #expect(try windows(data, [1, 0]).targets == [0, 1, 1, -1])
    #expect(throws: DatasetError.self) {
      try Dataset(features: .integers([0]), featureShape: [1], classes: [-1], classNames: ["no"])
    }
    #expect(throws: DatasetError.self) {
      try Dataset(features: .integers([-1]), featureShape: [1], classes: [0], classNames: ["no"])
    }
    let tokens = try TokenWindows(over: [0, 1, 2], length: 2)
    #expect(throws: DatasetError.self) {
      try Dataset(features: .windows(tokens), featureShape: [1], classes: [0, 0], classNames: ["no"])
    }
  }
}

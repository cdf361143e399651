/// Reads the parts of one line of a graph's text; spaces between parts are passed over.
struct TextScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    skipSpaces()
  }

  private mutating func skipSpaces() {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
  }

  var isAtEnd: Bool { position == bytes.count }
  var next: UInt8? { isAtEnd ? nil : bytes[position] }

  private var rest: String { String(decoding: bytes[position...], as: UTF8.self) }

  /// Steps over a mark if it comes next.
  mutating func take(_ mark: StaticString) -> Bool {
    let mark = Array("\(mark)".utf8)
    guard bytes[position...].starts(with: mark) else { return false }
    position += mark.count
    skipSpaces()
    return true
  }

  mutating func expect(_ mark: StaticString) throws {
    guard take(mark) else {
      throw OperationCodingError("expected '\(mark)' \(isAtEnd ? "at the end of the line" : "before '\(rest)'")")
    }
  }

  func expectEnd() throws {
    guard isAtEnd else { throw OperationCodingError("did not expect '\(rest)'") }
  }

  /// Letters and digits.
  mutating func word() -> String {
    let start = position
    while let byte = next, isWordCharacter(byte) { position += 1 }
    defer { skipSpaces() }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func isWordCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }

  /// A non-negative whole number.
  mutating func integer() throws -> Int {
    let digits = word()
    guard let number = Int(digits), number >= 0 else { throw OperationCodingError("'\(digits)' is not a number") }
    return number
  }

  /// A JSON object, from its `{` to the `}` that closes it.
  mutating func object() throws -> String {
    let start = position
    var depth = 0
    var isInString = false
    while let byte = next {
      position += byte == UInt8(ascii: "\\") && isInString && position + 1 < bytes.count ? 2 : 1
      switch byte {
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString: depth -= 1
      default: continue
      }
      if depth == 0 {
        defer { skipSpaces() }
        return String(decoding: bytes[start..<position], as: UTF8.self)
      }
    }
    throw OperationCodingError("the attributes do not end")
  }

  /// A string in quotes.
  mutating func string() throws -> String {
    guard next == UInt8(ascii: "\"") else { throw OperationCodingError("expected a name in quotes") }
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\"") {
      position += byte == UInt8(ascii: "\\") && position + 1 < bytes.count ? 2 : 1
    }
    let contents = bytes[start..<position]
    guard next != nil else { throw OperationCodingError("the name in quotes does not end") }
    position += 1
    skipSpaces()
    return Self.unescaped(contents)
  }

  /// All that is left, with escapes undone.
  mutating func unescapedRest() -> String {
    defer { position = bytes.count }
    return Self.unescaped(bytes[position...])
  }

  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    var result: [UInt8] = []
    var isEscaped = false
    for byte in bytes {
      if !isEscaped, byte == UInt8(ascii: "\\") {
        isEscaped = true
        continue
      }
      switch byte {
      case UInt8(ascii: "n") where isEscaped: result.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r") where isEscaped: result.append(UInt8(ascii: "\r"))
      default: result.append(byte)
      }
      isEscaped = false
    }
    return String(decoding: result, as: UTF8.self)
  }
}

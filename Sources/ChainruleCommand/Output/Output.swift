import Foundation

/// Standard output could not be written.
struct OutputError: Error, CustomStringConvertible {
  /// The system's error number.
  let code: Int32

  var description: String {
    "standard output cannot be written (\(String(cString: strerror(code)))); free some space or write elsewhere"
  }
}

/// What is written to standard output and standard error.
///
/// A failure is kept and reported at the end, by `finish`: a run of an hour is not lost because nobody reads its
/// progress any more.
enum Output {
  private static let failure = Failure()

  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func writeLine(_ text: String = "") { write(text + "\n") }

  static func writeDiagnostic(_ text: String) { write(text, to: STDERR_FILENO) }

  /// One JSON object as one line.
  static func writeLine(_ object: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    writeLine(String(decoding: try encoder.encode(object), as: UTF8.self))
  }

  /// - Throws: `OutputError` when something could not be written to standard output.
  static func finish() throws {
    if let code = failure.code { throw OutputError(code: code) }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    if descriptor == STDOUT_FILENO, failure.code != nil { return }
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          if descriptor == STDOUT_FILENO { failure.set(count < 0 ? errno : EIO) }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// The first error, from whichever thread.
  private final class Failure: @unchecked Sendable {
    private let lock = NSLock()
    private var first: Int32?

    var code: Int32? { lock.withLock { first } }

    func set(_ code: Int32) { lock.withLock { first = first ?? code } }
  }
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Operations as text: the name and the attributes as a JSON object on one line, in a fixed order, with infinities and
/// NaN as strings.
public enum OperationCoding {
  /// The attributes as JSON, `{}` when there are none.
  /// - Throws: what the operation's own `encode(to:)` throws.
  public static func attributes(of operation: some Operation) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return String(decoding: try encoder.encode(operation), as: UTF8.self)
  }

  /// The operation of a name and of attributes in JSON.
  /// - Throws: `OperationCodingError` when the catalog has no such name, or the attributes are not the operation's.
  public static func operation(
    named name: String, attributes: String, catalog: [any Operation.Type]
  ) throws -> any Operation {
    guard let type = catalog.first(where: { $0.name == name }) else {
      throw OperationCodingError("there is no operation '\(name)'")
    }
    do {
      return try decode(type, attributes)
    } catch {
      throw OperationCodingError("the attributes of \(name) cannot be read: \(attributes)")
    }
  }

  private static func decode<Decoded: Operation>(_ type: Decoded.Type, _ attributes: String) throws -> Decoded {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return try decoder.decode(type, from: Data(attributes.utf8))
  }

  /// A string as JSON has it, with its quotes.
  static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// An operation's text could not be read.
public struct OperationCodingError: Error, CustomStringConvertible, Equatable {
  /// What could not be read.
  public let message: String

  /// An error that says what could not be read.
  public init(_ message: String) { self.message = message }

  public var description: String { message }
}

import Foundation

/// Reads JSON Lines: one object a line, whose keys are the columns. Source: https://jsonlines.org.
enum JSONLinesReader {
  static func read(_ path: String, _ options: TableOptions) throws -> Table {
    let stream = try ByteStream(path: path)
    var rows = RowCollector(path: path, options: options)
    var rest: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var line = 0
    while true {
      let count = try chunk.withUnsafeMutableBytes { try stream.read(into: $0) }
      rest.append(contentsOf: chunk[..<count])
      var start = 0
      while start < rest.count,
        let end = rest[start...].firstIndex(of: 10) ?? (count == 0 ? rest.endIndex : nil)
      {
        line += 1
        try add(Data(rest[start..<end]), line, &rows, path)
        start = end + 1
      }
      rest.removeFirst(min(start, rest.count))
      if count == 0 { return try rows.table() }
      guard rest.count < 1 << 30 else {
        throw DatasetError(
          .wrongFormat, path: path, "line \(line + 1) is longer than a gigabyte", advice: "give one object a line")
      }
    }
  }

  private static func add(_ bytes: Data, _ line: Int, _ rows: inout RowCollector, _ path: String) throws {
    var text = bytes
    if line == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text = Data(text.dropFirst(3)) }
    guard text.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { return }
    let parsed: Any
    do {
      parsed = try JSONSerialization.jsonObject(with: text, options: [.fragmentsAllowed])
    } catch {
      throw fault(.wrongFormat, "this is no JSON: '\(excerpt(text))'", "give one JSON object a line")
    }
    guard let object = parsed as? [String: Any] else {
      throw fault(.wrongContent, "an object is expected, not '\(excerpt(text))'", "give one JSON object a line")
    }
    // A dictionary has no order of its own.
    let row = try object.keys.sorted().map { key in (name: key, value: try value(object[key], key)) }
    try rows.append(row, line: line)

    func value(_ value: Any?, _ key: String) throws -> RowCollector.Value {
      switch value {
      case let number as NSNumber:
        return isBoolean(number) ? .text(number.boolValue ? "true" : "false") : .number(number.doubleValue)
      case let text as String: return .text(text)
      case nil, is NSNull: return .missing
      default:
        throw fault(
          .wrongContent, "column '\(key)': the value is a list or an object",
          "give numbers, text, true, false or null; make columns of nested values")
      }
    }
    func fault(_ kind: DatasetError.Kind, _ message: String, _ advice: String) -> DatasetError {
      DatasetError(kind, path: path, "line \(line): \(message)", advice: advice)
    }
  }

  /// Foundation tells booleans from other numbers by the encoding of their type alone.
  private static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

  private static func excerpt(_ bytes: Data) -> String {
    String(decoding: bytes.prefix(60), as: UTF8.self) + (bytes.count > 60 ? "…" : "")
  }
}

import CTables

/// The fields of one column in some consecutive records.
struct FieldBlock {
  let bytes: UnsafePointer<UInt8>
  /// The column's field in the first record; that of the next is `stride` further.
  let fields: UnsafePointer<chainrule_field>
  let stride: Int
  let count: Int
  /// The number of the first record among all, from 0.
  let firstRow: Int
  let dialect: DelimitedDialect

  /// The bytes of a field, without blanks around it; with `scratch` for one whose quotes are doubled.
  func withText<Result>(
    _ row: Int, _ scratch: inout [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let field = fields[row * stride]
    let start = bytes + Int(field.offset)
    let count = Int(field.length & ~UInt32(CHAINRULE_DOUBLED_QUOTES))
    guard field.length & UInt32(CHAINRULE_DOUBLED_QUOTES) != 0 else {
      return try body(trimmed(UnsafeRawBufferPointer(start: start, count: count)))
    }
    scratch.removeAll(keepingCapacity: true)
    var position = 0
    while position < count {
      scratch.append(start[position])
      position += start[position] == UInt8(ascii: "\"") ? 2 : 1
    }
    return try scratch.withUnsafeBytes { try body(trimmed($0)) }
  }

  private func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    var (start, end) = (0, text.count)
    while start < end, isBlank(text[start]) { start += 1 }
    while end > start, isBlank(text[end - 1]) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[start..<end])
  }
}

/// How a delimited text is written.
struct DelimitedDialect: Sendable {
  var delimiter: UInt8
  var decimal: UInt8
  /// What stands for a missing value.
  var missing: Set<[UInt8]>

  /// Few values are as short as a mark, so most need not be looked up.
  private let longestMark: Int

  init(delimiter: UInt8, _ options: TableOptions) {
    self.delimiter = delimiter
    decimal = UInt8(ascii: options.decimalComma ?? false ? "," : ".")
    missing = Set(options.missingMarks.map { Array($0.utf8) })
    longestMark = missing.map(\.count).max() ?? 0
  }

  func isMissing(_ text: UnsafeRawBufferPointer) -> Bool {
    text.isEmpty || (text.count <= longestMark && missing.contains(Array(text)))
  }
}

import CTables

/// What the beginning of a delimited text tells: its delimiter, the columns' names and what types they seem to have.
struct DelimitedSample {
  let dialect: DelimitedDialect
  let names: [String]
  let types: [DelimitedReader.ColumnType]
  let expectedRowCount: Int

  private static let byteCount = 1 << 19
  private static let rowCount = 1000

  init(_ path: String, _ options: TableOptions) throws {
    let delimiter = try Self.delimiter(path, options)
    let dialect = DelimitedDialect(delimiter: delimiter, options)
    self.dialect = dialect
    guard delimiter != dialect.decimal else {
      throw DatasetError(
        .invalidArgument, path: path, "the comma separates fields, so it cannot stand before a fraction too",
        advice: "name another --delimiter, or read points: --no-decimal-comma")
    }
    let stream = try ByteStream(path: path)
    let chunks = try DelimitedChunks(stream, delimiter: delimiter, chunkByteCount: Self.byteCount)
    guard let records = try chunks.next() else {
      throw DatasetError(.empty, path: path, "the file has no lines", advice: "copy or download it again")
    }
    let header = try Self.record(records, 0, dialect, path)
    let hasHeader = options.header ?? true
    names = hasHeader ? columnNames(header) : header.indices.map { "column \($0 + 1)" }
    try checkNames(names, path)
    if hasHeader { try Self.checkHeader(header, dialect, path) }
    for name in options.column.keys.sorted() where !options.areKindsLearned && !names.contains(name) {
      throw DatasetError(
        .invalidArgument, path: path, "there is no column '\(name)'",
        advice: "the columns are \(names.prefix(40).map { "'\($0)'" }.joined(separator: ", "))")
    }
    let skipped = hasHeader ? 1 : 0
    let count = max(0, min(records.count, Self.rowCount) - skipped)
    types = names.enumerated().map { index, name in
      let block = FieldBlock(
        bytes: records.bytes, fields: records.fields + index + skipped * records.columnCount,
        stride: records.columnCount, count: count, firstRow: 0, dialect: dialect)
      return Self.type(block, options.column[name], options.dateOrder)
    }
    let rowByteCount = Double(chunks.usedByteCount) / Double(max(records.count, 1))
    // A compressed text is three to five times as long as its file.
    let byteCount = Double(stream.sourceByteCount ?? 0) * (stream.isCompressed ? 4 : 1)
    expectedRowCount = Int(min(byteCount / max(rowByteCount, 1) * 1.02, 1e9))
  }

  /// The sign that splits the first records into the same number of fields, as many as possible.
  private static func delimiter(_ path: String, _ options: TableOptions) throws -> UInt8 {
    if let given = options.delimiter {
      let bytes = Array((given == "\\t" || given == "tab" ? "\t" : given).utf8)
      guard bytes.count == 1, !"\"\r\n".utf8.contains(bytes[0]), bytes[0] < 128 else {
        throw DatasetError(
          .invalidArgument, "the delimiter '\(given)' cannot be used", advice: "use one sign such as ',', ';' or 'tab'")
      }
      return bytes[0]
    }
    var candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
    if options.decimalComma ?? false { candidates.removeFirst() }
    var best = (delimiter: candidates[0], agreement: 0, columnCount: 1)
    for delimiter in candidates {
      let chunks = try DelimitedChunks(ByteStream(path: path), delimiter: delimiter, chunkByteCount: 1 << 16)
      // A record that does not fit ends the agreement.
      guard let records = try? chunks.next(), records.columnCount > 1 else { continue }
      let agreement = min(records.count, 20)
      if (agreement, records.columnCount) > (best.agreement, best.columnCount) {
        best = (delimiter, agreement, records.columnCount)
      }
    }
    return best.delimiter
  }

  /// The fields of a record as text.
  private static func record(
    _ records: DelimitedChunks.Records, _ row: Int, _ dialect: DelimitedDialect, _ path: String
  ) throws -> [String] {
    var scratch: [UInt8] = []
    let block = FieldBlock(
      bytes: records.bytes, fields: records.fields + row * records.columnCount, stride: 1, count: records.columnCount,
      firstRow: 0, dialect: dialect)
    return try (0..<records.columnCount).map { column in
      try block.withText(column, &scratch) { text in
        let string = String(decoding: text, as: UTF8.self)
        guard string.utf8.elementsEqual(text) else {
          throw DatasetError(
            .wrongFormat, path: path, "line 1, column \(column + 1): '\(string)' is no text in UTF-8",
            advice: "save the file in UTF-8")
        }
        return string
      }
    }
  }

  /// A first line of numbers alone is no line of names.
  private static func checkHeader(_ header: [String], _ dialect: DelimitedDialect, _ path: String) throws {
    let numbers = header.filter { name in
      var number = 0.0
      let bytes = Array(name.utf8)
      return chainrule_read_number(bytes, bytes.count, dialect.decimal, &number)
    }
    guard numbers.count < header.count else {
      throw DatasetError(
        .wrongContent, path: path, "line 1 names no columns: it has numbers only, such as '\(header[0])'",
        advice: "put names into the first line, or say that there are none: --no-header")
    }
  }

  private static func type(
    _ block: FieldBlock, _ kind: ColumnKind?, _ order: DateOrder?
  ) -> DelimitedReader.ColumnType {
    switch kind {
    case .ignore: return .skipped
    case .numeric: return .number
    case .date: return dateFormat(block, order).map { .date($0.format) } ?? .text
    case .categorical, .boolean: return .text
    case .identifier, .constant, .empty, nil: break
    }
    let numbers = NumberBuilder(format: nil, capacity: block.count)
    numbers.append(block)
    guard case .numbers(let values) = numbers.finish() else { return .text }
    let strangers = numbers.strangers
    let numberCount = values.count { !$0.isNaN }
    // Columns without any value so far are numbers until a value says otherwise.
    if strangers.count * 10 <= numberCount { return .number }
    if let dates = dateFormat(block, order), dates.strangerCount * 10 < dates.count { return .date(dates.format) }
    return .text
  }

  /// The format in which the most values are dates; of equally good ones the first, so 01/02/2024 is read by day first
  /// unless other values speak against it.
  private static func dateFormat(
    _ block: FieldBlock, _ order: DateOrder?
  ) -> (format: Timestamp.Format, count: Int, strangerCount: Int)? {
    var best: (format: Timestamp.Format, count: Int, strangerCount: Int)?
    for format in Timestamp.Format.all(order) {
      let dates = NumberBuilder(format: format, capacity: block.count)
      dates.append(block)
      let strangerCount = dates.strangers.count
      guard case .dates(let values, _) = dates.finish() else { continue }
      let count = values.count { !$0.isNaN }
      if count > best?.count ?? 0 { best = (format, count, strangerCount) }
    }
    return best
  }
}

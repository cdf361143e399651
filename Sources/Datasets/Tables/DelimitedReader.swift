import CTables

/// Reads CSV and its kin: types of columns are guessed from the first records, and columns of which the guess was wrong
/// are read once more.
struct DelimitedReader {
  /// How a column is read.
  enum ColumnType: Hashable {
    case number
    case date(Timestamp.Format)
    case text
    case skipped
  }

  private let path: String
  private let options: TableOptions
  private let dialect: DelimitedDialect
  private let names: [String]
  /// An estimate from the first records.
  private let expectedRowCount: Int


  static func read(_ path: String, _ options: TableOptions) throws -> Table {
    let sample = try DelimitedSample(path, options)
    return try DelimitedReader(sample, path, options).read(sample.types)
  }

  private init(_ sample: DelimitedSample, _ path: String, _ options: TableOptions) {
    self.path = path
    self.options = options
    dialect = sample.dialect
    names = sample.names
    expectedRowCount = sample.expectedRowCount
  }

  private func read(_ types: [ColumnType]) throws -> Table {
    var (builders, places) = try pass(types)
    var again = types.map { _ in ColumnType.skipped }
    for (index, builder) in builders.enumerated() {
      guard let builder, let stranger = builder.strangers.first else { continue }
      try check(builder.strangers, stranger, types[index], names[index], places)
      again[index] = .text
      builders[index] = nil
    }
    if again.contains(.text) {
      let (second, _) = try pass(again)
      for (index, builder) in second.enumerated() where builder != nil { builders[index] = builder }
    }
    let columns = zip(names, builders).compactMap { name, builder in
      builder.map { Table.Column(name: name, values: $0.finish()) }
    }
    guard !columns.isEmpty else {
      throw DatasetError(
        .invalidArgument, path: path, "every column is to be ignored", advice: "keep at least one")
    }
    return try Table(path: path, columns: columns, places: places)
  }

  /// Reads the file once.
  private func pass(_ types: [ColumnType]) throws -> ([(any ColumnBuilder)?], RowPlaces) {
    let builders: [(any ColumnBuilder)?] = types.map { type in
      switch type {
      case .number: NumberBuilder(format: nil, capacity: expectedRowCount)
      case .date(let format): NumberBuilder(format: format, capacity: expectedRowCount)
      case .text: TextBuilder(capacity: expectedRowCount)
      case .skipped: nil
      }
    }
    var places = RowPlaces()
    let chunks = try DelimitedChunks(
      ByteStream(path: path), delimiter: dialect.delimiter, columnCount: names.count)
    let headerCount = options.hasHeader ? 1 : 0
    while let records = try chunks.next() {
      let skipped = records.firstRow == 0 ? headerCount : 0
      let firstRow = records.firstRow + skipped - headerCount
      for row in skipped..<max(records.count, skipped) {
        places.append(row: firstRow + row - skipped, line: Int(records.lines[row]) + 1)
      }
      for (column, builder) in builders.enumerated() where records.count > skipped {
        guard let builder else { continue }
        let block = FieldBlock(
          bytes: records.bytes, fields: records.fields + column + skipped * records.columnCount,
          stride: records.columnCount, count: records.count - skipped, firstRow: firstRow, dialect: dialect)
        do {
          try builder.append(block)
        } catch let error as TableValueError {
          throw unreadable(error, names[column], places)
        }
      }
    }
    guard chunks.recordCount > headerCount else {
      throw DatasetError(
        .empty, path: path, "there are no rows below the line that names the columns",
        advice: options.hasHeader ? "add some, or say that the first line is one of them: --no-header" : "add some")
    }
    return (builders, places)
  }

  /// - Throws: `DatasetError` unless the column may be read as text: when few values only are no numbers or dates, they
  ///   are mistakes rather than categories.
  private func check(
    _ strangers: Strangers, _ first: TableValueError, _ type: ColumnType, _ name: String, _ places: RowPlaces
  ) throws {
    let isAskedFor = options.kinds[name] != nil
    let isRare = strangers.count * 10 < strangers.fittingCount
    guard isAskedFor || isRare else { return }
    let noun = type == .number ? "number" : "date"
    let others =
      isAskedFor
      ? "" : ", though \(strangers.fittingCount - strangers.count) of \(strangers.fittingCount) rows have one or nothing"
    throw DatasetError(
      .invalidValue, path: path, "\(places.name(of: first.row)), column '\(name)': '\(first.text)' is no \(noun)\(others)",
      advice: "correct it; or say that it stands for a missing value, --missing '\(first.text)', or that these are "
        + "categories, --column '\(name)=categorical'")
  }

  private func unreadable(_ error: TableValueError, _ name: String, _ places: RowPlaces) -> DatasetError {
    DatasetError(
      .invalidValue, path: path,
      "\(places.name(of: error.row)), column '\(name)': '\(error.text)' is no text in UTF-8",
      advice: "save the file in UTF-8")
  }
}

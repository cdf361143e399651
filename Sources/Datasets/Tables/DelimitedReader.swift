import CTables
import Dispatch

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
    return try Table(path: path, columns: columns, places: places, dialect: dialect)
  }

  /// Reads the file once. While the columns of some records are read, each by whichever processor is free, the next
  /// records are found.
  private func pass(_ types: [ColumnType]) throws -> ([(any ColumnBuilder)?], RowPlaces) {
    let builders = types.map(builder)
    var places = RowPlaces()
    let chunks = try DelimitedChunks(
      ByteStream(path: path), delimiter: dialect.delimiter, columnCount: names.count)
    let headerCount = options.header ?? true ? 1 : 0
    var next = try chunks.next()
    while let records = next {
      let skipped = records.firstRow == 0 ? headerCount : 0
      let firstRow = records.firstRow + skipped - headerCount
      for row in skipped..<max(records.count, skipped) {
        places.append(row: firstRow + row - skipped, line: Int(records.lines[row]) + 1)
      }
      let (following, error) = Self.whileReading(builders, next: chunks.next) {
        (column, builder) throws(TableValueError) in
        guard records.count > skipped else { return }
        try builder.append(
          FieldBlock(
            bytes: records.bytes, fields: records.fields + column + skipped * records.columnCount,
            stride: records.columnCount, count: records.count - skipped, firstRow: firstRow, dialect: dialect))
      }
      if let error { throw unreadable(error.value, names[error.column], places) }
      next = try following.get()
    }
    guard chunks.recordCount > headerCount else {
      throw DatasetError(
        .empty, path: path, "there are no rows below the line that names the columns",
        advice: options.header ?? true ? "add some, or say that the first line is one of them: --no-header" : "add some")
    }
    return (builders, places)
  }

  private func builder(_ type: ColumnType) -> (any ColumnBuilder)? {
    switch type {
    case .number: NumberBuilder(format: nil, capacity: expectedRowCount)
    case .date(let format): NumberBuilder(format: format, capacity: expectedRowCount)
    case .text: TextBuilder(capacity: expectedRowCount)
    case .skipped: nil
    }
  }

  /// Calls `read` for every column and `next` once, on all processors.
  /// - Returns: what `next` gave, and the error of the first column that has one.
  private static func whileReading<Next>(
    _ builders: [(any ColumnBuilder)?], next: () throws -> Next,
    read: (Int, any ColumnBuilder) throws(TableValueError) -> Void
  ) -> (next: Result<Next, any Error>, error: (column: Int, value: TableValueError)?) {
    var following: Result<Next, any Error>?
    var errors = [TableValueError?](repeating: nil, count: builders.count)
    errors.withUnsafeMutableBufferPointer { errors in
      withoutActuallyEscaping(next) { next in
        withoutActuallyEscaping(read) { read in
          // Each iteration writes what is its own, and all are done before this returns.
          nonisolated(unsafe) let (errors, builders, next, read) = (errors, builders, next, read)
          nonisolated(unsafe) let result = withUnsafeMutablePointer(to: &following) { $0 }
          DispatchQueue.concurrentPerform(iterations: builders.count + 1) { iteration in
            guard iteration > 0 else { return result.pointee = Result { try next() } }
            guard let builder = builders[iteration - 1] else { return }
            do throws(TableValueError) {
              try read(iteration - 1, builder)
            } catch {
              errors[iteration - 1] = error
            }
          }
        }
      }
    }
    let first = errors.indices.first { errors[$0] != nil }
    return (following ?? Result { try next() }, first.flatMap { index in errors[index].map { (index, $0) } })
  }

  /// - Throws: `DatasetError` unless the column may be read as text: when few values only are no numbers or dates, they
  ///   are mistakes rather than categories.
  private func check(
    _ strangers: Strangers, _ first: TableValueError, _ type: ColumnType, _ name: String, _ places: RowPlaces
  ) throws {
    let isAskedFor = options.column[name] != nil
    let isRare = strangers.count * 10 < strangers.fittingCount
    guard isAskedFor || isRare else { return }
    let noun = type == .number ? "number" : "date"
    let fitting = strangers.fittingCount - strangers.count
    let others = isAskedFor ? "" : ", though \(fitting) of \(strangers.fittingCount) rows have one or nothing"
    throw DatasetError(
      .invalidValue, path: path,
      "\(places.name(of: first.row)), column '\(name)': '\(first.text)' is no \(noun)\(others)",
      advice: NumberNotation.advice(on: first.text, decimal: dialect.decimal, delimiter: dialect.delimiter)
        + (options.areKindsLearned ? "" : ", or say that these are categories: --column '\(name)=categorical'"))
  }

  private func unreadable(_ error: TableValueError, _ name: String, _ places: RowPlaces) -> DatasetError {
    DatasetError(
      .invalidValue, path: path,
      "\(places.name(of: error.row)), column '\(name)': '\(error.text)' is no text in UTF-8",
      advice: "save the file in UTF-8")
  }
}

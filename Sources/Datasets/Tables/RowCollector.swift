/// Collects a table row by row, from sources whose values have types of their own.
struct RowCollector {
  /// A value of a row.
  enum Value {
    case missing
    case number(Double)
    case text(String)
  }

  /// A column while it grows: numbers until a text comes.
  private struct Column {
    let name: String
    var numbers: [Double] = []
    var codes: [Int32] = []
    var dictionary: [String] = []
    var numberOfText: [String: Int32] = [:]
    var isText = false
    /// Whether texts are to be read as numbers.
    var isNumeric = false

    mutating func append(_ value: Value, missing: Set<String>) {
      switch value {
      case .missing: isText ? codes.append(Table.TextValues.missing) : numbers.append(.nan)
      case .number(let number): isText ? append(numberText(number)) : numbers.append(number)
      case .text(let text) where missing.contains(text): append(.missing, missing: missing)
      case .text(let text):
        if isNumeric, !isText, let number = Double(text), number.isFinite { return numbers.append(number) }
        if !isText { becomeText() }
        append(text)
      }
    }

    private mutating func append(_ text: String) {
      if let code = numberOfText[text] { return codes.append(code) }
      guard dictionary.count < TextInterner.capacity else { return codes.append(Table.TextValues.notKept) }
      let code = Int32(dictionary.count)
      numberOfText[text] = code
      dictionary.append(text)
      codes.append(code)
    }

    mutating func becomeText() {
      let numbers = numbers
      self.numbers = []
      isText = true
      codes.reserveCapacity(numbers.count)
      for number in numbers {
        if number.isNaN { codes.append(Table.TextValues.missing) } else { append(numberText(number)) }
      }
    }

    func values(_ order: DateOrder?) -> Table.Values {
      guard isText else { return .numbers(numbers) }
      return datesOrText(Table.TextValues(unchecked: codes, dictionary), order)
    }
  }

  private var columns: [Column] = []
  private var indexOfName: [String: Int] = [:]
  private(set) var rowCount = 0
  private var places = RowPlaces()
  private let path: String
  private let options: TableOptions
  private let missing: Set<String>

  init(path: String, options: TableOptions) {
    self.path = path
    self.options = options
    missing = Set(options.missingMarks + [""])
  }

  /// Adds a row. Columns that it does not have are missing; columns that it is the first to have are missing before.
  /// - Throws: `DatasetError` for a number that is not finite.
  mutating func append(_ row: [(name: String, value: Value)], line: Int?) throws {
    if let line { places.append(row: rowCount, line: line) }
    rowCount += 1
    for (name, value) in row where options.column[name] != .ignore {
      if case .number(let number) = value, !number.isFinite {
        throw DatasetError(
          .invalidValue, path: path, "\(places.name(of: rowCount - 1)), column '\(name)': \(number) is not finite",
          advice: "correct it or remove the row")
      }
      let index = index(of: name)
      guard columnCount(index) < rowCount else {
        throw DatasetError(
          .wrongContent, path: path, "\(places.name(of: rowCount - 1)) has two values called '\(name)'",
          advice: "keep one of them")
      }
      columns[index].append(value, missing: missing)
    }
    for index in columns.indices where columnCount(index) < rowCount {
      columns[index].append(.missing, missing: missing)
    }
  }

  private func columnCount(_ index: Int) -> Int {
    columns[index].isText ? columns[index].codes.count : columns[index].numbers.count
  }

  private mutating func index(of name: String) -> Int {
    if let index = indexOfName[name] { return index }
    var column = Column(name: name)
    column.numbers = [Double](repeating: .nan, count: rowCount - 1)
    switch options.column[name] {
    case .categorical, .boolean: column.becomeText()
    case .numeric: column.isNumeric = true
    default: break
    }
    indexOfName[name] = columns.count
    columns.append(column)
    return columns.count - 1
  }

  /// - Throws: `DatasetError` when there is no row, or a column is not of the kind that was asked for.
  func table() throws -> Table {
    guard rowCount > 0 else {
      throw DatasetError(.empty, path: path, "there are no rows", advice: "give data with at least one row")
    }
    for name in options.column.keys.sorted()
    where !options.areKindsLearned && indexOfName[name] == nil && options.column[name] != .ignore {
      throw DatasetError(
        .invalidArgument, path: path, "there is no column '\(name)'",
        advice: "the columns are \(columns.prefix(40).map { "'\($0.name)'" }.joined(separator: ", "))")
    }
    for column in columns where options.column[column.name] == .numeric && column.isText {
      throw DatasetError(
        .invalidValue, path: path,
        "column '\(column.name)': '\(column.dictionary.first { Double($0) == nil } ?? "")' is no number",
        advice: "correct it, or do not ask for --column '\(column.name)=numeric'")
    }
    let finished = columns.map { Table.Column(name: $0.name, values: $0.values(options.dateOrder)) }
    return try Table(path: path, columns: finished, places: places)
  }
}

/// Dates where all texts are dates of one format.
private func datesOrText(_ text: Table.TextValues, _ order: DateOrder?) -> Table.Values {
  guard text.isComplete, !text.dictionary.isEmpty else { return .text(text) }
  for format in Timestamp.Format.all(order) {
    let dates = text.dictionary.map { string -> Double? in
      var string = string
      return string.withUTF8 { Timestamp(UnsafeRawBufferPointer($0), format)?.seconds }
    }
    let known = dates.compactMap { $0 }
    if known.count == dates.count {
      return .dates(text.codes.map { $0 < 0 ? .nan : known[Int($0)] }, format.order)
    }
  }
  return .text(text)
}

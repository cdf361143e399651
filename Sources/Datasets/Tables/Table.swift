/// Columns of equal length, each of one type: what CSV files, databases and the like are read into.
///
/// A missing value is NaN in numbers and dates, and code -1 in text.
public struct Table: Sendable {
  /// One column and its name.
  public struct Column: Sendable {
    /// What the column is called in the file.
    public let name: String
    /// A value for each row.
    public let values: Values

    /// A column of the given name.
    public init(name: String, values: Values) {
      self.name = name
      self.values = values
    }
  }

  /// The values of a column.
  public enum Values: Sendable {
    /// Numbers, NaN where there is none.
    case numbers([Double])
    /// Seconds since the beginning of 1970 in UTC, NaN where there is no date; and how dates are written.
    case dates([Double], DateOrder)
    /// Text, each different one stored once.
    case text(TextValues)

    /// The number of rows.
    public var count: Int {
      switch self {
      case .numbers(let values), .dates(let values, _): values.count
      case .text(let text): text.codes.count
      }
    }

    /// Whether a row has no value.
    public func isMissing(_ row: Int) -> Bool {
      switch self {
      case .numbers(let values), .dates(let values, _): values[row].isNaN
      case .text(let text): text.codes[row] == TextValues.missing
      }
    }
  }

  /// Text with each different one stored once.
  public struct TextValues: Sendable {
    /// The code of a row without a value.
    public static let missing: Int32 = -1
    /// The code of a row whose text is not kept, since there were too many different ones before.
    public static let notKept: Int32 = -2

    /// For each row the place of its text in `dictionary`, `missing` or `notKept`.
    public let codes: [Int32]
    /// The different texts, in the order in which they first occur.
    public let dictionary: [String]

    /// Whether every row's text is in the dictionary.
    public let isComplete: Bool

    /// Text by its codes.
    /// - Throws: `DatasetError` when one is neither a place in the dictionary nor `missing` or `notKept`.
    public init(codes: [Int32], dictionary: [String]) throws {
      let known = Self.notKept..<Int32(clamping: dictionary.count)
      if let row = codes.firstIndex(where: { !known.contains($0) }) {
        throw DatasetError(
          .invalidArgument, "row \(row): there is no text of code \(codes[row]) among \(dictionary.count)",
          advice: "use places in the dictionary, counted from 0, or \(Self.missing) where there is none")
      }
      self.init(unchecked: codes, dictionary)
    }

    init(unchecked codes: [Int32], _ dictionary: [String]) {
      self.codes = codes
      self.dictionary = dictionary
      isComplete = !codes.contains(Self.notKept)
    }

    /// How many of some rows have each text of the dictionary.
    func counts(_ rows: some Sequence<Int>) -> [Int] {
      var counts = [Int](repeating: 0, count: dictionary.count)
      for row in rows where codes[row] >= 0 { counts[Int(codes[row])] += 1 }
      return counts
    }

    /// The text of a row; nil where it is missing or not kept.
    public subscript(row: Int) -> String? {
      let code = Int(codes[row])
      return dictionary.indices.contains(code) ? dictionary[code] : nil
    }
  }

  /// The file that the table is from.
  public let path: String
  /// In the order of the file.
  public let columns: [Column]
  /// The number of rows, at least 1.
  public let rowCount: Int
  /// What the rows are called in messages.
  let places: RowPlaces
  /// How the text was written that the table was read from; nil for other files.
  let dialect: DelimitedDialect?
  /// How it was written; nil for a table that is from no file.
  var notation: TableNotation?
  private let placeOfColumn: [String: Int]

  /// A table of columns that are there already.
  /// - Throws: `DatasetError` when columns are of different lengths or of the same name, or when there are none.
  public init(path: String = "", columns: [Column]) throws {
    try self.init(path: path, columns: columns, places: RowPlaces())
  }

  init(path: String, columns: [Column], places: RowPlaces, dialect: DelimitedDialect? = nil) throws {
    guard let rowCount = columns.map(\.values.count).max(), rowCount > 0 else {
      throw DatasetError(.empty, path: path, "there are no rows", advice: "give a table with at least one")
    }
    if let short = columns.first(where: { $0.values.count != rowCount }) {
      throw DatasetError(
        .mismatch, path: path, "column '\(short.name)' has \(short.values.count) values, another one \(rowCount)",
        advice: "give columns of the same length")
    }
    placeOfColumn = try checkNames(columns.map(\.name), path)
    (self.path, self.columns, self.rowCount, self.places) = (path, columns, rowCount, places)
    self.dialect = dialect
  }

  /// The column of a name; nil when there is none.
  public subscript(name: String) -> Column? { placeOfColumn[name].map { columns[$0] } }

  /// The column of a name.
  /// - Throws: `DatasetError` that lists the columns, the most similar one first.
  public func column(_ name: String) throws -> Column {
    if let column = self[name] { return column }
    let names = columns.map(\.name)
    let similar = names.first { $0.lowercased() == name.lowercased() } ?? names.first { $0.hasPrefix(name.prefix(2)) }
    let list = names.prefix(40).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 40 ? ", …" : "")
    throw DatasetError(
      .invalidArgument, path: path, "there is no column '\(name)'",
      advice: (similar.map { "did you mean '\($0)'? " } ?? "") + "the columns are \(list)")
  }

  /// Where a row is in its file: `line 17`.
  public func place(ofRow row: Int) -> String { places.name(of: row) }

  /// The value of a row as people read it; nil where it is missing, or the column has no such row.
  public func text(_ column: Column, row: Int) -> String? {
    guard row >= 0, row < column.values.count else { return nil }
    switch column.values {
    case .numbers(let values): return values[row].isNaN ? nil : numberText(values[row])
    case .dates(let values, _): return values[row].isNaN ? nil : Timestamp(seconds: values[row]).text
    case .text(let text): return text[row]
    }
  }

  /// Some of the rows, in the order given.
  /// - Throws: `DatasetError` when a row does not exist or none is asked for.
  public func subset(_ rows: [Int]) throws -> Table {
    try checkRows(rows, count: rowCount, path)
    let columns = columns.map { column in
      let values: Values =
        switch column.values {
        case .numbers(let values): .numbers(rows.map { values[$0] })
        case .dates(let values, let order): .dates(rows.map { values[$0] }, order)
        case .text(let text): .text(TextValues(unchecked: rows.map { text.codes[$0] }, text.dictionary))
        }
      return Column(name: column.name, values: values)
    }
    var subset = try Table(path: path, columns: columns, places: places.subset(rows), dialect: dialect)
    subset.notation = notation
    return subset
  }
}

/// What rows are called in messages: their lines, or their numbers where a file has no lines.
struct RowPlaces: Sendable {
  /// Where the distance from one row to the next is not one line: the row, and the line on which it begins, from 1.
  private var jumps: [(row: Int, line: Int)] = []
  /// For rows that were chosen from a table: their numbers there.
  private var chosen: [Int]?

  mutating func append(row: Int, line: Int) {
    if let last = jumps.last, last.line + (row - last.row) == line { return }
    jumps.append((row, line))
  }

  func subset(_ rows: [Int]) -> RowPlaces {
    var places = self
    places.chosen = chosen.map { chosen in rows.map { chosen[$0] } } ?? rows
    return places
  }

  func name(of row: Int) -> String {
    let row = chosen.map { $0.indices.contains(row) ? $0[row] : row } ?? row
    guard let first = jumps.first, row >= first.row else { return "row \(row + 1)" }
    // The last jump that is not behind the row.
    var (low, high) = (0, jumps.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if jumps[middle].row <= row { low = middle } else { high = middle }
    }
    return "line \(jumps[low].line + row - jumps[low].row)"
  }
}

/// - Throws: `DatasetError` when a row does not exist.
func checkRows(_ rows: [Int], count: Int, _ path: String) throws {
  if let row = rows.first(where: { $0 < 0 || $0 >= count }) {
    throw DatasetError(
      .invalidArgument, path: path, "there is no row \(row) among \(count)",
      advice: "count rows from 0 to \(count - 1)")
  }
}

/// A column that has no name is called by its number.
func columnNames(_ names: [String]) -> [String] {
  names.enumerated().map { $0.element.isEmpty ? "column \($0.offset + 1)" : $0.element }
}

/// - Returns: the place of each name.
/// - Throws: `DatasetError` when two columns have the same name.
@discardableResult
func checkNames(_ names: [String], _ path: String) throws -> [String: Int] {
  var numbers: [String: Int] = [:]
  for (index, name) in names.enumerated() {
    if let first = numbers.updateValue(index, forKey: name) {
      throw DatasetError(
        .wrongContent, path: path, "columns \(first + 1) and \(index + 1) are both called '\(name)'",
        advice: "rename one of them in the first line")
    }
  }
  return numbers
}

/// A number without a fraction as a whole one: `3`, not `3.0`.
func numberText(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}

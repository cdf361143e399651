/// What a column of a table is to a network.
public enum ColumnKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// Numbers whose size means something.
  case numeric
  /// Few different values, as text or as numbers.
  case categorical
  /// Two different values.
  case boolean
  /// Points in time.
  case date
  /// A value of its own for nearly every row, such as a name or a row number: nothing can be learned from it.
  case identifier
  /// The same value in every row.
  case constant
  /// No value in any row.
  case empty
  /// Left out because someone said so.
  case ignore

  /// Whether a network learns from such a column.
  public var isLearned: Bool {
    switch self {
    case .numeric, .categorical, .boolean, .date: true
    case .identifier, .constant, .empty, .ignore: false
    }
  }

  /// The kinds that a user can ask for.
  public static let choices: [ColumnKind] = [.numeric, .categorical, .boolean, .date, .ignore]
}

/// How a file is read into a table. Every setting may be left out.
public struct TableOptions: Hashable, Sendable, Codable {
  /// The sign between fields, such as `;`; found out when nil.
  public var delimiter: String?
  /// Whether `1,5` is one and a half; not so when nil, or as in the table that a model learned from.
  public var decimalComma: Bool?
  /// Whether the first line names the columns, else they are called `column 1` and so on; so when nil, or as in the
  /// table that a model learned from.
  public var header: Bool?
  /// What stands for a missing value in this file besides what always does: nothing at all and
  /// `TableOptions.usualMissingMarks`.
  public var missing: [String]
  /// The order of the parts of dates; found out when nil. Dates that begin with the year are always read.
  public var dateOrder: DateOrder?
  /// What columns are, by their names, where it is not to be found out.
  public var column: [String: ColumnKind]
  /// The table of a database that is read, where there are several.
  public var table: String?
  /// The query whose rows are read from a database, in place of a table.
  public var query: String?
  /// Whether `column` is what a model has learned: such columns need not exist, and cannot be of another kind.
  var areKindsLearned = false

  private enum CodingKeys: String, CodingKey {
    case delimiter, decimalComma, header, missing, dateOrder, column, table, query
  }

  /// What always stands for a missing value, whatever `missing` adds: `NA`, `N/A`, `n/a`, `NaN`, `nan`, `NULL`, `null`,
  /// `None`, `none`, `?`, `-` and `#N/A`.
  public static let usualMissingMarks = [
    "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "none", "?", "-", "#N/A",
  ]

  /// Everything that stands for a missing value, besides nothing at all.
  var missingMarks: [String] { missing + Self.usualMissingMarks }

  /// Options with usual values for all that is not given.
  public init(
    delimiter: String? = nil, decimalComma: Bool? = nil, header: Bool? = nil, missing: [String] = [],
    dateOrder: DateOrder? = nil, column: [String: ColumnKind] = [:], table: String? = nil, query: String? = nil
  ) {
    self.delimiter = delimiter
    self.decimalComma = decimalComma
    self.header = header
    self.missing = missing
    self.dateOrder = dateOrder
    self.column = column
    self.table = table
    self.query = query
  }

  /// - Throws: `DecodingError` for a value of the wrong type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      delimiter: try values.decodeIfPresent(String.self, forKey: .delimiter),
      decimalComma: try values.decodeIfPresent(Bool.self, forKey: .decimalComma),
      header: try values.decodeIfPresent(Bool.self, forKey: .header),
      missing: try values.decodeIfPresent([String].self, forKey: .missing) ?? [],
      dateOrder: try values.decodeIfPresent(DateOrder.self, forKey: .dateOrder),
      column: try values.decodeIfPresent([String: ColumnKind].self, forKey: .column) ?? [:],
      table: try values.decodeIfPresent(String.self, forKey: .table),
      query: try values.decodeIfPresent(String.self, forKey: .query))
  }
}

/// How the text of a table is written, which a model keeps: it reads other files in the same way.
public struct TableNotation: Hashable, Sendable, Codable {
  /// Whether `1,5` is one and a half.
  public let decimalComma: Bool
  /// Whether the first line names the columns.
  public let header: Bool
  /// What stands for a missing value besides what always does.
  public let missing: [String]

  init(_ options: TableOptions) {
    decimalComma = options.decimalComma ?? false
    header = options.header ?? true
    missing = options.missing
  }
}

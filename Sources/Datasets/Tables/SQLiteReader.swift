import Foundation
import GRDB

/// Reads a table, or the rows of a query, from an SQLite database. The file is opened for reading only.
enum SQLiteReader {
  /// What a database file begins with. Source: https://www.sqlite.org/fileformat.html.
  static let mark = Array("SQLite format 3\0".utf8)

  static func read(_ path: String, _ options: TableOptions) throws -> Table {
    do {
      var configuration = Configuration()
      configuration.readonly = true
      let database = try DatabaseQueue(path: path, configuration: configuration)
      return try database.read { try read($0, path, options) }
    } catch let error as DatabaseError {
      let reason = error.message ?? "\(error.resultCode)"
      throw DatasetError(
        .unreadable, path: path, "the database cannot be read (\(reason))",
        advice: options.query == nil ? "check the file and its permissions" : "check the query")
    }
  }

  private static func read(_ database: Database, _ path: String, _ options: TableOptions) throws -> Table {
    let query = try options.query ?? "SELECT * FROM \(quotedName(table(database, path, options.table)))"
    let statement = try database.makeStatement(sql: query)
    guard statement.isReadonly else {
      throw DatasetError(
        .invalidArgument, path: path, "the query would change the database", advice: "give one that begins with SELECT")
    }
    let names = columnNames(statement.columnNames)
    try checkNames(names, path)
    var collector = RowCollector(path: path, options: options)
    let rows = try Row.fetchCursor(statement)
    while let row = try rows.next() {
      let values = try names.enumerated().map { index, name in
        (name: name, value: try value(row, index, name, collector.rowCount, path))
      }
      try collector.append(values, line: nil)
    }
    return try collector.table()
  }

  private static func value(
    _ row: Row, _ index: Int, _ name: String, _ number: Int, _ path: String
  ) throws -> RowCollector.Value {
    let value: DatabaseValue = row[index]
    switch value.storage {
    case .null: return .missing
    case .int64(let integer): return .number(Double(integer))
    case .double(let number): return .number(number)
    case .string(let text): return .text(text)
    case .blob:
      throw DatasetError(
        .wrongContent, path: path, "row \(number + 1), column '\(name)': the value is a blob",
        advice: "select other columns with --query, or leave it out: --column '\(name)=ignore'")
    }
  }

  /// The table that is asked for, or the only one.
  private static func table(_ database: Database, _ path: String, _ name: String?) throws -> String {
    let tables = try String.fetchAll(
      database,
      sql: "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
    let list = tables.map { "'\($0)'" }.joined(separator: ", ")
    if let name {
      guard tables.contains(name) else {
        throw DatasetError(
          .invalidArgument, path: path, "there is no table '\(name)'",
          advice: tables.isEmpty ? "the database has none" : "the tables are \(list)")
      }
      return name
    }
    guard let only = tables.first else {
      throw DatasetError(.empty, path: path, "the database has no tables", advice: "give one that has")
    }
    guard tables.count == 1 else {
      throw DatasetError(
        .invalidArgument, path: path, "the database has the tables \(list)", advice: "choose one with --table")
    }
    return only
  }

  private static func quotedName(_ name: String) -> String {
    "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

import ArgumentParser
import Chainrule

/// How a table is read.
struct TableReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What a column is: \(ColumnKind.choices.map(\.rawValue).joined(separator: ", ")); may be repeated.",
      valueName: "name=kind"),
    transform: Self.column)
  var column: [(name: String, kind: ColumnKind)] = []

  @Option(
    help: ArgumentHelp(
      "What stands for a missing value besides nothing and \(TableOptions.usualMissingMarks.joined(separator: " ")); "
        + "may be repeated.", valueName: "mark"))
  var missing: [String] = []

  @Option(help: ArgumentHelp("The sign between fields: ',', ';', 'tab'. (default: found out)", valueName: "sign"))
  var delimiter: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether 1,5 is one and a half. (default: no; for a model, as in the table that it learned from)")
  var decimalComma: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether the first line names the columns. (default: yes; for a model, as in the table that it learned from)")
  var header: Bool?

  @Option(
    help: ArgumentHelp(
      "The order of dates: \(DateOrder.allCases.map(\.rawValue).joined(separator: ", ")). (default: found out)",
      valueName: "order"),
    transform: { DateOrder(rawValue: try Parse.choice($0, of: DateOrder.allCases.map(\.rawValue))) ?? .yearMonthDay })
  var dateOrder: DateOrder?

  @Option(help: ArgumentHelp("The table of an SQLite database.", valueName: "name"))
  var table: String?

  @Option(help: ArgumentHelp("A query of an SQLite database, in place of a table.", valueName: "SQL"))
  var query: String?

  func validate() throws {
    guard table == nil || query == nil else { throw UsageError("Give either --table or --query, not both.") }
  }

  var given: GivenOptions {
    [
      "--column": !column.isEmpty, "--missing": !missing.isEmpty, "--delimiter": delimiter != nil,
      "--decimal-comma": decimalComma == true, "--no-decimal-comma": decimalComma == false, "--header": header == true,
      "--no-header": header == false, "--date-order": dateOrder != nil,
      "--table": table != nil, "--query": query != nil,
    ]
  }

  /// What to type for a model that learned from a table to read it again: the rest is kept by the model.
  var wordsForModel: [String] {
    [("delimiter", delimiter), ("table", table), ("query", query)].compactMap { name, value in
      value.map { "--\(name)=\($0)" }
    }
  }

  /// What columns are, by their names.
  var kinds: [String: ColumnKind] { Dictionary(column.map { ($0.name, $0.kind) }) { $1 } }

  var options: TableOptions {
    TableOptions(
      delimiter: delimiter, decimalComma: decimalComma, header: header, missing: missing, dateOrder: dateOrder,
      column: kinds, table: table, query: query)
  }

  private static func column(_ text: String) throws -> (name: String, kind: ColumnKind) {
    guard let sign = text.lastIndex(of: "="), sign > text.startIndex else {
      throw UsageError("it must be a column and what it is, such as 'Age=numeric'")
    }
    let kind = try Parse.choice(String(text[text.index(after: sign)...]), of: ColumnKind.choices.map(\.rawValue))
    return (String(text[..<sign]), ColumnKind(rawValue: kind) ?? .ignore)
  }
}

/// What is predicted of a table's rows.
struct TargetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column of a table that is to be predicted; several for labels or for several numbers.", valueName: "column"))
  var target: [String] = []

  @Option(
    help: ArgumentHelp(
      "What kind of target it is: \(TargetEncoding.Task.allCases.map(\.rawValue).joined(separator: ", ")). "
        + "(default: found out)", valueName: "kind"),
    transform: {
      TargetEncoding.Task(rawValue: try Parse.choice($0, of: TargetEncoding.Task.allCases.map(\.rawValue))) ?? .binary
    })
  var task: TargetEncoding.Task?

  @Option(
    help: ArgumentHelp(
      "What separates labels in the target column, such as ';'. (default: found out)", valueName: "sign"))
  var labelDelimiter: String?

  var given: GivenOptions {
    ["--target": !target.isEmpty, "--task": task != nil, "--label-delimiter": labelDelimiter != nil]
  }

  func validate() throws {
    guard labelDelimiter?.isEmpty != true else { throw UsageError("--label-delimiter must be a sign such as ';'.") }
  }
}

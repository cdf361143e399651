import Tensors

/// What is predicted of a row of a table.
public struct TargetEncoding: Hashable, Sendable, Codable {
  /// The kinds of targets.
  public enum Task: String, Hashable, Sendable, Codable, CaseIterable {
    /// One of two classes.
    case binary
    /// One of several classes.
    case multiClass
    /// Any number of labels.
    case multiLabel
    /// Numbers.
    case regression
  }

  /// The target's columns: several for labels that have one each, or for several numbers.
  public let columns: [String]
  /// What kind of target it is.
  public let task: Task
  /// The names of the classes or labels, in order; of numbers, those of the columns.
  public let names: [String]
  /// What separates labels within one column; nil where there is none.
  public let labelDelimiter: String?
  /// What is subtracted from each number before it is learned, and by what the difference is divided.
  public let centers: [Double]
  public let scales: [Double]

  /// The number of outputs that a network needs.
  public var outputCount: Int { names.count }

  /// The greatest number of different whole numbers that are taken for classes.
  private static let greatestClassCount = 20

  /// Finds out what is predicted.
  /// - Parameters:
  ///   - columns: one, or several of labels or of numbers.
  ///   - rows: of the training split: numbers are standardised by them alone.
  ///   - task: nil to find it out.
  ///   - labelDelimiter: what separates labels; found out when nil and there are signs of one.
  /// - Throws: `DatasetError` when a column or a row does not exist, a column has no values, or does not suit the task.
  public init(
    _ columns: [String], in table: Table, rows: [Int], task: Task? = nil, labelDelimiter: String? = nil
  ) throws {
    guard let first = columns.first else {
      throw DatasetError(
        .invalidArgument, path: table.path, "no target is named",
        advice: "name the column that is to be predicted, such as --target '\(table.columns.last?.name ?? "")'")
    }
    try checkNames(columns, table.path)
    try checkRows(rows, count: table.rowCount, table.path)
    let found = try columns.map { try table.column($0) }
    let known = Self.known(rows, found)
    guard !known.isEmpty else {
      throw DatasetError(
        .empty, path: table.path, "no row has a value in the target column '\(first)'", advice: "name another --target")
    }
    self.columns = columns
    let content = try TargetContent(found, table: table, rows: known, delimiter: labelDelimiter)
    let task = try task ?? content.task(greatestClassCount: Self.greatestClassCount)
    self.labelDelimiter = task == .multiLabel ? content.delimiter : nil
    (names, centers, scales) = try content.outputs(task)
    self.task = task == .multiClass && names.count == 2 ? .binary : task
  }

  /// Of some rows those that have a value in each of the target's columns.
  func known(_ rows: some Sequence<Int>, in table: Table) -> [Int] {
    isIn(table) ? Self.known(rows, columns.compactMap { table[$0] }) : []
  }

  private static func known(_ rows: some Sequence<Int>, _ columns: [Table.Column]) -> [Int] {
    rows.filter { row in columns.allSatisfy { !$0.values.isMissing(row) } }
  }

  /// Whether a table has all of the target's columns.
  public func isIn(_ table: Table) -> Bool { columns.allSatisfy { table[$0] != nil } }

  /// The class of each row, an index into `names`.
  /// - Throws: `DatasetError` for a class that is not known or a row that does not exist.
  public func classes(_ table: Table, rows: [Int]) throws -> [Int32] {
    try checkRows(rows, count: table.rowCount, table.path)
    let column = try table.column(columns.first ?? "")
    let places = ValuePlaces(of: column.values, in: names)
    return try [Int32](inLargePages: rows.count) { classes, count in
      for row in rows {
        let place = places[row]
        guard place >= 0 else { throw unknownClass(in: column, of: table, row: row) }
        classes.initializeElement(at: count, to: place)
        count += 1
      }
    }
  }

  private func unknownClass(in column: Table.Column, of table: Table, row: Int) -> DatasetError {
    let text = table.text(column, row: row) ?? ""
    return DatasetError(
      .invalidValue, path: table.path,
      "\(table.place(ofRow: row)), column '\(column.name)': the class '\(text)' is not known; there are "
        + names.prefix(12).map { "'\($0)'" }.joined(separator: ", "),
      advice: "correct it, or train a model that knows the class")
  }

  func dataset(_ table: Table, rows: [Int], features: Dataset.Features, featureShape: Shape) throws -> Dataset {
    var data: Dataset
    var numbers: [Double]?
    switch task {
    case .binary, .multiClass:
      data = try Dataset(
        features: features, featureShape: featureShape, classes: classes(table, rows: rows), classNames: names)
    case .multiLabel:
      data = try Dataset(
        features: features, featureShape: featureShape, values: labels(table, rows: rows), targetShape: [outputCount])
    case .regression:
      let found = try self.numbers(table, rows: rows)
      numbers = found
      data = try Dataset(
        features: features, featureShape: featureShape, values: standardised(found), targetShape: [outputCount])
    }
    data.tableRows = TableRows(places: table.places.subset(rows), numbers: numbers)
    return data
  }

  /// `[rows.count, outputCount]`: numbers as the table has them.
  private func numbers(_ table: Table, rows: [Int]) throws -> [Double] {
    let numbers = try columns.map { try TargetContent.numbers(table.column($0), table, rows) }
    if numbers.count == 1 { return numbers[0] }
    return rows.indices.flatMap { index in numbers.map { $0[index] } }
  }

  private func standardised(_ numbers: [Double]) -> [Float] {
    numbers.enumerated().map { index, number in
      let column = index % scales.count
      return Float((number - centers[column]) / scales[column])
    }
  }

  /// `[rows.count, outputCount]`: 1 for each label that a row has.
  func labels(_ table: Table, rows: [Int]) throws -> [Float] {
    let found = try columns.map { try table.column($0) }
    let places = Dictionary(names.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
    return try rows.flatMap { row -> [Float] in
      var values = [Float](repeating: 0, count: names.count)
      for label in try TargetContent.labels(found, table, row, labelDelimiter) {
        guard let place = places[label] else {
          throw DatasetError(
            .invalidValue, path: table.path,
            "\(table.place(ofRow: row)), column '\(columns.joined(separator: ", "))': the label '\(label)' is not "
              + "known",
            advice: "correct it, or train a model that knows the label")
        }
        values[place] = 1
      }
      return values
    }
  }

  /// The labels that outputs from 0 to 1 speak for, with commas between them.
  public func labels(_ outputs: [Float]) -> String {
    zip(names, outputs).filter { $1 > 0.5 }.map(\.0).joined(separator: ", ")
  }

  /// Numbers as the table has them, from what a network gives.
  public func original(_ outputs: [Float]) -> [Double] {
    guard task == .regression, outputs.count == scales.count else { return outputs.map(Double.init) }
    return outputs.indices.map { Double(outputs[$0]) * scales[$0] + centers[$0] }
  }

  /// - Throws: `DatasetError` when a description was changed to something that cannot be used.
  func validate() throws {
    guard !columns.isEmpty, !names.isEmpty, task != .regression || names.count == columns.count,
      centers.count == scales.count, centers.count == (task == .regression ? names.count : 0),
      centers.allSatisfy(\.isFinite), scales.allSatisfy({ $0.isFinite && $0 > 0 })
    else {
      throw DatasetError(.invalidValue, "the description of the target cannot be used", advice: "train the model again")
    }
  }
}

/// What is in the columns of a target.
private struct TargetContent {
  private let columns: [Table.Column]
  private let table: Table
  private let rows: [Int]
  private let summaries: [ColumnSummary]
  let delimiter: String?

  init(_ columns: [Table.Column], table: Table, rows: [Int], delimiter: String?) throws {
    (self.columns, self.table, self.rows) = (columns, table, rows)
    summaries = try columns.map { try ColumnSummary($0, rows: rows) }
    // Of several columns, one may be the same in the training rows alone.
    for (column, summary) in zip(columns, summaries)
    where summary.distinctCount == 1 && (columns.count == 1 || column.values.differentTexts(atMost: 2)?.count == 1) {
      throw DatasetError(
        .wrongContent, path: table.path,
        "the target '\(column.name)' is '\(table.text(column, row: rows[0]) ?? "")' in every row: there is nothing "
          + "to learn",
        advice: "name another --target, or give rows with other values")
    }
    self.delimiter = delimiter ?? (columns.count == 1 ? Self.delimiter(columns[0]) : nil)
  }

  /// A sign that joins a few parts into many different texts.
  private static func delimiter(_ column: Table.Column) -> String? {
    guard case .text(let text) = column.values, text.isComplete else { return nil }
    return ["|", ";"].first { sign in
      let joined = text.dictionary.filter { $0.contains(sign) }
      let parts = Set(text.dictionary.flatMap { $0.split(separator: sign).map(String.init) })
      return joined.count * 3 >= text.dictionary.count && parts.count <= text.dictionary.count
    }
  }

  func task(greatestClassCount: Int) throws -> TargetEncoding.Task {
    if delimiter != nil { return .multiLabel }
    if columns.count > 1 {
      if summaries.allSatisfy({ $0.kind == .boolean }) { return .multiLabel }
      if columns.allSatisfy({ if case .numbers = $0.values { true } else { false } }) { return .regression }
      throw DatasetError(
        .wrongContent, path: table.path,
        "the targets \(columns.map { "'\($0.name)'" }.joined(separator: ", ")) are neither all numbers nor all yes "
          + "or no",
        advice: "name one --target, or several of one kind")
    }
    switch columns[0].values {
    case .numbers(let values):
      let areWhole = rows.allSatisfy { values[$0] == values[$0].rounded() }
      let count = summaries[0].distinctCount ?? .max
      return areWhole && count <= greatestClassCount && count * 5 <= rows.count ? .multiClass : .regression
    case .dates, .text: return .multiClass
    }
  }

  /// The outputs' names, and how numbers are standardised.
  func outputs(_ task: TargetEncoding.Task) throws -> ([String], centers: [Double], scales: [Double]) {
    switch task {
    case .binary, .multiClass: return (try classNames(), [], [])
    case .multiLabel: return (try labelNames(), [], [])
    case .regression:
      let statistics = try columns.map { column in
        let numbers = try Self.numbers(column, table, rows)
        let (mean, deviation, _) = moments(numbers)
        guard (deviation * deviation).isFinite else {
          throw DatasetError(
            .invalidValue, path: table.path,
            "the numbers of the target '\(column.name)' are too large: their variance is no finite number",
            advice: "divide them, so that they are below 1e150")
        }
        return (mean, deviation > 0 ? deviation : 1)
      }
      return (columns.map(\.name), statistics.map(\.0), statistics.map(\.1))
    }
  }

  private func classNames() throws -> [String] {
    guard columns.count == 1 else {
      throw DatasetError(
        .invalidArgument, path: table.path, "classes are in one column, but \(columns.count) are named",
        advice: "name one --target, or leave the task to be found out")
    }
    guard let known = columns[0].values.differentTexts(atMost: 10_000) else {
      throw DatasetError(
        .wrongContent, path: table.path, "the target '\(columns[0].name)' has more than 10,000 different values",
        advice: "name another --target, or make groups of its values")
    }
    let numbers = known.compactMap { name in Double(name).map { (name, $0) } }
    return numbers.count == known.count ? numbers.sorted { $0.1 < $1.1 }.map(\.0) : known.sorted()
  }

  private func labelNames() throws -> [String] {
    guard delimiter == nil else {
      // Of all rows, as classes are: a rare label may occur among those alone that are held back.
      let known = (0..<table.rowCount).filter { !columns[0].values.isMissing($0) }
      let names = try Set(known.flatMap { try Self.labels(columns, table, $0, delimiter) })
      guard names.count <= 10_000 else {
        throw DatasetError(
          .wrongContent, path: table.path, "the target '\(columns[0].name)' has \(names.count) different labels",
          advice: "name another --target or --label-delimiter")
      }
      return names.sorted()
    }
    return columns.map(\.name)
  }

  /// The labels of a row: the parts of a text, or the columns that say yes.
  static func labels(_ columns: [Table.Column], _ table: Table, _ row: Int, _ delimiter: String?) throws -> [String] {
    if let delimiter {
      let text = columns.first.flatMap { table.text($0, row: row) } ?? ""
      return text.split(separator: delimiter).map { String($0.drop { $0 == " " }) }
        .map { label in String(label.reversed().drop { $0 == " " }.reversed()) }.filter { !$0.isEmpty }
    }
    return try columns.filter { column in
      let text = table.text(column, row: row) ?? ""
      if ["1", "true", "yes", "t", "y", "on"].contains(text.lowercased()) { return true }
      if ["0", "false", "no", "f", "n", "off"].contains(text.lowercased()) { return false }
      throw DatasetError(
        .invalidValue, path: table.path,
        "\(table.place(ofRow: row)), column '\(column.name)': '\(text)' is neither yes nor no",
        advice: "use 0 and 1, or name one --target of classes")
    }.map(\.name)
  }

  /// The numbers of some rows.
  static func numbers(_ column: Table.Column, _ table: Table, _ rows: [Int]) throws -> [Double] {
    if case .numbers(let values) = column.values { return rows.map { values[$0] } }
    let row = rows.first ?? 0
    throw DatasetError(
      .wrongContent, path: table.path,
      "\(table.place(ofRow: row)), column '\(column.name)': '\(table.text(column, row: row) ?? "")' is no number",
      advice: "name another --target, or learn it as a class: --task multiClass")
  }
}

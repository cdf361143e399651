/// What a column of a table is, and what is in it.
public struct ColumnSummary: Hashable, Sendable, Encodable {
  /// A value and how often it occurs.
  public struct Frequency: Hashable, Sendable, Encodable {
    /// The value as text.
    public let value: String
    /// The number of rows that have it.
    public let count: Int
  }

  /// Of a column of numbers; of dates, in seconds since 1970.
  public struct Statistics: Hashable, Sendable, Encodable {
    public let minimum: Double
    /// A quarter of the values is smaller.
    public let lowerQuartile: Double
    public let median: Double
    /// A quarter of the values is greater.
    public let upperQuartile: Double
    public let maximum: Double
    public let mean: Double
    public let standardDeviation: Double
    /// The mean cube of the standardised values: 0 where both sides are alike.
    public let skewness: Double
  }

  /// What the column is called.
  public let name: String
  /// What it is to a network.
  public let kind: ColumnKind
  /// Why it is that, in a few words.
  public let reason: String
  /// The number of rows.
  public let rowCount: Int
  /// The number of rows without a value.
  public let missingCount: Int
  /// The number of different values; nil when there are more than 65,536.
  public let distinctCount: Int?
  /// Nil for text.
  public let statistics: Statistics?
  /// The most frequent values, at most twenty; empty for numbers of many values.
  public let frequencies: [Frequency]

  /// The share of rows without a value, from 0 to 1.
  public var missingShare: Double { Double(missingCount) / Double(max(rowCount, 1)) }

  /// Looks at some rows of a column, and finds out what it is unless that is given.
  /// - Throws: `DatasetError` when a row does not exist.
  public init(_ column: Table.Column, rows: [Int], kind: ColumnKind? = nil) throws {
    try checkRows(rows, count: column.values.count, "")
    self.init(column, KnownNumbers(column.values, rows: rows), rows: rows, kind: kind)
  }

  /// - Parameter numbers: those of the rows; nil for text.
  init(_ column: Table.Column, _ numbers: KnownNumbers?, rows: some Collection<Int>, kind: ColumnKind?) {
    name = column.name
    rowCount = rows.count
    let content = Content(column.values, numbers, rows)
    missingCount = content.missingCount
    distinctCount = content.distinctCount
    statistics = content.statistics
    frequencies = content.frequencies
    if let kind {
      (self.kind, reason) = (kind, "as asked for")
    } else {
      (self.kind, reason) = content.kind(name: column.name)
    }
  }

  /// The greatest number of different whole numbers that are taken for categories, such as marks and ratings.
  static let greatestRatingCount = 12
}

/// What is in a column.
private struct Content {
  let missingCount: Int
  private(set) var distinctCount: Int?
  private(set) var statistics: ColumnSummary.Statistics?
  private(set) var frequencies: [ColumnSummary.Frequency] = []
  private let knownCount: Int
  private var areWhole = false
  /// Whether they are whole and not so large that they may be measured, or that neighbours are read as the same number.
  private var areCounts = false
  private var areDates = false
  private var areInSteps = false
  private var areTruthValues = false

  init(_ values: Table.Values, _ numbers: KnownNumbers?, _ rows: some Collection<Int>) {
    switch values {
    case .numbers, .dates:
      knownCount = numbers?.count ?? 0
      missingCount = rows.count - knownCount
      if case .dates = values { areDates = true }
      if let numbers { describe(numbers) }
    case .text(let text):
      let counts = text.counts(rows)
      missingCount = rows.count { text.codes[$0] == Table.TextValues.missing }
      knownCount = rows.count - missingCount
      let isComplete = knownCount == counts.reduce(0, +)
      distinctCount = isComplete ? counts.count { $0 > 0 } : nil
      frequencies = counts.indices.filter { counts[$0] > 0 }
        .sorted { (counts[$1], text.dictionary[$0]) < (counts[$0], text.dictionary[$1]) }.prefix(20)
        .map { ColumnSummary.Frequency(value: text.dictionary[$0], count: counts[$0]) }
      areTruthValues = truthValues.contains(Set(frequencies.map { $0.value.lowercased() }))
    }
  }

  private mutating func describe(_ numbers: KnownNumbers) {
    guard let first = numbers.sorted.first, let last = numbers.sorted.last else {
      distinctCount = 0
      return
    }
    var counts: [(value: Double, count: Int)] = []
    var distinct = 0
    var areWhole = true
    numbers.forEachDifferent { value, places in
      distinct += 1
      areWhole = areWhole && value == value.rounded()
      if distinct <= 1000 { counts.append((value, places.count)) }
    }
    distinctCount = distinct
    self.areWhole = areWhole && !areDates
    areCounts = self.areWhole && max(-first, last) < 1e15
    areInSteps = areCounts && distinct == knownCount && last - first == Double(knownCount - 1)
    if distinct <= 1000 {
      frequencies = counts.sorted { ($1.count, $0.value) < ($0.count, $1.value) }.prefix(20).map { value, count in
        ColumnSummary.Frequency(
          value: areDates ? Timestamp(seconds: value).text : numberText(value), count: count)
      }
    }
    statistics = ColumnSummary.Statistics(
      minimum: first, lowerQuartile: numbers.quantile(0.25), median: numbers.quantile(0.5),
      upperQuartile: numbers.quantile(0.75), maximum: last, mean: numbers.mean,
      standardDeviation: numbers.standardDeviation, skewness: numbers.skewness)
  }

  /// What the column is, and why.
  func kind(name: String) -> (ColumnKind, String) {
    guard knownCount > 0 else { return (.empty, "no row has a value") }
    if distinctCount == 1, missingCount == 0 { return (.constant, "every row has '\(frequencies.first?.value ?? "")'") }
    if areDates { return (.date, "dates") }
    let isUnique = distinctCount == knownCount
    if statistics == nil { return textKind(isUnique) }
    if isUnique, areWhole, knownCount > 2 {
      if areInSteps, knownCount > 20 || soundsLikeIdentifier(name) {
        return (.identifier, "whole numbers in steps of one: a row number")
      }
      if soundsLikeIdentifier(name) { return (.identifier, "a different whole number in every row, and its name") }
    }
    guard let distinctCount else { return (.numeric, "numbers") }
    if distinctCount == 1 { return (.boolean, "one number, or none") }
    if distinctCount == 2 { return (.boolean, "two different numbers") }
    if areCounts, distinctCount <= ColumnSummary.greatestRatingCount, knownCount >= 10 * distinctCount {
      return (.categorical, "\(distinctCount) different whole numbers")
    }
    return (.numeric, "numbers")
  }

  private func textKind(_ isUnique: Bool) -> (ColumnKind, String) {
    guard let distinctCount else { return (.identifier, "more than \(TextInterner.capacity) different texts") }
    if distinctCount > 20, Double(distinctCount) > 0.5 * Double(knownCount) {
      return (
        .identifier, isUnique ? "a different text in every row" : "a different text in most rows"
      )
    }
    if distinctCount == 1 { return (.boolean, "one text, or none") }
    if areTruthValues || distinctCount == 2 { return (.boolean, "\(distinctCount) different texts") }
    return (.categorical, "\(distinctCount) different texts")
  }
}

private let truthValues: [Set<String>] = [["true", "false"], ["yes", "no"], ["t", "f"], ["y", "n"], ["on", "off"]]

private func soundsLikeIdentifier(_ name: String) -> Bool {
  let plain = name.lowercased()
  let words = plain.split { !$0.isLetter && !$0.isNumber }.map(String.init)
  let marks: Set<String> = [
    "id", "ids", "uuid", "guid", "key", "index", "idx", "rownum", "nr", "no", "number", "column",
  ]
  return words.contains { marks.contains($0) } || name.hasSuffix("Id") || name.hasSuffix("ID") || plain.hasSuffix("_id")
}

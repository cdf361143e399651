import CTables

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
  public init(_ column: Table.Column, rows: [Int], kind: ColumnKind? = nil) {
    name = column.name
    rowCount = rows.count
    let content = Content(column.values, rows)
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
  private var areDates = false
  private var areInSteps = false
  private var areTruthValues = false

  init(_ values: Table.Values, _ rows: [Int]) {
    switch values {
    case .numbers(let numbers):
      let known = knownValues(numbers, rows)
      (missingCount, knownCount) = (rows.count - known.count, known.count)
      areWhole = known.allSatisfy { $0 == $0.rounded() && abs($0) < 1e15 }
      describe(known) { numberText($0) }
      if let statistics, areWhole, distinctCount == knownCount {
        areInSteps = statistics.maximum - statistics.minimum == Double(knownCount - 1)
      }
    case .dates(let dates, _):
      let known = knownValues(dates, rows)
      (missingCount, knownCount) = (rows.count - known.count, known.count)
      areDates = true
      describe(known) { Timestamp(seconds: $0).text }
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

  private mutating func describe(_ known: consuming [Double], _ text: (Double) -> String) {
    let count = Double(known.count)
    let mean = known.reduce(0) { $0 + $1 / count }
    let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }
    let deviation = variance.squareRoot()
    let skewness =
      deviation > 0
      ? known.reduce(0) { sum, value in
        let z = (value - mean) / deviation
        return sum + z * z * z / count
      } : 0
    let sorted = ascending(known)
    guard let first = sorted.first, let last = sorted.last else {
      distinctCount = 0
      return
    }
    var counts: [(value: Double, count: Int)] = []
    var distinct = 0
    for (index, value) in sorted.enumerated() {
      if index > 0, sorted[index - 1] == value {
        if distinct <= 1000 { counts[counts.count - 1].count += 1 }
      } else {
        distinct += 1
        if distinct <= 1000 { counts.append((value, 1)) }
      }
    }
    distinctCount = distinct
    if distinct <= 1000 {
      frequencies = counts.sorted { ($1.count, $0.value) < ($0.count, $1.value) }.prefix(20)
        .map { ColumnSummary.Frequency(value: text($0.value), count: $0.count) }
    }
    statistics = ColumnSummary.Statistics(
      minimum: first, lowerQuartile: quantile(sorted, 0.25), median: quantile(sorted, 0.5),
      upperQuartile: quantile(sorted, 0.75), maximum: last, mean: mean, standardDeviation: deviation,
      skewness: skewness)
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
    if distinctCount <= 2 { return (.boolean, "two different numbers") }
    if areWhole, distinctCount <= ColumnSummary.greatestRatingCount, knownCount >= 10 * distinctCount {
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
    if areTruthValues || distinctCount <= 2 { return (.boolean, "\(distinctCount) different texts") }
    return (.categorical, "\(distinctCount) different texts")
  }
}

private let truthValues: [Set<String>] = [["true", "false"], ["yes", "no"], ["t", "f"], ["y", "n"], ["on", "off"]]

/// The values that some rows have, without the missing ones.
func knownValues(_ values: [Double], _ rows: [Int]) -> [Double] {
  [Double](unsafeUninitializedCapacity: rows.count) { known, count in
    for row in rows where !values[row].isNaN {
      known[count] = values[row]
      count += 1
    }
  }
}

/// Numbers, none of which is NaN, from the least to the greatest.
func ascending(_ numbers: consuming [Double]) -> [Double] {
  // What sorting by digits needs is not worth it for few.
  guard numbers.count > 2000 else { return numbers.sorted() }
  let count = numbers.count
  numbers.withUnsafeMutableBufferPointer { numbers in
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { scratch in
      chainrule_sort_numbers(numbers.baseAddress, scratch.baseAddress, count)
    }
  }
  return numbers
}

/// The value below which a share of sorted values lies, between neighbours in proportion.
func quantile(_ sorted: [Double], _ share: Double) -> Double {
  guard let last = sorted.last else { return .nan }
  let position = share * Double(sorted.count - 1)
  let index = Int(position)
  guard index + 1 < sorted.count else { return last }
  let part = position - Double(index)
  return sorted[index] * (1 - part) + sorted[index + 1] * part
}

private func soundsLikeIdentifier(_ name: String) -> Bool {
  let plain = name.lowercased()
  let words = plain.split { !$0.isLetter && !$0.isNumber }.map(String.init)
  let marks: Set<String> = [
    "id", "ids", "uuid", "guid", "key", "index", "idx", "rownum", "nr", "no", "number", "column",
  ]
  return words.contains { marks.contains($0) } || name.hasSuffix("Id") || name.hasSuffix("ID") || plain.hasSuffix("_id")
}

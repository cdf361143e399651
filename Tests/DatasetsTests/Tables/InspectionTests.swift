import Datasets
import Foundation
import Testing

/// What is to be minded before learning.
@Suite struct InspectionTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func inspection(_ text: String, target: [String] = ["y"]) throws -> TableInspection {
    try TableInspection(Table(path: folder.write("t.csv", Array(text.utf8))), target: target)
  }

  private func rows(_ header: String, _ count: Int = 400, _ row: (Int) -> String) -> String {
    header + "\n" + (0..<count).map { row($0) + "\n" }.joined()
  }

  /// Pairs of a kind and the columns that it is about.
  private func found(_ inspection: TableInspection) -> [String] {
    inspection.warnings.map { "\($0.kind) \($0.columns.joined(separator: " "))" }
  }

  @Test func hasNothingToSayOfGoodTables() throws {
    let text = rows("a,b,y") { "\($0 % 17),\(($0 * $0) % 23).5,\($0 % 3 == 0 ? "u" : "v")" }
    let inspection = try inspection(text)
    #expect(inspection.warnings.isEmpty)
    #expect(inspection.task == .binary && inspection.classes.map(\.count) == [266, 134])
    #expect(inspection.rows.count == 5 && inspection.rows[1] == ["1", "1.5", "v"])
  }

  @Test func warnsOfEachTrap() throws {
    let text = rows("gaps,twin1,twin2,word1,word2,leak,comma,y") { row in
      let label = row % 50 == 7 ? "rare" : row % 2 == 0 ? "u" : "v"
      return "\(row % 3 == 0 ? "" : "\(row % 13)"),\(row * 7 % 101).5,\(row * 7 % 101 * 2),w\(row % 5),v\(row % 5 * 3),"
        + "\(label == "u" ? 5 : label == "v" ? 9 : 30).\(row % 7),\"\(row % 5),\(row % 9)\",\(label)"
    }
    let inspection = try inspection(text)
    #expect(
      Set(found(inspection)) == [
        "missing gaps", "duplicate twin1 twin2", "duplicate word1 word2", "leak leak", "notation comma", "imbalance y",
      ])
  }

  @Test func warnsOfLeaksIntoNumbers() throws {
    let text = rows("a,b,y") { "\($0 % 19),\(Double($0) * 2.5 + Double($0 % 2)),\($0).25" }
    #expect(try found(inspection(text)) == ["leak b"])
  }

  @Test func describesManyNumbers() throws {
    let values = (0..<5001).map { Double(($0 * 1_237) % 5001 - 2500) * 1.5 }
    let all = Array(values.indices)
    let column = Table.Column(name: "x", values: .numbers(values + [.nan]))
    let summary = try ColumnSummary(column, rows: all + [5001])
    let statistics = try #require(summary.statistics)
    #expect(summary.missingCount == 1 && summary.distinctCount == 5001)
    #expect(statistics.minimum == -3750 && statistics.maximum == 3750 && statistics.median == 0)
    #expect(statistics.lowerQuartile == -1875 && statistics.upperQuartile == 1875)
    #expect(abs(statistics.mean) < 1e-9 && abs(statistics.skewness) < 1e-9)
    let few = try ColumnSummary(Table.Column(name: "y", values: .numbers(all.map { Double($0 % 3) - 1 })), rows: all)
    #expect(few.frequencies.map(\.value) == ["-1", "0", "1"] && few.frequencies.allSatisfy { $0.count == 1667 })
  }

  @Test func describesNumbersExactly() throws {
    func statistics(_ values: [Double]) throws -> ColumnSummary.Statistics {
      let summary = try ColumnSummary(
        Table.Column(name: "x", values: .numbers(values)), rows: Array(values.indices), kind: .numeric)
      return try #require(summary.statistics)
    }
    for value in [0.1, 5, 1_700_000_000.1, -1e300, 1e-300] {
      let same = try statistics(Array(repeating: value, count: 49))
      #expect(same.mean == value && same.standardDeviation == 0 && same.skewness == 0 && same.median == value)
    }
    // Far from 0, and of sizes whose squares are no numbers any more, it is as near to it.
    let plain = try statistics([0, 1, 1, 2, 8])
    for (unit, offset) in [(1.0, 1e9), (1e-300, 0), (1e300, 0), (-0x1p1020, 0)] {
      let other = try statistics([0, 1, 1, 2, 8].map { $0 * unit + offset })
      func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * abs(b) }
      #expect(isClose(other.mean, plain.mean * unit + offset), "\(unit)")
      #expect(isClose(other.standardDeviation, plain.standardDeviation * abs(unit)), "\(unit)")
      #expect(isClose(other.skewness, unit < 0 ? -plain.skewness : plain.skewness), "\(unit)")
    }
  }

  @Test func knowsLongIdentifiers() throws {
    func kind(_ name: String, _ values: [Double]) throws -> ColumnSummary {
      try ColumnSummary(Table.Column(name: name, values: .numbers(values)), rows: Array(values.indices))
    }
    let long = (0..<30).map { 1.5e18 + Double($0 * $0) * 4_194_304 }
    #expect(try kind("tweet_id", long).kind == .identifier)
    #expect(try kind("mass", long).kind == .numeric)
    #expect(try kind("mass", (0..<30).map { Double($0 % 3) * 1e20 }).kind == .numeric)
    let rare = try kind("seen", [1, .nan, 1])
    #expect(rare.kind == .boolean && rare.reason == "one number, or none")
  }

  @Test(arguments: [1e308, 1e200, 1, 1e-200, 1e-308])
  func measuresTheSpreadOfAnyNumbers(size: Double) throws {
    let column = Table.Column(name: "x", values: .numbers([-1, 1, 0, 0].map { $0 * size }))
    let statistics = try #require(ColumnSummary(column, rows: Array(0..<4)).statistics)
    #expect(abs(statistics.standardDeviation / size - 0.5.squareRoot()) < 1e-12, "\(statistics.standardDeviation)")
    #expect(statistics.skewness == 0)
  }

  @Test(arguments: Notation.all)
  fileprivate func saysHowNumbersAreWritten(notation: Notation) throws {
    let words = notation.advice
    let text = rows(notation.header) { notation.line($0) }
    let name = notation.header.isEmpty ? "t.jsonl" : "t.csv"
    let path = try folder.write(name, Array(text.utf8))
    let inspection = try TableInspection(Table(path: path), target: ["y"])
    #expect(found(inspection) == ["notation a"])
    let message = try #require(inspection.warnings.first?.message)
    for word in words { #expect(message.contains(word), "\(message)") }
    #expect(message.contains("--decimal-comma") == words.contains { $0.contains("--decimal-comma") }, "\(message)")
    // What is advised helps.
    var options = TableOptions()
    if message.contains("--missing") { options.missing = ["--"] }
    if message.contains("=numeric'") { options.column = ["a": .numeric] }
    if message.contains("--decimal-comma") { options.decimalComma = true }
    if !message.contains("in the file") {
      let read = try TableInspection(Table(path: path, options: options), target: ["y"])
      #expect(!found(read).contains("notation a") && read.columns[0].statistics != nil)
    }
    #expect(try TableInspection(Table(path: path), column: ["a": .categorical]).warnings.isEmpty)
  }

  @Test func advisesWhereNoColumnIsLeft() throws {
    let table = try Table(path: folder.write("t.csv", Array(rows("a;y") { "\($0),34;\($0 % 2)" }.utf8)))
    expect(.wrongContent, at: folder.path + "/t.csv", mentioning: "read it with --decimal-comma") {
      try PreparedTable(table, .init(target: ["y"]))
    }
  }

  @Test func warnsOfRowsWithoutTarget() throws {
    let text = rows("a,b,y") { "\($0 % 17),\(($0 * $0) % 23).5,\($0 % 4 == 1 ? "" : $0 % 3 == 0 ? "u" : "v")" }
    let inspection = try inspection(text)
    #expect(found(inspection) == ["unknownTarget y"])
    #expect(inspection.warnings[0].message.contains("100 of 400 rows have no value in the target 'y'"))
  }

  @Test func warnsOfFewRows() throws {
    let text = rows("a,b,y", 30) { "\($0 % 7).5,\($0 * $0 % 11).5,\($0 % 2 == 0 ? "u" : "v")" }
    #expect(try found(inspection(text)) == ["fewRows "])
  }
}

/// A column of numbers that is read as text, and what is advised.
private struct Notation: Sendable {
  /// Empty for JSON Lines.
  let header: String
  let advice: [String]
  private let value: @Sendable (Int) -> String

  init(_ header: String, _ advice: String..., value: @escaping @Sendable (Int) -> String) {
    (self.header, self.advice, self.value) = (header, advice, value)
  }

  func line(_ row: Int) -> String {
    let (value, label) = (value(row), row % 3 == 0 ? "u" : "v")
    guard let delimiter = header.dropFirst().first else { return #"{"a": "\#(value)", "y": "\#(label)"}"# }
    return "\(value)\(delimiter)\(label)"
  }

  static let all = [
    Notation("a,y", "in 90 % of its values", "with --missing='--';") { $0 < 40 ? "--" : "\($0).5" },
    Notation("a,y", "in 60 %", "correct or empty what is no number in") { $0 % 5 < 2 ? "u\($0)" : "\($0)" },
    Notation("a,y", "such as '0.6%'", "remove '%' in the file") { "\($0).6%" },
    Notation("a,y", "'$1,321.05'", "remove '$', remove the commas between thousands in the file") {
      "\"$\($0 + 1),321.05\""
    },
    Notation("a;y", "read it with --decimal-comma;") { "-\($0),34" },
    Notation("a;y", "remove the commas between thousands in the file;") { $0 % 2 == 0 ? "\($0 + 1),581" : "989" },
    Notation("a;y", "read it with --decimal-comma;") { "\($0),581" },
    Notation("a,y", "write points before fractions in the file;") { "\"\($0),34\"" },
    Notation("a;y", "remove the points between thousands in the file, and read it with --decimal-comma;") {
      "\($0 + 1).234,5"
    },
    Notation("", "read it with --column 'a=numeric';") { "\($0).5" },
  ]
}

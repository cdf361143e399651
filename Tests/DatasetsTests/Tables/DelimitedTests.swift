import Datasets
import Foundation
import Testing

/// Delimited text in all its forms.
@Suite struct DelimitedTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: String, _ options: TableOptions = TableOptions()) throws -> Table {
    try Table(path: folder.write("table.csv", Array(text.utf8)), options: options)
  }

  /// A table as text, column by column; nil where a value is missing.
  private func texts(_ table: Table) -> [String: [String?]] {
    Dictionary(uniqueKeysWithValues: table.columns.map { column in
      (column.name, (0..<table.rowCount).map { table.text(column, row: $0) })
    })
  }

  private let expected: [String: [String?]] = ["a": ["1", "2.5", nil], "b": ["x", "y z", "x"]]

  @Test(arguments: [
    "a,b\n1,x\n2.5,y z\n,x\n", "a,b\r\n1,x\r\n2.5,y z\r\n,x\r\n", "a,b\r1,x\r2.5,y z\r,x\r", "a,b\n1,x\n2.5,y z\n,x",
    "\u{FEFF}a,b\n1,x\n2.5,y z\n,x\n", "a;b\n1;x\n2.5;y z\n;x\n", "a\tb\n1\tx\n2.5\ty z\n\tx\n",
    "a|b\n1|x\n2.5|y z\n|x\n", "\"a\",\"b\"\n\"1\",\"x\"\n\"2.5\",\"y z\"\n\"\",\"x\"\n",
    "a,b\n\n1,x\n\n\n2.5,y z\nNA,x\n\n",
    " a , b \n 1 , x \n 2.5 , y z \n  , x \n", "a,b\n+1e0,x\n25e-1,y z\nNaN,x\n", "a,b\n1.,x\n2.50000,y z\n?,x\n",
  ])
  func readsAllForms(text: String) throws {
    #expect(try texts(read(text)) == expected)
  }

  @Test func readsQuotedFields() throws {
    let table = try read("a,b\n1,\"x,y\"\n2,\"line 1\nline 2\"\n3,\"say \"\"no\"\"\"\n4,\"\"\n5,in \"quotes\"\n")
    #expect(texts(table)["b"] == ["x,y", "line 1\nline 2", "say \"no\"", nil, "in \"quotes\""])
    #expect((0..<5).map { table.place(ofRow: $0) } == ["line 2", "line 3", "line 5", "line 6", "line 7"])
  }

  @Test func readsDecimalCommas() throws {
    let table = try read("a;b\n1;x\n2,5;y z\n;x\n", TableOptions(decimalComma: true))
    #expect(texts(table) == expected)
    expect(.invalidArgument, at: folder.path + "/table.csv", mentioning: "decimal-comma") {
      try read("a,b\n1,2\n", TableOptions(delimiter: ",", decimalComma: true))
    }
  }

  @Test func readsGzip() throws {
    let path = try folder.write("table.csv.gz", gzip(Array("a,b\n1,x\n2.5,y z\n,x\n".utf8)))
    #expect(try texts(Table(path: path)) == expected)
  }

  @Test func readsWithoutHeader() throws {
    let table = try read("1,x\n2,y\n", TableOptions(header: false))
    #expect(texts(table) == ["column 1": ["1", "2"], "column 2": ["x", "y"]])
  }

  @Test func namesNamelessColumns() throws {
    #expect(try read(",b\n0,x\n1,y\n").columns.map(\.name) == ["column 1", "b"])
  }

  /// Numbers of every length and size, against the standard library.
  @Test func roundsNumbersCorrectly() throws {
    var texts = [
      "0", "-0", "1", "9007199254740993", "0.1", "0.30000000000000004", "1e22", "1e23", "1e-22", "5e-324",
      "2.2250738585072011e-308",
      "1.7976931348623157e308", "123456789012345678901234567890", "0.000000000000000000000000000000000001",
      "8.5e-5", "179769313486231570000", "0.1e1", "00012.500", "9007199254740992.5", "4503599627370497.5",
    ]
    // Short ones, with the point at each place.
    for count in 1...10 {
      for place in 0...count {
        let digits = "9876543210".prefix(count)
        let decimal = "\(digits.prefix(place)).\(digits.dropFirst(place))"
        texts += [decimal, "-" + decimal, "\(digits)", "-\(digits)"]
      }
    }
    var state: UInt64 = 1
    for _ in 0..<2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let digits = String(state >> 3)
      let exponent = Int(state % 41) - 20
      texts.append(
        "\(digits.prefix(Int(state >> 40) % 18 + 1)).\(digits.suffix(Int(state >> 50) % 12 + 1))e\(exponent)")
      // As many digits as a number needs, and half-way between two of them.
      texts.append("\(Double(state >> 11) * 0x1p-53)")
      texts.append("\((1 << 53) + 2 * (state >> 12) + 1)")
      texts.append("\((1 << 53) + 2 * (state >> 40) + 1)e\(exponent / 4)")
    }
    let table = try read("x\n" + texts.joined(separator: "\n") + "\n")
    guard case .numbers(let values) = table.columns[0].values else {
      Issue.record("no numbers")
      return
    }
    #expect(values.count == texts.count)
    for (text, value) in zip(texts, values) { #expect(Double(text)?.bitPattern == value.bitPattern, "\(text)") }
  }

  @Test func `takes nothing else for a number`() {
    let numbers = (0..<200).map { "\($0)\n" }.joined()
    for text in [".", "-.", "..", "1.2.3", "1-2", "--1", "-1-", "1:", "/1", "12345678x", "x2345678", "1234.567x"] {
      let error = #expect(throws: DatasetError.self, "\(text)") { _ = try read("x\n" + numbers + text + "\n") }
      #expect(error?.description.contains("'\(text)' is no number") == true)
    }
  }

  /// Records and quotes that lie across the borders of the chunks in which a file is read.
  @Test func readsLargeFiles() throws {
    var text = "n,t,long\n"
    let long = String(repeating: "é\n\"\"", count: 400)
    for row in 0..<6000 { text += "\(row),\"t\(row % 7),\",\"\(long)\(row % 5)\"\n" }
    let table = try read(text)
    #expect(table.rowCount == 6000)
    guard case .numbers(let numbers) = table.columns[0].values, case .text(let texts) = table.columns[1].values,
      case .text(let longs) = table.columns[2].values
    else {
      Issue.record("wrong types")
      return
    }
    #expect(numbers == (0..<6000).map(Double.init))
    #expect((0..<6000).allSatisfy { texts[$0] == "t\($0 % 7)," })
    #expect(longs.dictionary == (0..<5).map { long.replacing("\"\"", with: "\"") + "\($0)" })
    #expect(table.place(ofRow: 5999) == "line \(2 + 401 * 5999)")
  }

  /// Records longer than a chunk, between others: what was given out stays while the next ones are read.
  @Test func readsLongRecords() throws {
    let longs = [3_000_000, 10, 1_100_000, 2_500_000, 7].map { String(repeating: "x", count: $0) }
    let rows = (0..<20_000).map { row in (row, row % 4000 == 3999 ? longs[row / 4000] : "w\(row % 3)") }
    let table = try read("n,t\n" + rows.map { "\($0.0).5,\"\($0.1)\"\n" }.joined())
    guard case .numbers(let numbers) = table.columns[0].values, case .text(let texts) = table.columns[1].values else {
      Issue.record("wrong types")
      return
    }
    #expect(numbers == rows.map { Double($0.0) + 0.5 })
    #expect(rows.allSatisfy { texts[$0.0] == $0.1 })
  }

  /// Of several mistakes the one that comes first in the file is named, whichever thread finds its own first.
  @Test func namesTheFirstMistake() throws {
    var lines = (0..<60_000).map { "\($0),a,b" }
    lines[50_000] = "1,2"
    let path = folder.path + "/table.csv"
    expect(.wrongContent, at: path, mentioning: "line 50002") { try read("n,t,u\n" + lines.joined(separator: "\n")) }
    var bytes = Array(("n,t,u\n" + lines.joined(separator: "\n")).utf8)
    let mark = Array("\n40000,a,b".utf8)
    let place = try #require(Data(bytes).range(of: Data(mark))).upperBound - 1
    bytes[place] = 0xFF
    try folder.write("table.csv", bytes)
    expect(.invalidValue, at: path, mentioning: "line 40002, column 'u'") { try Table(path: path) }
  }

  @Test func becomesTextWhereNumbersEnd() throws {
    // The first thousand rows, by which types are guessed, are numbers.
    var text = "code\n"
    for row in 0..<1500 { text += "\(row)\n" }
    for row in 0..<500 { text += "A\(row % 3)\n" }
    guard case .text(let values) = try read(text).columns[0].values else {
      Issue.record("no text")
      return
    }
    #expect(values[3] == "3" && values[1501] == "A1" && values.codes.count == 2000)
  }

  @Test func keepsTheFirstOfTooManyTexts() throws {
    var text = "name\n"
    for row in 0..<70_000 { text += "n\(row)\n" }
    guard case .text(let values) = try read(text).columns[0].values else {
      Issue.record("no text")
      return
    }
    #expect(!values.isComplete && values.dictionary.count == 65_536)
    #expect(values[0] == "n0" && values[69_999] == nil)
    #expect(try ColumnSummary(read(text).columns[0], rows: Array(0..<70_000)).kind == .identifier)
  }

  @Test(arguments: [
    ("2024-02-29", "2024-02-29"), ("2024-02-29T13:05:09", "2024-02-29 13:05:09"),
    ("2024-02-29 13:05:09.5Z", "2024-02-29 13:05:09"), ("2024-03-01T00:30:00+01:00", "2024-02-29 23:30:00"),
    ("29.02.2024", "2024-02-29"), ("29/02/2024 13:05", "2024-02-29 13:05:00"), ("02/29/2024", "2024-02-29"),
    ("1969-12-31 23:59", "1969-12-31 23:59:00"), ("1900-03-01", "1900-03-01"), ("2000-12-31", "2000-12-31"),
  ])
  func readsDates(text: String, expected: String) throws {
    let table = try read("day\n\(text)\n\(text)\n")
    guard case .dates = table.columns[0].values else {
      Issue.record("no dates")
      return
    }
    #expect(table.text(table.columns[0], row: 1) == expected)
  }

  @Test func takesTheOrderOfDatesFromTheWholeColumn() throws {
    let table = try read("day\n03/04/2024\n12/31/2024\n")
    #expect(table.text(table.columns[0], row: 0) == "2024-03-04")
    let asked = try read("day\n03/04/2024\n", TableOptions(dateOrder: .monthDayYear))
    #expect(asked.text(asked.columns[0], row: 0) == "2024-03-04")
    #expect(try texts(read("day\n03/04/2024\n"))["day"] == ["2024-04-03"])
  }

  @Test func takesColumnsAsAskedFor() throws {
    let text = "a,b,c\n1,2,3\n4,5,6\n"
    let table = try read(text, TableOptions(column: ["a": .categorical, "c": .ignore]))
    #expect(table.columns.map(\.name) == ["a", "b"])
    guard case .text = table.columns[0].values else {
      Issue.record("no text")
      return
    }
  }
}

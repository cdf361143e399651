import Datasets
import Foundation
import Testing

/// What is predicted, and which rows are held back to judge predictions by.
@Suite struct TargetTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func table(_ text: String) throws -> Table { try Table(path: folder.write("t.csv", Array(text.utf8))) }

  private func target(_ columns: [String], _ table: Table, task: TargetEncoding.Task? = nil) throws -> TargetEncoding {
    try TargetEncoding(columns, in: table, rows: Array(0..<table.rowCount), task: task)
  }

  private func kinds() throws -> Table {
    var text = "x,word,three,marks,price,tags,piped,a,b,when\n"
    for row in 0..<120 {
      text += "\(row % 11).5,\(row % 2 == 0 ? "yes" : "no"),\(["u", "v", "w"][row % 3]),\(row % 6 + 1),"
      text += "\(Double(row) * 1.25 + 100),\(["red;round", "red", "round; big", ""][row % 4]),"
      text += "\(["p|q", "q", "p|r"][row % 3]),\(row % 2),\(row % 3 == 0 ? 1 : 0),2024-01-\(row % 28 + 1)\n"
    }
    return try table(text)
  }

  @Test func recognisesTargets() throws {
    let table = try kinds()
    #expect(try target(["word"], table).task == .binary)
    #expect(try target(["word"], table).names == ["no", "yes"])
    #expect(try target(["three"], table).task == .multiClass)
    #expect(try target(["marks"], table).names == ["1", "2", "3", "4", "5", "6"])
    #expect(try target(["price"], table).task == .regression)
    #expect(try target(["tags"], table).task == .multiLabel)
    #expect(try target(["tags"], table).names == ["big", "red", "round"])
    #expect(try target(["piped"], table).names == ["p", "q", "r"])
    #expect(try target(["a", "b"], table).task == .multiLabel)
    #expect(try target(["price", "x"], table).task == .regression)
    #expect(try target(["marks"], table, task: .regression).task == .regression)
  }

  @Test func standardisesNumbersAndBack() throws {
    let table = try kinds()
    let price = try target(["price"], table)
    #expect(abs(price.centers[0] - (100 + 1.25 * 59.5)) < 1e-9)
    let data = try PreparedTable(table, .init(target: ["price"], split: TableSplit(testFraction: 0))).splits.training
    guard case .values(let values) = data.targets else {
      Issue.record("no values")
      return
    }
    #expect(abs(values.reduce(0, +)) < 1e-3)
    for row in [0, 57, 119] {
      #expect(abs(price.original([values[row]])[0] - (Double(row) * 1.25 + 100)) < 1e-4)
    }
  }

  @Test func givesLabelsOnesAndZeros() throws {
    let table = try kinds()
    let data = try PreparedTable(table, .init(target: ["tags"], split: TableSplit(testFraction: 0))).splits.training
    guard case .values(let values) = data.targets else {
      Issue.record("no values")
      return
    }
    // Rows without a label have no known target.
    #expect(data.count == 90)
    #expect(Array(values.prefix(9)) == [0, 1, 1, 0, 1, 0, 1, 0, 1])
  }

  @Test func knowsLabelsThatAreHeldBack() throws {
    var text = "x,tags,a,b,split\n"
    for row in 0..<40 {
      text += "\(row).5,\(row == 7 ? "rare|p" : ["p|q", "q", "p"][row % 3]),\(row % 2),\(row == 7 ? 1 : 0),"
      text += "\(row % 8 == 7 ? "test" : "train")\n"
    }
    let table = try table(text)
    let split = TableSplit(.splitColumn("split"))
    let tags = try PreparedTable(table, .init(target: ["tags"], split: split))
    #expect(tags.preprocessing.target.names == ["p", "q", "rare"] && tags.splits.training.count == 35)
    let columns = try PreparedTable(table, .init(target: ["a", "b"], split: split))
    #expect(columns.preprocessing.target.task == .multiLabel && columns.splits.test?.count == 5)
    let numbers = try PreparedTable(table, .init(target: ["a", "b"], task: .regression, split: split))
    #expect(numbers.preprocessing.target.scales[1] == 1 && numbers.preprocessing.target.centers[1] == 0)
    expect(.wrongContent, at: table.path, mentioning: "in every row") {
      try PreparedTable(table, .init(target: ["b"], task: .regression, split: split))
    }
  }

  @Test func refusesWhatCannotBePredicted() throws {
    let table = try kinds()
    let path = folder.path + "/t.csv"
    expect(.invalidArgument, at: path, mentioning: "no column 'prize'; did you mean 'price'?") {
      try target(["prize"], table)
    }
    expect(.wrongContent, at: path, mentioning: "is no number") { try target(["word"], table, task: .regression) }
    expect(.wrongContent, at: path, mentioning: "neither all numbers") { try target(["word", "price"], table) }
    expect(.wrongContent, at: path, mentioning: "columns 1 and 2") { try target(["a", "a"], table) }
    let same = try self.table("x,y\n1,k\n2,k\n")
    expect(.wrongContent, at: path, mentioning: "'k' in every row") { try target(["y"], same) }
    let empty = try self.table("x,y\n1,\n2,\n")
    expect(.empty, at: path, mentioning: "no row has a value") { try target(["y"], empty) }
    let strange = try self.table("x,word\n1,perhaps\n2,yes\n")
    expect(.invalidValue, at: path, mentioning: "line 2, column 'word': the class 'perhaps'") {
      try target(["word"], table).classes(strange, rows: [0, 1])
    }
  }

  @Test func leavesOutRowsWithoutTarget() throws {
    let table = try table("x,y\n" + (0..<50).map { "\($0),\($0 % 5 == 0 ? "" : $0 % 2 == 0 ? "a" : "b")\n" }.joined())
    let prepared = try PreparedTable(table, .init(target: ["y"], column: ["x": .numeric]))
    #expect(prepared.rowsWithoutTarget == 10)
    #expect(prepared.warnings.map(\.kind) == [.unknownTarget])
    #expect(prepared.splits.training.count == 32 && prepared.splits.test?.count == 8)
  }

  // MARK: splits

  private func split(
    _ method: TableSplit.Method, _ table: Table, _ fraction: Double = 0.2, seed: UInt64 = 0, classes: [Int32]? = nil
  ) throws -> (training: [Int], test: [Int]) {
    try TableSplit(method, testFraction: fraction, seed: seed)
      .split(table, rows: Array(0..<table.rowCount), classes: classes)
  }

  @Test func splitsInProportion() throws {
    let table = try kinds()
    let classes = (0..<120).map { Int32($0 % 10 == 0 ? 1 : 0) }
    let (training, test) = try split(.random, table, 0.25, classes: classes)
    #expect((training + test).sorted() == Array(0..<120))
    #expect(test.count == 30 && test.count { classes[$0] == 1 } == 3)
    #expect(try split(.random, table, 0.25, classes: classes).test == test)
    #expect(try split(.random, table, 0.25, seed: 1, classes: classes).test != test)
  }

  @Test func splitsByColumns() throws {
    let table = try table(
      "x,part,who,when\n"
        + (0..<40).map { "\($0),\($0 % 4 == 0 ? "test" : "train"),w\($0 % 8),2024-01-\(40 - $0 > 28 ? 28 : 40 - $0)\n" }
        .joined())
    #expect(try split(.splitColumn("part"), table).test == stride(from: 0, to: 40, by: 4).map { $0 })
    let groups = try split(.groupColumn("who"), table, 0.25)
    #expect(groups.test.count == 10)
    #expect(Set(groups.test.map { $0 % 8 }).isDisjoint(with: groups.training.map { $0 % 8 }))
    // The last rows are the earliest.
    #expect(try split(.timeColumn("when"), table, 0.1).test == [9, 10, 11, 12])
    let path = folder.path + "/t.csv"
    expect(.invalidValue, at: path, mentioning: "line 2, column 'who': 'w0' names no split") {
      try split(.splitColumn("who"), table)
    }
    expect(.wrongContent, at: path, mentioning: "no dates or numbers") { try split(.timeColumn("who"), table) }
    expect(.invalidArgument, at: path, mentioning: "leaves 40 to learn from and 0") { try split(.random, table, 0.001) }
  }

  @Test func holdsEachRowBackOnce() throws {
    let table = try kinds()
    let rows = Array(0..<120)
    let classes = rows.map { Int32($0 % 3) }
    let folds = try TableSplit().folds(5, table, rows: rows, classes: classes)
    #expect(folds.flatMap(\.test).sorted() == rows)
    for fold in folds {
      #expect(Set(fold.training).union(fold.test).count == 120 && fold.test.count == 24)
      #expect((0..<3).allSatisfy { label in fold.test.count { classes[$0] == label } == 8 })
    }
    let grouped = try TableSplit(.groupColumn("x")).folds(3, table, rows: rows, classes: nil)
    #expect(grouped.allSatisfy { Set($0.test.map { $0 % 11 }).isDisjoint(with: $0.training.map { $0 % 11 }) })
    let path = folder.path + "/t.csv"
    expect(.invalidArgument, at: path, mentioning: "do not fill 121 folds") {
      try TableSplit().folds(121, table, rows: rows, classes: nil)
    }
  }

  @Test(arguments: [
    (TableSplit(.timeColumn("day"), testFraction: 0.1, seed: 3), #"{"timeColumn":"day","seed":3,"testFraction":0.1}"#),
    (TableSplit(testFraction: 0), #"{"testFraction":0}"#), (TableSplit(), "{}"),
    (TableSplit(.groupColumn("who")), #"{"groupColumn":"who"}"#),
    (TableSplit(.splitColumn("part")), #"{"splitColumn":"part"}"#),
  ])
  func readsDescriptionsOfSplits(split: TableSplit, text: String) throws {
    #expect(try JSONDecoder().decode(TableSplit.self, from: Data(text.utf8)) == split)
    #expect(try JSONDecoder().decode(TableSplit.self, from: JSONEncoder().encode(split)) == split)
  }

  @Test(arguments: [
    #"{"splitColumn":"a","groupColumn":"b"}"#, #"{"groupColumn":"b","timeColumn":"c"}"#,
    #"{"timeColumn":"c","splitColumn":"a"}"#,
  ])
  func refusesSplitsBySeveralColumns(text: String) throws {
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TableSplit.self, from: Data(text.utf8))
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.debugDescription == "give one of splitColumn, groupColumn and timeColumn")
  }

  @Test func refusesRowsAndClassesThatDoNotFit() throws {
    let table = try kinds()
    let path = folder.path + "/t.csv"
    for classes in [[0, 1, -1], [0, 1], [0, 1, 0, 1], [0, 1, .max]] as [[Int32]] {
      expect(.invalidArgument, at: path, mentioning: "classes") {
        try TableSplit(testFraction: 0.4).split(table, rows: [0, 1, 2], classes: classes)
      }
      expect(.invalidArgument, at: path, mentioning: "classes") {
        try TableSplit().folds(2, table, rows: [0, 1, 2], classes: classes)
      }
    }
    for rows in [[0, 1, 120], [-1, 0, 1]] {
      for split in [TableSplit(.groupColumn("word")), TableSplit()] {
        expect(.invalidArgument, at: path, mentioning: "120 rows") { try split.split(table, rows: rows, classes: nil) }
        expect(.invalidArgument, at: path, mentioning: "120 rows") {
          try split.folds(2, table, rows: rows, classes: nil)
        }
      }
    }
  }

  @Test func findsTheHeldBackRowsAgain() throws {
    let table = try kinds()
    let prepared = try PreparedTable(table, .init(target: ["three"], split: TableSplit(seed: 3)))
    let held = try #require(try prepared.preprocessing.heldBackRows(of: table))
    #expect(try prepared.preprocessing.dataset(table, rows: held.test).classes == prepared.splits.test?.classes)
    #expect(try prepared.preprocessing.heldBackRows(of: self.table("x,three\n1,u\n")) == nil)
  }

  @Test func findsTheHeldBackRowsWhateverIsIgnored() throws {
    let table = try kinds()
    let path = folder.path + "/t.csv"
    let narrow = try Table(path: path, options: TableOptions(column: ["x": .ignore, "tags": .ignore]))
    let (of, ofNarrow) = try (
      PreparedTable(table, .init(target: ["three"], column: ["x": .ignore, "tags": .ignore])).preprocessing,
      PreparedTable(narrow, .init(target: ["three"])).preprocessing
    )
    let held = try #require(try of.heldBackRows(of: table))
    for (preprocessing, table) in [(of, narrow), (ofNarrow, table), (ofNarrow, narrow)] {
      let again = try #require(try preprocessing.heldBackRows(of: table))
      #expect(again.test == held.test && again.training == held.training)
    }
    // A value that is learned from is another one.
    let text = try String(contentsOfFile: path, encoding: .utf8).replacing(",100.0,", with: ",99.0,")
    #expect(try ofNarrow.heldBackRows(of: self.table(text)) == nil)
  }

  @Test func keepsNumbersAndPlacesAsTheTableHasThem() throws {
    let numbers = (0..<60).map { 999_999_394 + Double($0 * $0) / 8 }
    let table = try table("x,y\n" + numbers.enumerated().map { "\($0 % 7).5,\($1)\n" }.joined())
    let data = try PreparedTable(table, .init(target: ["y"], split: TableSplit(testFraction: 0))).splits.training
    #expect(data.tableNumbers == numbers && data.place(ofExample: 59) == "line 61")
    let some = try data.subset([7, 3]).subset([1])
    #expect(some.tableNumbers == [numbers[3]] && some.place(ofExample: 0) == "line 5")
    #expect(some.place(ofExample: 1) == nil)
    let huge = try self.table("x,y\n1,1e200\n2,2e200\n3,3e200\n")
    expect(.invalidValue, at: folder.path + "/t.csv", mentioning: "target 'y' are too large") {
      try PreparedTable(huge, .init(target: ["y"], task: .regression))
    }
  }
}

import Datasets
import Testing

/// Numbers of rows that a table has not.
@Suite struct RowNumberTests {
  private func table() throws -> Table {
    try Table(columns: [
      .init(name: "x", values: .numbers((0..<60).map { Double($0 % 7) * 1.5 })),
      .init(name: "word", values: .text(.init(codes: (0..<60).map { $0 % 3 }, dictionary: ["u", "v", "w"]))),
      .init(name: "y", values: .numbers((0..<60).map { Double($0) })),
    ])
  }

  @Test(arguments: [[-1], [5, 60], [100_000], [.min], [.max]])
  func rowsThatDoNotExistAreRefused(rows: [Int]) throws {
    let table = try table()
    let all = Array(0..<60)
    let numbers = try TargetEncoding(["y"], in: table, rows: all)
    let words = try TargetEncoding(["word"], in: table, rows: all)
    let preprocessing = try Preprocessing(learningFrom: table, rows: all, target: numbers)
    let attempts: [() throws -> Void] = [
      { _ = try Preprocessing(learningFrom: table, rows: rows, target: numbers) },
      { _ = try preprocessing.dataset(table, rows: rows) }, { _ = try preprocessing.features(of: table, rows: rows) },
      { _ = try TargetEncoding(["y"], in: table, rows: rows) }, { _ = try words.classes(table, rows: rows) },
      { _ = try ColumnSummary(table.columns[0], rows: rows) }, { _ = try ColumnSummary(table.columns[1], rows: rows) },
      { _ = try table.subset(rows) },
    ]
    for (index, attempt) in attempts.enumerated() {
      let error = #expect(throws: DatasetError.self, "\(index)", performing: attempt)
      #expect(error?.message.hasSuffix("among 60") == true, "\(index): \(error?.message ?? "")")
    }
  }

  @Test func codesThatDoNotExistAreRefused() throws {
    for codes in [[0, 2], [-3], [.max]] as [[Int32]] {
      #expect(throws: DatasetError.self) { try Table.TextValues(codes: codes, dictionary: ["u", "v"]) }
    }
    let text = try Table.TextValues(codes: [1, -1, -2, 0], dictionary: ["u", "v"])
    #expect((0..<4).map { text[$0] } == ["v", nil, nil, "u"])
  }

  @Test func textOfAColumnThatIsShorterThanTheTable() throws {
    #expect(try table().text(.init(name: "s", values: .numbers([1])), row: 30) == nil)
    #expect(try table().text(.init(name: "s", values: .numbers([1])), row: 0) == "1")
  }

  @Test func columnsAreFoundByName() throws {
    let columns = (0..<500).map { Table.Column(name: "c\($0)", values: .numbers([Double($0)])) }
    let table = try Table(columns: columns)
    for column in columns { #expect(table[column.name]?.values.count == 1 && table[column.name]?.name == column.name) }
    #expect(table["c500"] == nil)
  }

  @Test func argumentsOutOfRangeAreRefused() throws {
    let table = try table()
    #expect(throws: DatasetError.self) { try TableInspection(table, exampleCount: -1) }
    for count in [61, .max] {
      let error = #expect(throws: DatasetError.self) { try PreparedTable.folds(count, table, .init(target: ["y"])) }
      #expect(error?.message == "60 rows do not fill \(count) folds")
    }
    #expect(dateText(seconds: .nan) == "" && dateText(seconds: 0) == "1970-01-01")
  }
}

import Datasets
import Foundation
import Testing

/// What columns are found to be, and what a network is given of them.
@Suite struct PreprocessingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func table(_ text: String, _ options: TableOptions = TableOptions()) throws -> Table {
    try Table(path: folder.write("t.csv", Array(text.utf8)), options: options)
  }

  /// 200 rows of everything.
  private func mixed() throws -> Table {
    var text = ",id,age,city,rating,flag,member,note,same,none,day,skewed,label\n"
    for row in 0..<200 {
      let day = row % 28 + 1
      let age = row % 9 == 0 ? "" : "\(20 + row % 50)"
      text += "\(row),\(row * 37 % 1009),\(age),\(["Rome", "Oslo", "Lima"][row % 3]),\(row % 5),\(row % 2),"
      text += "\(row % 2 == 0 ? "yes" : "no"),some words \(row),x,,2024-0\(row % 9 + 1)-\(day),"
      text += "\(1 << (row % 20)).5,\(row % 3 == 0 ? "good" : "bad")\n"
    }
    return try table(text)
  }

  @Test func findsOutWhatColumnsAre() throws {
    let table = try mixed()
    let kinds = Dictionary(uniqueKeysWithValues: try table.columns.map {
      ($0.name, try ColumnSummary($0, rows: Array(0..<200)).kind)
    })
    #expect(
      kinds == [
        "column 1": .identifier, "id": .identifier, "age": .numeric, "city": .categorical, "rating": .categorical,
        "flag": .boolean, "member": .boolean, "note": .identifier, "same": .constant, "none": .empty, "day": .date,
        "skewed": .numeric, "label": .boolean,
      ])
  }

  @Test func describesColumns() throws {
    let table = try mixed()
    let age = try ColumnSummary(try table.column("age"), rows: Array(0..<200))
    #expect(age.missingCount == 23)
    #expect(age.statistics?.minimum == 20 && age.statistics?.maximum == 69)
    let city = try ColumnSummary(try table.column("city"), rows: Array(0..<200))
    #expect(city.frequencies.map(\.value) == ["Oslo", "Rome", "Lima"] || city.frequencies.first?.count == 67)
    #expect(city.frequencies.map(\.count) == [67, 67, 66])
    let numbers = try ColumnSummary(
      Table.Column(name: "n", values: .numbers([1, 2, 3, 4, .nan])), rows: Array(0..<5)).statistics
    #expect(numbers?.median == 2.5 && numbers?.mean == 2.5 && numbers?.lowerQuartile == 1.75)
    #expect(numbers?.standardDeviation == 1.25.squareRoot())
  }

  private func prepared(
    _ table: Table, _ options: PreprocessingOptions = PreprocessingOptions()
  ) throws -> Preprocessing {
    let rows = Array(0..<table.rowCount)
    let target = try TargetEncoding([table.columns.last?.name ?? ""], in: table, rows: rows)
    return try Preprocessing(learningFrom: table, rows: rows, target: target, options: options)
  }

  private func features(_ preprocessing: Preprocessing, _ table: Table) throws -> [[Float]] {
    let data = try preprocessing.examples(table)
    return try (0..<data.count).map { try #require(data.features(at: $0)).scalars }
  }

  @Test func standardisesNumbersAndMarksMissingOnes() throws {
    let table = try table("x,label\n1,a\n2,b\n,a\n3,b\n2,a\n")
    let made = try features(prepared(table), table)
    let unit = Float(1 / 0.5.squareRoot())
    // The mean of 1, 2, 3, 2 is 2, their deviation √½; what is missing becomes the median and has a mark.
    #expect(made == [[-unit, 0], [0, 0], [0, 1], [unit, 0], [0, 0]])
  }

  @Test func givesEachCategoryASlotAndOneToStrangers() throws {
    let table = try table("c,label\nx,a\ny,b\nz,a\nx,b\n")
    let preprocessing = try prepared(table)
    #expect(try features(preprocessing, table) == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]])
    let others = try self.table("label,c\na,w\nb,\na,z\n")
    #expect(try features(preprocessing, others) == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0]])
  }

  @Test func givesMissingCategoriesASlotWhereTheyWereSeen() throws {
    let table = try table("c,label\nx,a\n,b\ny,a\n")
    #expect(try features(prepared(table), table) == [[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]])
  }

  @Test func learnsVectorsForManyCategories() throws {
    var text = "n,c,label\n"
    for row in 0..<400 { text += "\(Double(row % 70) / 2),c\(row % 40),\(row % 2)\n" }
    let table = try table(text)
    let preprocessing = try prepared(table)
    #expect(preprocessing.embeddings.map(\.count) == [41])
    #expect(preprocessing.embeddings.map(\.size) == [13])
    let made = try features(preprocessing, table)
    // The code comes last; categories are in alphabetical order: c0, c1, c10, c11, …
    #expect(made[0].count == 2 && made[0][1] == 0 && made[10][1] == 2 && made[1][1] == 1)
  }

  @Test func scalesSkewedNumbersByTheirRanks() throws {
    var text = "x,label\n"
    for row in 0..<100 { text += "\(pow(2.0, Double(row) / 4)),\(row % 2)\n" }
    let table = try table(text)
    let made = try features(prepared(table), table).map { $0[0] }
    #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
    #expect(abs(made[49] + made[50]) < 0.03 && abs(made[0] + made[99]) < 0.03)
    // What is 84 % of the way up is one standard deviation above the middle.
    #expect(abs(made[83] - 1) < 0.05)
  }

  @Test func splitsNumbersIntoIntervals() throws {
    let table = try table("x,label\n0.5,a\n1.5,b\n2.5,a\n3.5,b\n4.5,a\n")
    let made = try features(prepared(table, PreprocessingOptions(scaling: .standard, intervalCount: 2)), table)
    for (row, expected) in [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1]].enumerated() {
      #expect(zip(made[row].dropFirst(), expected).allSatisfy { abs(Double($0) - $1) < 1e-6 }, "\(made[row])")
    }
  }

  @Test func makesCirclesOfDates() throws {
    var text = "day,label\n"
    for row in 0..<300 { text += "202\(row / 100)-\(row % 12 + 1)-\(row % 28 + 1) \(row % 24):00,\(row % 2)\n" }
    let table = try table(text)
    let preprocessing = try prepared(table)
    #expect(preprocessing.columns.first?.cycles == [.year, .week, .day])
    for row in try features(preprocessing, table) {
      #expect(row.count == 7)
      for circle in 0..<3 {
        #expect(abs(row[1 + 2 * circle] * row[1 + 2 * circle] + row[2 + 2 * circle] * row[2 + 2 * circle] - 1) < 1e-5)
      }
    }
  }

  @Test func learnsFromTheTrainingRowsAlone() throws {
    let table = try table(
      "x,c,label\n" + (0..<50).map { "\($0 % 7).5,k\($0 % 3),\($0 % 2)\n" }.joined() + "1e6,new,1\n")
    let rows = Array(0..<50)
    let target = try TargetEncoding(["label"], in: table, rows: rows)
    let preprocessing = try Preprocessing(learningFrom: table, rows: rows, target: target)
    let without = try Preprocessing(learningFrom: table.subset(rows), rows: rows, target: target)
    #expect(preprocessing.columns == without.columns)
    #expect(preprocessing.columns[1].categories == ["k0", "k1", "k2"])
  }

  @Test func keepsItsArithmeticInAFile() throws {
    let table = try mixed()
    let rows = Array(0..<200)
    let target = try TargetEncoding(["label"], in: table, rows: rows)
    let preprocessing = try Preprocessing(
      learningFrom: table, rows: rows, target: target, options: PreprocessingOptions(intervalCount: 5))
    let read = try JSONDecoder().decode(Preprocessing.self, from: JSONEncoder().encode(preprocessing))
    #expect(read == preprocessing)
    #expect(try features(read, table) == features(preprocessing, table))
    #expect(preprocessing.leftOut.map(\.name) == ["column 1", "id", "note", "same", "none"])
  }

  /// Settings of the encoding of one of the columns of `mixed`, and what they are changed to.
  static let unusable: [(column: String, changes: String)] = [
    ("city", #""scaling": {"standard": {"center": 0, "scale": 1}}"#), ("city", #""cycles": ["day"]"#),
    ("age", #""cycles": ["day"]"#), ("age", #""embeddingSize": 3"#), ("day", #""storage": "text""#),
    ("age", #""storage": "text""#),
  ]

  @Test(arguments: unusable.indices)
  func refusesEncodingsWhosePartsDoNotFit(index: Int) throws {
    let (name, changes) = Self.unusable[index]
    let table = try mixed()
    let rows = Array(0..<200)
    let preprocessing = try Preprocessing(
      learningFrom: table, rows: rows, target: TargetEncoding(["label"], in: table, rows: rows))
    #expect(throws: Never.self) { try preprocessing.validate() }
    func object(_ text: Data) throws -> [String: Any] {
      try #require(JSONSerialization.jsonObject(with: text) as? [String: Any])
    }
    var description = try object(JSONEncoder().encode(preprocessing))
    var columns = try #require(description["columns"] as? [[String: Any]])
    let place = try #require(columns.firstIndex { $0["name"] as? String == name })
    for (key, value) in try object(Data("{\(changes)}".utf8)) { columns[place][key] = value }
    description["columns"] = columns
    let changed = try JSONDecoder().decode(
      Preprocessing.self, from: JSONSerialization.data(withJSONObject: description))
    #expect(changed != preprocessing)
    expect(.invalidValue, mentioning: "the encoding of column '\(name)' cannot be used") { try changed.validate() }
  }

  @Test(arguments: [0, 2, 1000])
  func acceptsEveryEncodingThatItLearns(greatestOneHotCount: Int) throws {
    let table = try mixed()
    let rows = Array(0..<200)
    let target = try TargetEncoding(["label"], in: table, rows: rows)
    for kind in [ColumnKind.numeric, .categorical, .boolean, .date] {
      for keepsOrder in [true, false] {
        for leastCategoryCount in [1, 1_000_000] {
          let options = PreprocessingOptions(
            intervalCount: 3, keepsOrder: keepsOrder, greatestOneHotCount: greatestOneHotCount,
            leastCategoryCount: leastCategoryCount)
          let kinds = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, kind) })
          let preprocessing = try Preprocessing(
            learningFrom: table, rows: rows, target: target, column: kinds, options: options)
          #expect(throws: Never.self) { try preprocessing.validate() }
          let data = try preprocessing.dataset(table)
          #expect(data.features(at: 199)?.shape == [preprocessing.expansion.width])
        }
      }
    }
  }

  @Test(arguments: [0, 3, 16, 17, 61])
  func fillsBatchesAsItGivesExamples(batchSize: Int) throws {
    let table = try mixed()
    let options = PreparedTable.Options(
      target: ["label"], split: TableSplit(testFraction: 0), preprocessing: PreprocessingOptions(intervalCount: 3))
    let data = try PreparedTable(table, options).splits.training
    let rows = (0..<batchSize).map { $0 * 37 % 200 }
    let width = data.featureShape.count
    var batch = [Float](repeating: -1, count: (batchSize + 1) * width)
    try batch.withUnsafeMutableBufferPointer { try data.copyFeatures(of: rows[...], into: $0) }
    let examples = try rows.map { try #require(data.features(at: $0)).scalars }
    #expect(batch == Array(examples.joined()) + [Float](repeating: -1, count: width))
    #expect(Set(examples).count >= batchSize / 2)
    let part = try data.subset([199, 3])
    #expect(part.features(at: 0) == data.features(at: 199))
  }

  @Test func saysWhichColumnsAPredictionLacks() throws {
    let preprocessing = try prepared(table("x,y,label\n1.5,2.5,a\n2.5,1,b\n3,7,a\n"))
    let path = folder.path + "/t.csv"
    expect(.mismatch, at: path, mentioning: "the column 'y'") { try preprocessing.examples(table("x\n1\n")) }
    _ = try folder.write("t.csv", Array("x,y\n1.5,2\noops,3\n".utf8))
    expect(.invalidValue, at: path, mentioning: "line 3, column 'x': 'oops' is no number") {
      try preprocessing.table(path: path)
    }
    _ = try folder.write("t.csv", Array("y,x,other\n1.5,2,z\n".utf8))
    #expect(try preprocessing.examples(preprocessing.table(path: path)).count == 1)
  }
}

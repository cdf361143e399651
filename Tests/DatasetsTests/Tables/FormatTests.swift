import Datasets
import Foundation
import class GRDB.DatabaseQueue
import Testing

/// Tables that are no delimited text.
@Suite struct FormatTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func texts(_ table: Table) -> [String: [String?]] {
    Dictionary(uniqueKeysWithValues: table.columns.map { column in
      (column.name, (0..<table.rowCount).map { table.text(column, row: $0) })
    })
  }

  @Test func readsJSONLines() throws {
    let text = """
      \u{FEFF}{"n": 1, "t": "x", "b": true, "day": "2024-01-31"}

      {"n": 2.5, "b": false, "t": null, "day": "2024-02-01", "late": 7}
      {"t": "NA", "n": -3e2, "day": "", "b": true}
      """
    let table = try Table(path: folder.write("t.jsonl", Array(text.utf8)))
    #expect(
      texts(table) == [
        "n": ["1", "2.5", "-300"], "t": ["x", nil, nil], "b": ["true", "false", "true"],
        "day": ["2024-01-31", "2024-02-01", nil], "late": [nil, "7", nil],
      ])
    #expect(table.place(ofRow: 1) == "line 3")
    let compressed = try Table(path: folder.write("t.jsonl.gz", gzip(Array(text.utf8))))
    #expect(texts(compressed) == texts(table))
  }

  private func makeDatabase() throws -> String {
    let path = folder.path + "/t.sqlite"
    let database = try DatabaseQueue(path: path)
    try database.write { database in
      try database.execute(sql: "CREATE TABLE people (age INTEGER, name TEXT, weight REAL)")
      try database.execute(
        sql: "INSERT INTO people VALUES (30, 'Ada', 60.5), (NULL, 'Ben', 80), (41, NULL, NULL), (30, 'Ada', 61)")
    }
    return path
  }

  @Test func readsDatabases() throws {
    let path = try makeDatabase()
    let all: [String: [String?]] = [
      "age": ["30", nil, "41", "30"], "name": ["Ada", "Ben", nil, "Ada"], "weight": ["60.5", "80", nil, "61"],
    ]
    #expect(try texts(Table(path: path)) == all)
    #expect(try texts(Table(path: path, options: TableOptions(table: "people"))) == all)
    let query = TableOptions(query: "SELECT age * 2 AS double FROM people WHERE age IS NOT NULL ORDER BY age DESC")
    #expect(try texts(Table(path: path, options: query)) == ["double": ["82", "60", "60"]])
  }

  @Test func refusesWhatDatabasesDoNotHave() throws {
    let path = try makeDatabase()
    expect(.invalidArgument, at: path, mentioning: "the tables are 'people'") {
      try Table(path: path, options: TableOptions(table: "animals"))
    }
    expect(.unreadable, at: path, mentioning: "no such column: wings") {
      try Table(path: path, options: TableOptions(query: "SELECT wings FROM people"))
    }
    expect(.invalidArgument, at: path, mentioning: "would change the database") {
      try Table(path: path, options: TableOptions(query: "DELETE FROM people"))
    }
    expect(.empty, at: path, mentioning: "no rows") {
      try Table(path: path, options: TableOptions(query: "SELECT * FROM people WHERE age > 99"))
    }
  }

  @Test(arguments: [
    ("<f8", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0x02, 0xC0]), ("<f2", [0x00, 0x3E, 0x80, 0xC0]),
    ("<f4", [0, 0, 0xC0, 0x3F, 0, 0, 0x10, 0xC0]), (">f4", [0x3F, 0xC0, 0, 0, 0xC0, 0x10, 0, 0]),
  ] as [(String, [UInt8])])
  func readsArrays(type: String, bytes: [UInt8]) throws {
    let array = try NumPyArray(path: folder.write("a.npy", npy(type, "(2,)", bytes)))
    #expect(array.shape == [2])
    #expect(array.values == [1.5, -2.25])
  }

  @Test func readsWholeNumbersAndBooleans() throws {
    #expect(try NumPyArray(path: folder.write("a.npy", npy("<i2", "(2,)", [0xFE, 0xFF, 3, 0]))).values == [-2, 3])
    #expect(try NumPyArray(path: folder.write("a.npy", npy("|b1", "(2,)", [1, 0]))).values == [1, 0])
    #expect(try NumPyArray(path: folder.write("a.npy", npy("|u1", "()", [200]))).values == [200])
  }

  @Test func makesColumnsOfMatrices() throws {
    let table = try Table(path: folder.write("a.npy", npy("|u1", "(2, 3)", [1, 2, 3, 4, 5, 6])))
    #expect(texts(table) == ["column 1": ["1", "4"], "column 2": ["2", "5"], "column 3": ["3", "6"]])
  }

  @Test func readsArchivesOfArrays() throws {
    let entries = [("x.npy", npy("|u1", "(2, 2)", [1, 2, 3, 4])), ("y.npy", npy("|u1", "(2,)", [5, 6]))]
    let table = try Table(path: folder.write("a.npz", storedZip(entries)))
    #expect(texts(table) == ["x 1": ["1", "3"], "x 2": ["2", "4"], "y": ["5", "6"]])
    var damaged = storedZip(entries)
    damaged[40 + 127] ^= 1
    let path = try folder.write("b.npz", damaged)
    expect(.corrupt, at: path, mentioning: "checksum") { try Table(path: path) }
  }

  /// What numpy.savez_compressed has written: `x = float32 [[1.5, 2], [3, 4]]`, `y = int64 [7, -8]`.
  @Test func readsWhatNumPyCompresses() throws {
    let table = try Table(path: fixture("numpy.npz"))
    #expect(texts(table) == ["x 1": ["1.5", "3"], "x 2": ["2", "4"], "y": ["7", "-8"]])
  }
}

/// A file of `Tests/Fixtures`.
func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Fixtures/\(name)")
    .standardizedFileURL.path
}

/// A zip archive whose files are not compressed.
func storedZip(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
  func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
  var archive: [UInt8] = []
  var directory: [UInt8] = []
  for (name, bytes) in files {
    // Version, flags, method and date; then what tells of the content.
    var common: [UInt8] = little(20, 2) + little(0, 8)
    common += little(Int(checksum(bytes)), 4)
    common += little(bytes.count, 4)
    common += little(bytes.count, 4)
    common += little(name.utf8.count, 2)
    common += little(0, 2)
    directory += [0x50, 0x4B, 1, 2, 20, 0]
    directory += common
    directory += little(0, 10)
    directory += little(archive.count, 4)
    directory += Array(name.utf8)
    archive += [0x50, 0x4B, 3, 4]
    archive += common
    archive += Array(name.utf8)
    archive += bytes
  }
  var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
  end += little(files.count, 2)
  end += little(files.count, 2)
  end += little(directory.count, 4)
  end += little(archive.count, 4)
  end += little(0, 2)
  return archive + directory + end
}

/// The checksum of zip and gzip, bit by bit.
private func checksum(_ bytes: [UInt8]) -> UInt32 {
  var value: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    value ^= UInt32(byte)
    for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
  }
  return ~value
}

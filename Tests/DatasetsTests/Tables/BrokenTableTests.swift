import Datasets
import Foundation
import Testing

/// Whatever is wrong with a file, the error says what, where and what to do.
@Suite struct BrokenTableTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let kind: DatasetError.Kind
    let bytes: [UInt8]
    let words: [String]
    let options: TableOptions
    let name: String

    init(
      _ kind: DatasetError.Kind, _ text: String, _ words: String..., options: TableOptions = TableOptions(),
      name: String = "table.csv"
    ) {
      self.init(kind, bytes: Array(text.utf8), words, options: options, name: name)
    }

    init(
      _ kind: DatasetError.Kind, bytes: [UInt8], _ words: [String], options: TableOptions = TableOptions(),
      name: String = "table.csv"
    ) {
      (self.kind, self.bytes, self.words, self.options, self.name) = (kind, bytes, words, options, name)
    }

    var testDescription: String { "\(kind): \(words.joined(separator: ", "))" }
  }

  private static let numbers = (0..<200).map { "\($0),x\n" }.joined()

  @Test(arguments: [
    Case(.empty, "", "empty"),
    Case(.empty, "\n\n", "no lines"),
    Case(.empty, "a,b\n", "no rows"),
    Case(.wrongContent, "1,2\n3,4\n", "names no columns", "--no-header"),
    Case(.wrongContent, "a,b,a\n1,2,3\n", "columns 1 and 3", "'a'"),
    Case(.wrongContent, "a,b\n1,2\n3\n", "line 3", "1 fields", "2 columns"),
    Case(.wrongContent, "a,b\n1,2\n3,4,5\n", "line 3", "3 fields", "'3,4,5'"),
    Case(.wrongContent, "a,b\n\n\"x\ny\",2\n3\n", "line 5", "1 fields"),
    Case(.wrongContent, "a,b\n1,\"x\n2,y\n", "line 2", "never closed"),
    Case(.wrongContent, "a,b\n1,\"x\"y\n", "line 2", "closing quote"),
    Case(.wrongContent, "\"a\n1\n2\n", "line 1", "never closed"),
    Case(
      .invalidValue, "n,t\n" + numbers + "oops,x\n" + numbers, "line 202", "column 'n'", "'oops'", "no number",
      "--missing"),
    Case(.invalidValue, "n,t\n" + numbers + "1e999,x\n", "line 202", "'1e999'", "no number"),
    Case(.invalidValue, "n,t\n" + numbers + "1_000,x\n", "'1_000'"),
    Case(.invalidValue, "n\n1\n2\nthree\n", "line 4", "'three'", options: TableOptions(column: ["n": .numeric])),
    Case(
      .invalidValue, "d\n" + (1...28).map { "2024-01-\($0)\n" }.joined() + "2024-02-30\n", "line 30", "'2024-02-30'",
      "no date"),
    Case(.invalidArgument, "a,b\n1,2\n", "no column 'c'", "'a', 'b'", options: TableOptions(column: ["c": .numeric])),
    Case(
      .invalidArgument, "a\n1\n", "every column", options: TableOptions(column: ["a": .ignore])),
    Case(.invalidArgument, "a,b\n1,2\n", "'ab' cannot be used", options: TableOptions(delimiter: "ab")),
    Case(.wrongFormat, bytes: [0xFF, 0xFE, 0x61, 0, 0x2C, 0], ["UTF-16", "UTF-8"]),
    Case(.wrongFormat, bytes: Array("a,b\n1,\0\n".utf8), ["no text"]),
    Case(.invalidValue, bytes: Array("a,b\n1,caf".utf8) + [0xE9, 0x0A], ["line 2", "column 'b'", "UTF-8"]),
    Case(.wrongFormat, bytes: [0xE9] + Array(",b\n1,2\n".utf8), ["line 1", "UTF-8"]),
    Case(.truncated, bytes: [0x1F, 0x8B, 8], ["cut short"], name: "table.csv.gz"),
    Case(
      .corrupt, bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + Array(repeating: 0xFF, count: 99), ["damaged"],
      name: "table.csv.gz"),
    Case(.wrongFormat, "{\"a\": 1}\n{\"a\": }\n", "line 2", "no JSON", name: "table.jsonl"),
    Case(.wrongContent, "{\"a\": 1}\n[1, 2]\n", "line 2", "object", name: "table.jsonl"),
    Case(.wrongContent, "{\"a\": 1}\n{\"a\": [1]}\n", "line 2", "column 'a'", "list", name: "table.jsonl"),
    Case(.unreadable, bytes: Array("SQLite format 3\0".utf8) + [1, 2, 3], ["database"], name: "table.sqlite"),
    Case(.truncated, bytes: npy("<f8", "(3,)", [0, 0, 0]), ["3 bytes"], name: "array.npy"),
    Case(.wrongContent, bytes: npy("|S3", "(1,)", [65, 66, 67]), ["'|S3'"], name: "array.npy"),
    Case(.wrongContent, bytes: npy("|u1", "(1, 1, 1)", [1]), ["[1, 1, 1]"], name: "array.npy"),
    Case(
      .truncated, bytes: [0x93] + Array("NUMPY".utf8) + Array(repeating: 1, count: 6), ["header"], name: "array.npy"),
    Case(.truncated, bytes: npy("<f8", "(99999999999, 99999999999)", []), ["elements"], name: "array.npy"),
    Case(
      .corrupt, bytes: Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 40), ["directory"], name: "arrays.npz"),
  ])
  func saysWhatIsWrong(case broken: Case) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(broken.name, broken.bytes)
    let error = #expect(throws: DatasetError.self) { try Table(path: path, options: broken.options) }
    let text = error.map { "\($0)" } ?? ""
    #expect(error?.kind == broken.kind, "\(text)")
    #expect(error?.advice.isEmpty == false)
    for word in broken.words { #expect(text.contains(word), "\(text)") }
    if broken.kind != .invalidArgument || !broken.words[0].contains("cannot") {
      #expect(error?.path.hasPrefix(path) == true, "\(text)")
    }
  }

  @Test func saysWhatIsNotThere() throws {
    expect(.missing, at: "/nowhere/table.csv", mentioning: "no such file") { try Table(path: "/nowhere/table.csv") }
    let folder = try TemporaryFolder()
    expect(.unreadable, at: folder.path, mentioning: "folder") { try Table(path: folder.path) }
    let table = try Table(path: folder.write("t.csv", Array("Age,b\n1,2\n".utf8)))
    let error = #expect(throws: DatasetError.self) { try table.column("age") }
    #expect(error?.description.contains("did you mean 'Age'") == true)
  }

  /// Every prefix and some damaged bytes of a good file either give a table or an error, but never a trap.
  @Test func survivesDamage() throws {
    let folder = try TemporaryFolder()
    let good = Array("a,b,\"c d\"\r\n1,\"x\"\"y\",2024-01-31\r\n-2.5e3,é,2024-02-01\n,,\n".utf8)
    var variants = (0...good.count).map { Array(good[..<$0]) }
    for position in good.indices {
      for byte in [UInt8(0), 10, 13, 34, 44, 0xC3, 0xFF] {
        var bytes = good
        bytes[position] = byte
        variants.append(bytes)
      }
    }
    for bytes in variants {
      let path = try folder.write("t.csv", bytes)
      do {
        #expect(try Table(path: path).rowCount > 0)
      } catch let error as DatasetError {
        #expect(!error.advice.isEmpty)
      }
    }
  }
}

/// The bytes of an NPY file of version 1.
func npy(_ type: String, _ shape: String, _ data: [UInt8], order: String = "False") -> [UInt8] {
  var header = Array("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }".utf8)
  while (header.count + 11) % 64 != 0 { header.append(32) }
  header.append(10)
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header + data
}

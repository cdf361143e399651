import CTables

/// Reads a delimited text in chunks and splits them into records.
///
/// A class because it owns memory, whose size depends on the longest record, not on the file's.
final class DelimitedChunks {
  private let stream: ByteStream
  private var buffer: UnsafeMutableRawBufferPointer
  private let fields: UnsafeMutablePointer<chainrule_field>
  private let lines: UnsafeMutablePointer<UInt64>
  private static let fieldCapacity = 1 << 17
  private static let greatestChunk = 1 << 30
  private var filled = 0
  private var scan = chainrule_scan()
  /// How many records were given out.
  private(set) var recordCount = 0
  private(set) var isAtEnd = false

  /// Records of a chunk.
  struct Records {
    let bytes: UnsafePointer<UInt8>
    let fields: UnsafePointer<chainrule_field>
    /// The line of each, from 0.
    let lines: UnsafePointer<UInt64>
    let count: Int
    let columnCount: Int
    let firstRow: Int
  }

  /// - Parameter columnCount: the number of fields of each record; nil to take that of the first.
  init(_ stream: ByteStream, delimiter: UInt8, columnCount: Int? = nil, chunkByteCount: Int = 1 << 21) throws {
    self.stream = stream
    buffer = .allocate(byteCount: chunkByteCount, alignment: 16)
    fields = .allocate(capacity: Self.fieldCapacity)
    lines = .allocate(capacity: Self.fieldCapacity)
    scan.delimiter = delimiter
    scan.column_count = columnCount ?? 0
    scan.fields = fields
    scan.lines = lines
    scan.field_capacity = Self.fieldCapacity
    try refill()
    try skipMark()
  }

  deinit {
    buffer.deallocate()
    fields.deallocate()
    lines.deallocate()
  }

  /// What the text begins with.
  var start: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[scan.position..<filled]) }

  /// How many bytes of the text the records that were given out have taken.
  private(set) var usedByteCount = 0

  /// The next records; nil at the end.
  func next() throws -> Records? {
    while !isAtEnd {
      let before = scan.position
      scan.bytes = UnsafePointer(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
      scan.byte_count = filled
      let status = chainrule_scan_records(&scan)
      usedByteCount += scan.position - before
      if scan.record_count > 0, let bytes = scan.bytes {
        defer { recordCount += scan.record_count }
        return Records(
          bytes: bytes, fields: fields, lines: lines, count: scan.record_count, columnCount: scan.column_count,
          firstRow: recordCount)
      }
      try check(status)
      if scan.is_last {
        isAtEnd = true
      } else {
        try refill()
      }
    }
    return nil
  }

  /// Moves what is left to the start of the memory and fills up the rest.
  private func refill() throws {
    let rest = filled - scan.position
    if rest > buffer.count / 2 {
      guard buffer.count < Self.greatestChunk else { throw tooLong() }
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * buffer.count, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[scan.position..<filled]))
      buffer.deallocate()
      buffer = larger
    } else if rest > 0, let base = buffer.baseAddress {
      base.copyMemory(from: base + scan.position, byteCount: rest)
    }
    scan.position = 0
    filled = rest
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
    let count = try stream.read(into: room)
    filled += count
    scan.is_last = count < room.count
  }

  /// Skips the mark of UTF-8, and refuses what is no such text.
  private func skipMark() throws {
    let start = start
    if start.starts(with: [0xEF, 0xBB, 0xBF]) { scan.position = 3 }
    guard !start.isEmpty else {
      throw DatasetError(.empty, path: stream.path, "the file is empty", advice: "copy or download it again")
    }
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
      throw DatasetError(
        .wrongFormat, path: stream.path, "the text is in UTF-16", advice: "save it in UTF-8")
    }
    if start.prefix(4096).contains(0) {
      throw DatasetError(
        .wrongFormat, path: stream.path, "this is no text: it has bytes of zero",
        advice: "give a CSV, TSV, JSON Lines, SQLite, NPY or NPZ file")
    }
  }

  private func check(_ status: chainrule_scan_status) throws {
    switch status {
    case CHAINRULE_SCAN_FIELD_COUNT:
      let (found, expected) = (Int(scan.found_count), Int(scan.column_count))
      throw error(
        "there are \(found) fields, but \(expected) columns, in '\(excerpt)'",
        advice: found > expected
          ? "put fields that contain the delimiter between double quotes, or name the right --delimiter"
          : "add the missing fields, empty where nothing is known, or name the right --delimiter")
    case CHAINRULE_SCAN_TEXT_AFTER_QUOTE:
      throw error(
        "text follows the closing quote of a field, in '\(excerpt)'",
        advice: "write double quotes within a quoted field twice")
    case CHAINRULE_SCAN_OPEN_QUOTE:
      throw error("a quoted field of the record that begins here is never closed", advice: "add the closing quote")
    case CHAINRULE_SCAN_FULL:
      throw error("there are more than \(Self.fieldCapacity) fields", advice: "split the file by columns")
    default: return
    }
  }

  private func tooLong() -> DatasetError {
    error(
      "the record that begins here is longer than a gigabyte", advice: "look for a quote that is never closed")
  }

  private func error(_ message: String, advice: String) -> DatasetError {
    DatasetError(.wrongContent, path: stream.path, "line \(scan.line + 1): \(message)", advice: advice)
  }

  /// The beginning of the line that does not fit.
  private var excerpt: String {
    let line = buffer[scan.position..<min(scan.position + 60, filled)].prefix { $0 != 10 && $0 != 13 }
    return String(decoding: line, as: UTF8.self) + (line.count == 60 ? "…" : "")
  }
}

import CTables

/// Reads a delimited text in chunks and splits them into records.
///
/// A class because it owns memory, whose size depends on the longest record, not on the file's.
final class DelimitedChunks {
  private let stream: ByteStream
  private var buffer: UnsafeMutableRawBufferPointer
  /// What the chunk before lies in, or where the next one will.
  private var spare: UnsafeMutableRawBufferPointer
  private var marks: UnsafeMutableBufferPointer<UInt64>
  /// Where the fields of the next records and of the last ones are noted, in turn.
  private var notes: (next: Notes, last: Notes)
  /// The memory that the last records lie in.
  private var givenOut: UnsafeMutableRawPointer?
  private static let fieldCapacity = 1 << 18
  private static let greatestChunk = 1 << 30
  private var filled = 0
  private var scan = chainrule_scan()
  /// How many records were given out.
  private(set) var recordCount = 0
  private(set) var isAtEnd = false

  private struct Notes {
    let fields = UnsafeMutablePointer<chainrule_field>.allocate(capacity: fieldCapacity)
    let lines = UnsafeMutablePointer<UInt64>.allocate(capacity: fieldCapacity)

    func deallocate() {
      fields.deallocate()
      lines.deallocate()
    }
  }

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
  init(_ stream: ByteStream, delimiter: UInt8, columnCount: Int? = nil, chunkByteCount: Int = 1 << 20) throws {
    self.stream = stream
    buffer = .allocate(byteCount: chunkByteCount, alignment: 64)
    spare = .allocate(byteCount: chunkByteCount, alignment: 64)
    marks = Self.marks(for: chunkByteCount)
    notes = (Notes(), Notes())
    scan.delimiter = delimiter
    scan.column_count = columnCount ?? 0
    scan.field_capacity = Self.fieldCapacity
    try refill()
    try skipMark()
  }

  private static func marks(for byteCount: Int) -> UnsafeMutableBufferPointer<UInt64> {
    .allocate(capacity: byteCount / 64 + 1)
  }

  deinit {
    buffer.deallocate()
    spare.deallocate()
    marks.deallocate()
    notes.next.deallocate()
    notes.last.deallocate()
  }

  /// What the text begins with.
  var start: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[scan.position..<filled]) }

  /// How many bytes of the text the records that were given out have taken.
  private(set) var usedByteCount = 0

  /// The next records, which stay as they are until the call after the next; nil at the end.
  func next() throws -> Records? {
    while !isAtEnd {
      let before = scan.position
      scan.bytes = UnsafePointer(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
      scan.byte_count = filled
      (scan.fields, scan.lines) = (notes.next.fields, notes.next.lines)
      let status = chainrule_scan_records(&scan)
      usedByteCount += scan.position - before
      if scan.record_count > 0, let bytes = scan.bytes {
        defer { recordCount += scan.record_count }
        notes = (notes.last, notes.next)
        givenOut = buffer.baseAddress
        return Records(
          bytes: bytes, fields: notes.last.fields, lines: notes.last.lines, count: scan.record_count,
          columnCount: scan.column_count, firstRow: recordCount)
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

  /// Moves what is left to the start of other memory, since records may lie in this one, and fills up the rest.
  private func refill() throws {
    let rest = filled - scan.position
    var size = buffer.count
    if rest > size / 2 {
      guard size < Self.greatestChunk else { throw tooLong() }
      size *= 2
    }
    let isSpareInUse = spare.baseAddress == givenOut
    let isSpareFit = !isSpareInUse && spare.count == size
    let other = isSpareFit ? spare : .allocate(byteCount: size, alignment: 64)
    other.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[scan.position..<filled]))
    if isSpareInUse {
      buffer.deallocate()
    } else {
      if !isSpareFit { spare.deallocate() }
      spare = buffer
    }
    buffer = other
    if marks.count < size / 64 + 1 {
      marks.deallocate()
      marks = Self.marks(for: size)
    }
    scan.position = 0
    filled = rest
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
    let count = try stream.read(into: room)
    filled += count
    scan.is_last = count < room.count
    chainrule_mark_signs(
      buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), filled, scan.delimiter, marks.baseAddress)
    scan.marks = UnsafePointer(marks.baseAddress)
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

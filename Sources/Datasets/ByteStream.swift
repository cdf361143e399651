import CZlib

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of a file or of memory, decompressed on the way where they begin as gzip does (RFC 1952), whatever the
/// name.
///
/// A class because it owns a file descriptor and zlib's state.
final class ByteStream {
  /// The file, or what stands for one in errors.
  let path: String
  let isCompressed: Bool
  /// The size of the file or memory, nil for what has none, such as a pipe.
  let sourceByteCount: Int?

  private var descriptor: Int32 = -1
  private let chunk: UnsafeMutableRawBufferPointer
  /// The part of the chunk that has not been used.
  private var pending: Range<Int> = 0..<0
  private let inflater: UnsafeMutablePointer<z_stream>?
  /// Whether the latest gzip member has been read to its end, checksum included.
  private var isAtMemberEnd = false
  private var memberCount = 0

  private static let chunkByteCount = 1 << 18

  convenience init(path: String) throws {
    let (descriptor, byteCount) = try openForReading(path)
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkByteCount, alignment: 16)
    do {
      let filled = try fill(chunk, from: descriptor, path: path)
      try self.init(path: path, descriptor: descriptor, chunk: chunk, filled: filled, sourceByteCount: byteCount)
    } catch {
      chunk.deallocate()
      close(descriptor)
      throw error
    }
  }

  /// - Parameter bytes: copied, so meant for small data.
  convenience init(bytes: UnsafeRawBufferPointer, name: String) throws {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    chunk.copyMemory(from: bytes)
    do {
      try self.init(path: name, descriptor: -1, chunk: chunk, filled: bytes.count, sourceByteCount: bytes.count)
    } catch {
      chunk.deallocate()
      throw error
    }
  }

  private init(
    path: String, descriptor: Int32, chunk: UnsafeMutableRawBufferPointer, filled: Int, sourceByteCount: Int?
  ) throws {
    self.path = path
    self.chunk = chunk
    self.sourceByteCount = sourceByteCount
    isCompressed = filled >= 2 && chunk[0] == 0x1F && chunk[1] == 0x8B
    inflater = isCompressed ? try makeInflater(path: path) : nil
    pending = 0..<filled
    self.descriptor = descriptor
  }

  deinit {
    if let inflater {
      inflateEnd(inflater)
      inflater.deallocate()
    }
    chunk.deallocate()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills the buffer, with less only where the data end.
  /// - Returns: the number of bytes written.
  /// - Throws: `DatasetError` when the source cannot be read or its compressed bytes are damaged.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try inflater == nil ? readPlain(into: buffer) : readInflated(into: buffer)
  }

  private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let start = buffer.baseAddress, let source = chunk.baseAddress else { return 0 }
    let ready = min(pending.count, buffer.count)
    start.copyMemory(from: source + pending.lowerBound, byteCount: ready)
    pending.removeFirst(ready)
    guard ready < buffer.count, descriptor >= 0 else { return ready }
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[ready...])
    return try ready + fill(rest, from: descriptor, path: path)
  }

  private func readInflated(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let inflater, let start = buffer.baseAddress else { return 0 }
    var produced = 0
    while produced < buffer.count {
      if pending.isEmpty, descriptor >= 0 { pending = 0..<(try fill(chunk, from: descriptor, path: path)) }
      if isAtMemberEnd {
        if pending.isEmpty { return produced }
        inflateReset(inflater)
        isAtMemberEnd = false
      }
      guard !pending.isEmpty, let source = chunk.baseAddress else {
        throw DatasetError(
          .truncated, path: path,
          "the gzip data end in the middle, after \(produced) of \(buffer.count) bytes asked for",
          advice: "the file is cut short: copy or download it again")
      }
      let room = min(buffer.count - produced, 1 << 30)
      inflater.pointee.next_in = (source + pending.lowerBound).assumingMemoryBound(to: UInt8.self)
      inflater.pointee.avail_in = UInt32(pending.count)
      inflater.pointee.next_out = (start + produced).assumingMemoryBound(to: UInt8.self)
      inflater.pointee.avail_out = UInt32(room)
      let status = inflate(inflater, Z_NO_FLUSH)
      pending.removeFirst(pending.count - Int(inflater.pointee.avail_in))
      produced += room - Int(inflater.pointee.avail_out)
      try finishStep(status, inflater)
    }
    return produced
  }

  private func finishStep(_ status: Int32, _ inflater: UnsafeMutablePointer<z_stream>) throws {
    switch status {
    case Z_OK, Z_BUF_ERROR: return
    case Z_STREAM_END:
      isAtMemberEnd = true
      memberCount += 1
    case Z_DATA_ERROR where memberCount > 0 && inflater.pointee.total_out == 0:
      throw DatasetError(
        .trailingBytes, path: path, "bytes that are no gzip follow the end of the gzip data",
        advice: "remove them, or copy or download the file again")
    default:
      let reason = inflater.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
      throw DatasetError(
        .corrupt, path: path, "the gzip data are damaged (\(reason))", advice: "copy or download the file again")
    }
  }

  /// Checks that the data end here; for gzip this is where the last checksum is compared.
  /// - Parameter expectation: what was complete before, for the error.
  func expectEnd(after expectation: String) throws {
    var byte: UInt8 = 0
    let extra = try withUnsafeMutableBytes(of: &byte) { try read(into: $0) }
    guard extra == 0 else {
      throw DatasetError(
        .trailingBytes, path: path, "bytes follow \(expectation)",
        advice: "the header and the data do not belong together: copy or download the file again")
    }
  }

  /// The most bytes that the rest of the source can hold: deflate repeats at most 258 bytes in 2 bits (1,032 : 1).
  var greatestByteCount: Int? {
    guard let sourceByteCount else { return nil }
    guard isCompressed else { return sourceByteCount }
    let (greatest, overflow) = sourceByteCount.multipliedReportingOverflow(by: 1032)
    return overflow ? .max : greatest
  }
}

private func makeInflater(path: String) throws -> UnsafeMutablePointer<z_stream> {
  let inflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  inflater.initialize(to: z_stream())
  // 15: the largest window; 16 more: a gzip header and trailer, whose checksum zlib then compares.
  let status = inflateInit2_(inflater, 15 + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
  guard status == Z_OK else {
    inflater.deallocate()
    throw DatasetError(
      .unreadable, path: path, "zlib cannot start (status \(status))", advice: "free some memory, or reinstall zlib")
  }
  return inflater
}

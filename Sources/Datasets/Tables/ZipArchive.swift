import CZlib

/// The files in a zip archive, as NumPy's `savez` and `savez_compressed` write it: stored or deflated, without
/// encryption. Source: PKWARE's "APPNOTE.TXT — .ZIP File Format Specification" 6.3.10.
struct ZipArchive {
  static let mark = Array("PK\u{3}\u{4}".utf8)

  private let path: String
  private let bytes: [UInt8]

  init(path: String) throws {
    self.path = path
    let stream = try ByteStream(path: path)
    guard let count = stream.sourceByteCount else {
      throw DatasetError(
        .unreadable, path: path, "an archive cannot be read from a pipe", advice: "save it as a file first")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withUnsafeMutableBytes { try stream.read(into: $0) }
    self.bytes = Array(bytes.prefix(filled))
  }

  /// The arrays of an NPZ file in the order of their names.
  func arrays() throws -> [(name: String, array: NumPyArray)] {
    let arrays = try entries().filter { $0.name.hasSuffix(".npy") }.sorted { $0.name < $1.name }.map { entry in
      (String(entry.name.dropLast(4)), try NumPyArray(bytes: content(entry), path: "\(path), \(entry.name)"))
    }
    guard !arrays.isEmpty else {
      throw DatasetError(.empty, path: path, "the archive has no arrays", advice: "save some with numpy.savez")
    }
    return arrays
  }

  private struct Entry {
    let name: String
    let method: Int
    let checksum: UInt32
    let compressedCount: Int
    let count: Int
    let offset: Int
  }

  private func little(_ offset: Int, _ count: Int) throws -> Int {
    guard offset >= 0, offset <= bytes.count - count else { throw damaged("it ends too early") }
    return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  private func damaged(_ reason: String) -> DatasetError {
    DatasetError(.corrupt, path: path, "the archive is damaged (\(reason))", advice: "copy or save it again")
  }

  /// What the directory at the archive's end lists.
  private func entries() throws -> [Entry] {
    // The end's record is followed by a comment of at most 65,535 bytes.
    let candidates = stride(from: bytes.count - 22, through: max(0, bytes.count - 22 - 65_535), by: -1)
    guard let end = candidates.first(where: { $0 >= 0 && bytes[$0...].starts(with: [0x50, 0x4B, 5, 6]) }) else {
      throw damaged("its directory is missing")
    }
    var entries: [Entry] = []
    var position = try little(end + 16, 4)
    for _ in 0..<(try little(end + 10, 2)) {
      guard try little(position, 4) == 0x0201_4B50 else { throw damaged("its directory cannot be read") }
      let nameCount = try little(position + 28, 2)
      let sizes = [try little(position + 20, 4), try little(position + 24, 4), try little(position + 42, 4)]
      _ = try little(position + 46 + nameCount - 1, 1)
      let name = String(decoding: bytes[(position + 46)..<(position + 46 + nameCount)], as: UTF8.self)
      guard sizes.allSatisfy({ $0 < 0xFFFF_FFFF }), try little(position + 8, 2) & 1 == 0 else {
        throw DatasetError(
          .tooLarge, path: path, "'\(name)' is encrypted or larger than 4 GB",
          advice: "save arrays of that size as NPY files")
      }
      entries.append(
        Entry(
          name: name, method: try little(position + 10, 2), checksum: UInt32(try little(position + 16, 4)),
          compressedCount: sizes[0], count: sizes[1], offset: sizes[2]))
      position += 46 + nameCount + (try little(position + 30, 2)) + (try little(position + 32, 2))
    }
    return entries
  }

  private func content(_ entry: Entry) throws -> [UInt8] {
    guard try little(entry.offset, 4) == 0x0403_4B50 else { throw damaged("'\(entry.name)' is not where it should be") }
    let start = entry.offset + 30 + (try little(entry.offset + 26, 2)) + (try little(entry.offset + 28, 2))
    guard start <= bytes.count, entry.compressedCount <= bytes.count - start else {
      throw damaged("'\(entry.name)' ends too early")
    }
    let packed = bytes[start..<(start + entry.compressedCount)]
    // Deflate repeats at most 258 bytes in 2 bits.
    guard entry.count / 1032 <= max(packed.count, 1) else { throw damaged("'\(entry.name)' states a wrong size") }
    let content: [UInt8]
    switch entry.method {
    case 0: content = Array(packed)
    case 8: content = try inflated(packed, entry)
    default:
      throw DatasetError(
        .wrongFormat, path: path, "'\(entry.name)' is compressed by method \(entry.method)",
        advice: "save it with numpy.savez or savez_compressed")
    }
    let checksum = content.withUnsafeBytes { crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count) }
    guard content.count == entry.count, UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
      throw damaged("the checksum of '\(entry.name)' does not fit")
    }
    return content
  }

  private func inflated(_ packed: ArraySlice<UInt8>, _ entry: Entry) throws -> [UInt8] {
    var stream = z_stream()
    // Negative: deflated bytes without a header of their own.
    guard inflateInit2_(&stream, -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw DatasetError(.unreadable, path: path, "zlib cannot start", advice: "free some memory")
    }
    defer { inflateEnd(&stream) }
    var packed = Array(packed)
    var content = [UInt8](repeating: 0, count: entry.count)
    let status = packed.withUnsafeMutableBufferPointer { input in
      content.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        return inflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END else { throw damaged("'\(entry.name)' cannot be decompressed") }
    return content
  }
}

import CDeflate
import Dispatch
import Tensors

extension IDXFile {
  /// Begins to read a file of bytes in the background.
  /// - Returns: what shape the header states and the rows, one for each place of the first axis; nil for elements of
  ///   other types.
  /// - Throws: `DatasetError` when the file cannot be opened or is not IDX. What is wrong with the rest is thrown where
  ///   the rows are used.
  static func load(_ path: String) throws -> (shape: Shape, rows: ByteRows)? {
    let stream = try ByteStream(path: path)
    let header = try Header(stream)
    let shape = header.shape
    guard header.elementType == .uint8, shape.rank > 1, shape.count > 0 else { return nil }
    guard let rows = ByteRows(count: shape[0], width: shape.count / shape[0], margin: header.byteCount) else {
      throw tooLarge(stream, header.text)
    }
    // Used by one thread alone from here on.
    nonisolated(unsafe) let rest = stream
    DispatchQueue.global(qos: .userInitiated).async {
      do {
        if try !readWhole(path, rows) { try read(rest, header, rows) }
        rows.finish(0..<rows.count)
      } catch {
        rows.fail(error)
      }
    }
    return (shape, rows)
  }

  /// Reads a file, compressed or not, at once.
  /// - Returns: false where that is not possible, because the file is damaged or of several parts.
  private static func readWhole(_ path: String, _ rows: ByteRows) throws -> Bool {
    let (descriptor, byteCount) = try openForReading(path)
    defer { closeFile(descriptor) }
    guard let byteCount, let file = allocatePages(byteCount) else { return false }
    defer { freePages(file) }
    let content = UnsafeRawBufferPointer(rebasing: file[..<(try fill(file, from: descriptor, path: path))])
    var identity = Fingerprint()
    identity.add(content)
    rows.identify(identity.value)
    if content.starts(with: [0x1F, 0x8B]) { return inflateWhole(content, into: rows.memory) }
    guard content.count == rows.memory.count else { return false }
    rows.memory.copyMemory(from: content)
    return true
  }

  /// Inflates gzip data that fill a buffer exactly.
  private static func inflateWhole(_ data: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    guard let inflater = libdeflate_alloc_decompressor() else { return false }
    defer { libdeflate_free_decompressor(inflater) }
    var (used, made) = (0, 0)
    let result = libdeflate_gzip_decompress_ex(
      inflater, data.baseAddress, data.count, buffer.baseAddress, buffer.count, &used, &made)
    return result == LIBDEFLATE_SUCCESS && used == data.count && made == buffer.count
  }

  /// Reads what follows the header piece by piece, which tells what is wrong with it.
  private static func read(_ stream: ByteStream, _ header: Header, _ rows: ByteRows) throws {
    let data = UnsafeMutableRawBufferPointer(rebasing: rows.memory[header.byteCount...])
    let count = try stream.read(into: data)
    guard count == data.count else { throw truncated(stream, after: count, header.text) }
    try stream.expectEnd(after: header.text)
  }
}

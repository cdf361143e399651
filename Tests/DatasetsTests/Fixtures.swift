import CZlib
import Datasets
import Foundation
import Testing

/// A folder that is removed when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("datasets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }
}

/// The bytes of an IDX file: header and data.
func idx(_ type: IDXFile.ElementType, _ extents: [UInt32], _ data: [UInt8]) -> [UInt8] {
  [0, 0, type.rawValue, UInt8(extents.count)] + extents.flatMap(bigEndian) + data
}

/// The bytes of an IDX file of bytes.
func idx(_ extents: [UInt32], _ data: [UInt8]) -> [UInt8] { idx(.uint8, extents, data) }

func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

/// Compressed bytes, with header and checksum, as `gzip` writes them.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  var stream = z_stream()
  try #require(
    deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK
  )
  defer { deflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
  let inputCount = UInt32(input.count)
  let outputCount = UInt32(output.count)
  let status = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      stream.next_in = input.baseAddress
      stream.avail_in = inputCount
      stream.next_out = output.baseAddress
      stream.avail_out = outputCount
      return deflate(&stream, Z_FINISH)
    }
  }
  try #require(status == Z_STREAM_END)
  return Array(output.prefix(Int(stream.total_out)))
}

/// Checks that reading fails with an error of a kind that says which file, what and what to do.
func expect(
  _ kind: DatasetError.Kind, at path: String, mentioning text: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Any
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) { _ = try body() }
  guard let error else { return }
  #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
  #expect(error.path == path, sourceLocation: sourceLocation)
  #expect(error.description.contains(text), "\(error)", sourceLocation: sourceLocation)
  #expect(!error.advice.isEmpty, sourceLocation: sourceLocation)
  #expect(error.description.hasPrefix("\(path): "), sourceLocation: sourceLocation)
}

/// Two 2x3 images with the pixels 0, 20, 40 …, and the labels 1, 0.
let imageBytes = idx([2, 2, 3], (0..<12).map { UInt8($0 * 20) })
let labelBytes = idx([2], [1, 0])

/// Checks that a call fails with an error of a kind that comes from no file.
func expect(
  _ kind: DatasetError.Kind, mentioning text: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Any
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) { _ = try body() }
  guard let error else { return }
  #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
  #expect(error.path.isEmpty, sourceLocation: sourceLocation)
  #expect(error.description.contains(text), "\(error)", sourceLocation: sourceLocation)
}

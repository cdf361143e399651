import Foundation
import Interchange
import Testing

/// A folder that is removed when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("interchange-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The names of what is in it.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }
}

func bytes(at path: String) -> [UInt8]? {
  FileManager.default.contents(atPath: path).map { Array($0) }
}

/// The bytes of a safetensors file with a header as it stands.
func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
  littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// Checks that reading fails with an error of a kind that says which file, which array, what and what to do.
func expect(
  _ kind: SafetensorsError.Kind, tensor: String? = nil, mentioning text: String,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: (_ path: String) throws -> Any
) {
  let path = "model.safetensors"
  let error = #expect(throws: SafetensorsError.self, sourceLocation: sourceLocation) { _ = try body(path) }
  guard let error else { return }
  #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
  #expect(error.tensor == tensor, "\(error)", sourceLocation: sourceLocation)
  #expect(error.description.contains(text), "\(error)", sourceLocation: sourceLocation)
  #expect(error.description.hasPrefix(error.path.isEmpty ? "" : "\(error.path): "), sourceLocation: sourceLocation)
  if let tensor { #expect(error.description.contains("'\(tensor)'"), sourceLocation: sourceLocation) }
  #expect(!error.advice.isEmpty, sourceLocation: sourceLocation)
}

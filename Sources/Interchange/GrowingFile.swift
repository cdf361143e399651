#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file to which records are added while something goes on, so that others can watch it.
///
/// A class because it owns an open file.
public final class GrowingFile {
  /// The file, as it was named.
  public let path: String
  private let writer: AtomicFile.Writer

  /// Opens the file, made where it is not there, and empties it.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public init(path: String, system: AtomicFile.System = .posix) throws {
    self.path = path
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileWriteError(path: path, action: "open", code: errno) }
    writer = AtomicFile.Writer(descriptor: descriptor, path: path, system: system)
  }

  deinit { close(writer.descriptor) }

  /// Adds bytes at the end.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try writer.write($0) } }
}

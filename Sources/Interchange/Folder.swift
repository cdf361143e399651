#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A place for files.
public struct Folder: Sendable, Hashable {
  /// The folder, as it was named.
  public let path: String

  /// Names a folder; nothing is made or checked yet.
  public init(path: String) { self.path = path }

  /// The path of a file in it.
  public func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  /// Makes the folder, and those that it lies in, where they are not there.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public func create() throws {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "/" : made.isEmpty || made.hasSuffix("/") ? "\(part)" : "/\(part)"
      guard !part.isEmpty, mkdir(made, 0o777) != 0, errno != EEXIST else { continue }
      throw FileWriteError(path: path, action: "make", code: errno, thing: "folder")
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw FileWriteError(path: path, action: "make", code: ENOTDIR, thing: "folder")
    }
  }

  /// Makes a folder that is not there yet.
  /// - Returns: whether it was made; false where there is something of that name.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public func createNew() throws -> Bool {
    if mkdir(path, 0o777) == 0 { return true }
    guard errno == EEXIST else { throw FileWriteError(path: path, action: "make", code: errno, thing: "folder") }
    return false
  }

  /// Whether there is something of that name in it.
  public func contains(_ name: String) -> Bool { access(file(name), F_OK) == 0 }
}

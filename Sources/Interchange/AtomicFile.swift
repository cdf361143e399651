#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is replaced as a whole or not at all.
///
/// What is written goes to a temporary file in the same folder, which takes the file's name when all of it is on the
/// disk. Whatever fails, the file stays as it was and the temporary one is removed. A device or a pipe (`/dev/stdout`)
/// cannot be replaced and is written to as it is; through a symbolic link, the file it points to is replaced.
public struct AtomicFile: Sendable {
  /// The calls that can fail half-way, so that tests can make them fail. A negative result is an error number, negated.
  public struct System: Sendable {
    /// Writes to a descriptor some of the bytes, at least one, and returns how many.
    public var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
    /// Waits until a descriptor's data are on the disk.
    public var synchronize: @Sendable (_ descriptor: Int32) -> Int
    /// Gives a file another name, in place of the file that has it, in one step.
    public var rename: @Sendable (_ from: String, _ to: String) -> Int

    /// The calls of the operating system.
    public static let posix = System(
      write: { descriptor, bytes in
        let count = systemWrite(descriptor, bytes.baseAddress, min(bytes.count, 1 << 30))
        return count < 0 ? -Int(errno) : count
      },
      synchronize: { fsync($0) < 0 ? -Int(errno) : 0 },
      rename: { systemRename($0, $1) < 0 ? -Int(errno) : 0 })

    /// Those that wait for no disk: for what can be made again if the power fails.
    public static let unsynchronized = System(
      write: posix.write, synchronize: { _ in 0 }, rename: posix.rename)
  }

  /// Takes the bytes of a file, in order.
  public struct Writer {
    let descriptor: Int32
    let path: String
    let system: System

    /// Writes all of the bytes.
    /// - Throws: `FileWriteError`, when the disk is full for instance.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
      var rest = bytes
      while !rest.isEmpty {
        let count = system.write(descriptor, rest)
        if count == -Int(EINTR) { continue }
        // A write of nothing without an error would be tried forever.
        guard count > 0 else {
          throw FileWriteError(path: path, action: "write", code: count < 0 ? Int32(-count) : EIO)
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[min(count, rest.count)...])
      }
    }
  }

  /// The file, as it was named; links are followed when it is written.
  public let path: String
  private let system: System

  /// Names a file; nothing is opened or checked yet.
  public init(path: String, system: System = .posix) {
    self.path = path
    self.system = system
  }

  /// Replaces the file's content.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public func write(_ bytes: [UInt8]) throws {
    try write { writer in try bytes.withUnsafeBytes { try writer.write($0) } }
  }

  /// Makes sure that the file could be written now, so that long work need not be done for nothing: a temporary file is
  /// made beside it and removed.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public func checkWritable() throws {
    switch try destination() {
    case .existing: return
    case .replacing(let target, _):
      let (descriptor, temporary) = try makeTemporary(in: Self.folder(of: target))
      close(descriptor)
      unlink(temporary)
    }
  }

  /// Replaces the file's content by what `body` writes.
  /// - Throws: `FileWriteError` that names the path and the reason, or what `body` throws.
  public func write(_ body: (Writer) throws -> Void) throws {
    switch try destination() {
    case .existing: try writeThrough(body)
    case .replacing(let target, let mode): try replace(target, mode: mode, body)
    }
  }

  /// Removes temporary files from a folder that were left there because the process that wrote them was killed.
  ///
  /// Nobody may be writing into the folder.
  public static func removeTemporaries(in folder: String) {
    guard let entries = opendir(folder) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(temporaryPrefix), name.hasSuffix(temporarySuffix) { unlink("\(folder)/\(name)") }
    }
  }

  private static let temporaryPrefix = ".chainrule-"
  private static let temporarySuffix = ".tmp"

  private enum Destination {
    /// A device or a pipe.
    case existing
    /// A file, there already or not; with the permissions of the one that is there.
    case replacing(String, mode: mode_t?)
  }

  private func destination() throws -> Destination {
    guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else { throw failure("write", EINVAL) }
    var status = stat()
    let exists = stat(path, &status) == 0
    return switch status.st_mode & S_IFMT {
    case S_IFDIR where exists: throw failure("write", EISDIR)
    case S_IFREG where exists: .replacing(try resolved(path), mode: status.st_mode & 0o777)
    case _ where exists: .existing
    default: .replacing(path, mode: nil)
    }
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// - Parameter mode: the permissions of the file that is replaced; nil when there is none.
  private func replace(_ target: String, mode: mode_t?, _ body: (Writer) throws -> Void) throws {
    let folder = Self.folder(of: target)
    let (descriptor, temporary) = try makeTemporary(in: folder)
    do {
      do {
        if let mode, fchmod(descriptor, mode) != 0 { throw failure("set the permissions of", errno) }
        try body(Writer(descriptor: descriptor, path: path, system: system))
        try check("write", system.synchronize(descriptor))
      } catch {
        close(descriptor)
        throw error
      }
      // Some network file systems report a full disk only here.
      guard close(descriptor) == 0 else { throw failure("close", errno) }
      try check("replace", system.rename(temporary, target))
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronize(folder: folder)
  }

  /// The new content is in place by now, though perhaps not after a loss of power. A file system that knows no
  /// synchronising of folders is content with that; a disk that fails is not.
  private func synchronize(folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let code = Int32(-system.synchronize(descriptor))
    guard [EIO, ENOSPC, EDQUOT].contains(code) else { return }
    throw failure("make the new name permanent of", code)
  }

  private func writeThrough(_ body: (Writer) throws -> Void) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", errno) }
    defer { close(descriptor) }
    try body(Writer(descriptor: descriptor, path: path, system: system))
  }

  private func makeTemporary(in folder: String) throws -> (descriptor: Int32, path: String) {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<100 {
      let path = "\(folder)/\(Self.temporaryPrefix)\(String(generator.next(), radix: 36))\(Self.temporarySuffix)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, path) }
      guard errno == EEXIST || errno == EINTR else { break }
    }
    throw failure("create", errno)
  }

  private func resolved(_ path: String) throws -> String {
    guard let resolved = realpath(path, nil) else { throw failure("resolve", errno) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func check(_ action: String, _ result: Int) throws {
    if result < 0 { throw failure(action, Int32(-result)) }
  }

  private func failure(_ action: String, _ code: Int32) -> FileWriteError {
    FileWriteError(path: path, action: action, code: code)
  }
}

/// A file could not be written; what was there before is unchanged.
public struct FileWriteError: Error, CustomStringConvertible, Equatable {
  /// The file that was to be written.
  public let path: String
  /// What was tried, as a verb.
  public let action: String
  /// The system's error number.
  public let code: Int32
  /// What the path names: `file` or `folder`.
  public let thing: String

  /// An error that names the file, a verb for what was tried and the system's error number.
  public init(path: String, action: String, code: Int32, thing: String = "file") {
    self.path = path
    self.action = action
    self.code = code
    self.thing = thing
  }

  public var description: String {
    "\(path): cannot \(action) the \(thing) (\(String(cString: strerror(code)))); \(advice)"
  }

  private var advice: String {
    switch code {
    case ENOSPC, EDQUOT: "free some space or choose another disk"
    case EFBIG: "raise the limit on the size of files or choose another disk"
    case ENOENT, ENOTDIR: "create its folder first"
    case EACCES, EPERM, EROFS: "choose a place that you may write to"
    case EISDIR: "this is a folder: give the name of a file in it"
    case EINVAL, ENAMETOOLONG: "give the path of a file"
    default: "check the disk"
    }
  }
}

// Within `System`, these names are those of its own members.
private let systemWrite = write as @Sendable (Int32, UnsafeRawPointer?, Int) -> Int
private let systemRename = rename as @Sendable (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32

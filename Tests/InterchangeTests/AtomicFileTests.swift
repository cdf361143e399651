import Foundation
import Interchange
import Testing

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let old: [UInt8] = [1, 2, 3]
  private let new = [UInt8](repeating: 7, count: 100_000)

  /// Checks that writing to a path fails with an error that names it.
  private func expectFailure(
    _ code: Int32, at path: String, mentioning text: String, _ system: AtomicFile.System = .posix,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: FileWriteError.self, sourceLocation: sourceLocation) {
      try AtomicFile(path: path, system: system).write(new)
    }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    #expect(error?.path == path, sourceLocation: sourceLocation)
    let description = error?.description ?? ""
    #expect(description.hasPrefix("\(path): "), sourceLocation: sourceLocation)
    #expect(description.contains(text), "\(description)", sourceLocation: sourceLocation)
  }

  @Test func createsAndReplaces() throws {
    let path = "\(folder.path)/model"
    for content in [old, new, []] {
      try AtomicFile(path: path).write(content)
      #expect(bytes(at: path) == content)
      #expect(folder.names == ["model"])
    }
  }

  @Test func saysBeforehandWhetherItCanBeWritten() throws {
    let path = "\(folder.path)/model"
    try AtomicFile(path: path).checkWritable()
    #expect(folder.names.isEmpty)
    try AtomicFile(path: path).write(old)
    try AtomicFile(path: path).checkWritable()
    #expect(bytes(at: path) == old)
    #expect(folder.names == ["model"])
    for (bad, code) in [("\(path)/model", ENOTDIR), (folder.path, EISDIR), ("\(folder.path)/no/model", ENOENT)] {
      let error = #expect(throws: FileWriteError.self) { try AtomicFile(path: bad).checkWritable() }
      #expect(error?.code == code)
    }
  }

  @Test func writesInParts() throws {
    let path = "\(folder.path)/model"
    try AtomicFile(path: path).write { writer in
      for byte: UInt8 in [4, 5, 6] { try withUnsafeBytes(of: byte) { try writer.write($0) } }
    }
    #expect(bytes(at: path) == [4, 5, 6])
  }

  @Test func goesOnAfterPartialAndInterruptedWrites() throws {
    let path = "\(folder.path)/model"
    var system = AtomicFile.System.posix
    let write = system.write
    let isInterrupted = Toggle()
    system.write = { descriptor, bytes in
      isInterrupted.flip() ? -Int(EINTR) : write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(997)))
    }
    let content = (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile(path: path, system: system).write(content)
    #expect(bytes(at: path) == content)
  }

  @Test(arguments: [ENOSPC, EIO, EFBIG, EDQUOT])
  func keepsTheOldFileWhenWritingFails(code: Int32) throws {
    let path = try folder.write("model", old)
    var system = AtomicFile.System.posix
    let write = system.write
    // The disk takes the first half.
    system.write = { descriptor, bytes in
      bytes.count > 50_000 ? write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(10_000))) : -Int(code)
    }
    expectFailure(code, at: path, mentioning: "cannot write", system)
    #expect(bytes(at: path) == old)
    #expect(folder.names == ["model"])
  }

  @Test func keepsTheOldFileWhateverFails() throws {
    let path = try folder.write("model", old)
    var stuck = AtomicFile.System.posix
    stuck.write = { _, _ in 0 }
    expectFailure(EIO, at: path, mentioning: "cannot write", stuck)
    var unsynchronized = AtomicFile.System.posix
    unsynchronized.synchronize = { _ in -Int(ENOSPC) }
    expectFailure(ENOSPC, at: path, mentioning: "free some space", unsynchronized)
    var unrenamed = AtomicFile.System.posix
    unrenamed.rename = { _, _ in -Int(EROFS) }
    expectFailure(EROFS, at: path, mentioning: "cannot replace", unrenamed)
    #expect(throws: CancellationError.self) {
      try AtomicFile(path: path).write { writer in
        try old.withUnsafeBytes { try writer.write($0) }
        throw CancellationError()
      }
    }
    #expect(bytes(at: path) == old)
    #expect(folder.names == ["model"])
  }

  @Test func leavesNothingWhenThereWasNothing() {
    var system = AtomicFile.System.posix
    system.write = { _, _ in -Int(ENOSPC) }
    expectFailure(ENOSPC, at: "\(folder.path)/model", mentioning: "free some space", system)
    #expect(folder.names == [])
  }

  @Test func synchronizesBeforeRenamingAndTheFolderAfter() throws {
    let path = "\(folder.path)/model"
    let calls = Calls()
    let posix = AtomicFile.System.posix
    var system = posix
    system.write = {
      calls.append("write")
      return posix.write($0, $1)
    }
    system.synchronize = {
      calls.append("synchronize")
      return posix.synchronize($0)
    }
    system.rename = {
      calls.append("rename")
      return posix.rename($0, $1)
    }
    try AtomicFile(path: path, system: system).write(old)
    #expect(calls.names == ["write", "synchronize", "rename", "synchronize"])
  }

  @Test func refusesPathsThatCannotBeWritten() throws {
    expectFailure(ENOENT, at: "\(folder.path)/absent/model", mentioning: "create its folder first")
    let file = try folder.write("file", old)
    expectFailure(ENOTDIR, at: "\(file)/model", mentioning: "create its folder first")
    expectFailure(EISDIR, at: folder.path, mentioning: "folder")
    expectFailure(EINVAL, at: "", mentioning: "give the path of a file")
    expectFailure(EINVAL, at: "\(folder.path)/model/", mentioning: "give the path of a file")
    expectFailure(EINVAL, at: "\(file)\0suffix", mentioning: "give the path of a file")
    expectFailure(
      ENAMETOOLONG, at: "\(folder.path)/\(String(repeating: "x", count: 5000))", mentioning: "give the path")
    #expect(folder.names == ["file"])
    #expect(bytes(at: file) == old)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
  func refusesFoldersThatMayNotBeWritten() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path) }
    expectFailure(EACCES, at: "\(folder.path)/model", mentioning: "choose a place that you may write to")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
  func writesToDevicesAsTheyAre() throws {
    expectFailure(ENOSPC, at: "/dev/full", mentioning: "free some space")
    try AtomicFile(path: "/dev/null").write(new)
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func keepsLinksAndPermissions() throws {
    let path = try folder.write("model", old)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    let link = "\(folder.path)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "model")
    try AtomicFile(path: link).write(new)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "model")
    #expect(bytes(at: path) == new)
    let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
    #expect(permissions?.intValue == 0o640)
    #expect(folder.names == ["link", "model"])
  }

  @Test func writesIntoTheWorkingFolder() throws {
    let name = "atomic-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: name) }
    try AtomicFile(path: name).write(old)
    #expect(bytes(at: name) == old)
  }
}

/// True and false by turns.
private final class Toggle: @unchecked Sendable {
  private let lock = NSLock()
  private var value = false

  func flip() -> Bool {
    lock.withLock {
      value.toggle()
      return value
    }
  }
}

/// The names of calls, in order.
private final class Calls: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [String] = []

  var names: [String] { lock.withLock { list } }

  func append(_ name: String) { lock.withLock { list.append(name) } }
}

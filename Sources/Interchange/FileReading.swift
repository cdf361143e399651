#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of a regular file.
/// - Throws: `SafetensorsError` that says why it cannot be read.
func readFile(_ path: String) throws -> [UInt8] {
  guard !path.isEmpty, !path.utf8.contains(0) else {
    throw SafetensorsError(.missing, path: path, "this is not a path", advice: "give the path of a file")
  }
  // A pipe without a writer would otherwise be waited for.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw failure(errno, path) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw failure(errno, path) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw SafetensorsError(.unreadable, path: path, "this is not a regular file", advice: "give the path of a file")
  }
  let byteCount = Int(status.st_size)
  // An array that cannot be allocated ends the program; so ask first, for the bytes and what is decoded from them.
  let (needed, overflow) = byteCount.multipliedReportingOverflow(by: 4)
  guard !overflow, canAllocate(needed) else {
    throw SafetensorsError(
      .tooLarge, path: path, "there is no memory for its \(byteCount) bytes", advice: "use a machine with more memory")
  }
  return try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
    guard let start = buffer.baseAddress else { return }
    while filled < byteCount {
      let count = read(descriptor, start + filled, min(byteCount - filled, 1 << 30))
      if count == 0 { break }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw failure(errno, path)
      }
    }
  }
}

private func failure(_ code: Int32, _ path: String) -> SafetensorsError {
  code == ENOENT || code == ENOTDIR
    ? SafetensorsError(.missing, path: path, "there is no such file", advice: "check the path")
    : SafetensorsError(
      .unreadable, path: path, "the file cannot be read (\(String(cString: strerror(code))))",
      advice: "check its permissions and its disk")
}

/// Whether the system grants so much memory at once; it is given back.
private func canAllocate(_ byteCount: Int) -> Bool {
  // Not `malloc`, which compilers may leave out together with its `free`, taking success for granted.
  let memory = mmap(nil, max(byteCount, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
  guard memory != MAP_FAILED else { return false }
  munmap(memory, max(byteCount, 1))
  return true
}

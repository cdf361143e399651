#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Opens a file.
/// - Returns: its descriptor, which the caller closes, and its size; nil for what has none, such as a pipe.
func openForReading(_ path: String) throws -> (descriptor: Int32, byteCount: Int?) {
  try checkPath(path)
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw readError(errno, path) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    let code = errno
    close(descriptor)
    throw readError(code, path)
  }
  switch status.st_mode & S_IFMT {
  case S_IFDIR:
    close(descriptor)
    throw readError(EISDIR, path)
  case S_IFREG: return (descriptor, Int(status.st_size))
  default: return (descriptor, nil)
  }
}

/// Reads until the buffer is full or the file ends.
func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, path: String) throws -> Int {
  guard let start = buffer.baseAddress else { return 0 }
  var filled = 0
  while filled < buffer.count {
    let count = read(descriptor, start + filled, min(buffer.count - filled, 1 << 30))
    if count == 0 { break }
    if count > 0 {
      filled += count
    } else if errno != EINTR {
      throw readError(errno, path)
    }
  }
  return filled
}

func readError(_ code: Int32, _ path: String) -> DatasetError {
  switch code {
  case ENOENT, ENOTDIR:
    DatasetError(.missing, path: path, "there is no such file", advice: "check the path")
  case EISDIR:
    DatasetError(.unreadable, path: path, "this is a folder, not a file", advice: "give the path of a file in it")
  default:
    DatasetError(
      .unreadable, path: path, "this cannot be read (\(String(cString: strerror(code))))",
      advice: "check its permissions and its disk")
  }
}

func closeFile(_ descriptor: Int32) { close(descriptor) }

/// Whether there is a folder at a path.
func isFolder(_ path: String) -> Bool {
  var status = stat()
  return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names of what is in a folder, sorted.
func fileNames(in folder: String) throws -> [String] {
  try checkPath(folder)
  guard let stream = opendir(folder) else {
    switch errno {
    case ENOENT:
      throw DatasetError(.missing, path: folder, "there is no such folder", advice: "check the path")
    case ENOTDIR:
      throw DatasetError(
        .unreadable, path: folder, "this is not a folder", advice: "give the folder that holds the files")
    case let code:
      throw readError(code, folder)
    }
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    names.append(
      withUnsafeMutablePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      })
  }
  return names.sorted()
}

/// A path with a zero byte would be cut there by the system.
private func checkPath(_ path: String) throws {
  guard !path.isEmpty, !path.utf8.contains(0) else {
    throw DatasetError(.missing, path: path, "this is not a path", advice: "give the path of a file or folder")
  }
}

/// Whether the system grants so much memory at once; it is given back.
func canAllocate(_ byteCount: Int) -> Bool {
  // Not `malloc`, which compilers may leave out together with its `free`, taking success for granted.
  let memory = mmap(nil, max(byteCount, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
  guard memory != MAP_FAILED else { return false }
  munmap(memory, max(byteCount, 1))
  return true
}

/// Asks the system for large pages of memory, which are quicker to get and to find; where it has none, nothing changes.
func preferLargePages(_ memory: UnsafeMutableRawPointer?, byteCount: Int) {
  #if os(Linux)
    guard let memory else { return }
    let page = 1 << 21
    let start = (UInt(bitPattern: memory) + UInt(page) - 1) / UInt(page) * UInt(page)
    let end = (UInt(bitPattern: memory) + UInt(byteCount)) / UInt(page) * UInt(page)
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_HUGEPAGE)
  #endif
}

extension Array {
  /// Elements that are written into room for `count`, in large pages where the system has such.
  init(
    inLargePages count: Int, initializingWith write: (UnsafeMutableBufferPointer<Element>, inout Int) throws -> Void
  ) rethrows {
    try self.init(unsafeUninitializedCapacity: count) { elements, initializedCount in
      preferLargePages(elements.baseAddress, byteCount: elements.count * MemoryLayout<Element>.stride)
      try write(elements, &initializedCount)
    }
  }
}

/// The size of a file; nil where there is none.
func fileByteCount(_ path: String) -> Int? {
  var status = stat()
  return !path.utf8.contains(0) && stat(path, &status) == 0 ? Int(status.st_size) : nil
}

/// Memory of its own for so many bytes, in large pages where the system has such; nil when there is none.
func allocatePages(_ byteCount: Int) -> UnsafeMutableRawBufferPointer? {
  let size = max(byteCount, 1)
  guard let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), memory != MAP_FAILED else {
    return nil
  }
  preferLargePages(memory, byteCount: size)
  return UnsafeMutableRawBufferPointer(start: memory, count: size)
}

/// Gives such memory back.
func freePages(_ memory: UnsafeMutableRawBufferPointer) { munmap(memory.baseAddress, memory.count) }

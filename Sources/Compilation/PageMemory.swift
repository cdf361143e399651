#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory that starts as zeros, from which parts are handed out one after another and freed together.
///
/// It comes in blocks that start on a boundary of large pages, and asks for these where the system has them: kernels
/// that stream through several arrays at once otherwise spend a good part of their time on looking up pages.
final class PageMemory {
  private static let pageByteCount = 2 << 20
  private static let alignment = 64

  private var blocks: [UnsafeMutableRawPointer] = []
  private var next: UnsafeMutableRawPointer?
  private var remaining = 0

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// A part of at least `byteCount` bytes, 64-byte aligned, valid as long as this object.
  func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let needed = (max(byteCount, 1) + Self.alignment - 1) / Self.alignment * Self.alignment
    let part: UnsafeMutableRawPointer
    if let next, needed <= remaining { part = next } else { part = addBlock(for: needed) }
    next = part + needed
    remaining -= needed
    part.initializeMemory(as: UInt8.self, repeating: 0, count: needed)
    return part
  }

  private func addBlock(for byteCount: Int) -> UnsafeMutableRawPointer {
    remaining = (byteCount + Self.pageByteCount - 1) / Self.pageByteCount * Self.pageByteCount
    let block = UnsafeMutableRawPointer.allocate(byteCount: remaining, alignment: Self.pageByteCount)
    #if os(Linux)
    madvise(block, remaining, MADV_HUGEPAGE)
    #endif
    blocks.append(block)
    return block
  }
}

/// Plans offsets in one block of memory: best fit among the gaps that freed ranges leave.
struct ArenaAllocator {
  private static let alignment = 64

  private struct Gap {
    var offset: Int
    var byteCount: Int
  }

  /// Ascending by offset, never touching.
  private var gaps: [Gap] = []
  private var sizes: [Int: Int] = [:]
  /// The size of the block that holds everything planned so far.
  private(set) var byteCount = 0

  mutating func allocate(_ requested: Int) -> Int {
    let needed = max(1, (requested + Self.alignment - 1) / Self.alignment) * Self.alignment
    var best: Int?
    for (index, gap) in gaps.enumerated() where gap.byteCount >= needed {
      if best.map({ gap.byteCount < gaps[$0].byteCount }) ?? true { best = index }
    }
    let offset: Int
    if let best {
      offset = gaps[best].offset
      gaps[best].offset += needed
      gaps[best].byteCount -= needed
      if gaps[best].byteCount == 0 { gaps.remove(at: best) }
    } else if let last = gaps.last, last.offset + last.byteCount == byteCount {
      offset = last.offset
      byteCount = offset + needed
      gaps.removeLast()
    } else {
      offset = byteCount
      byteCount += needed
    }
    sizes[offset] = needed
    return offset
  }

  mutating func free(_ offset: Int) {
    guard let size = sizes.removeValue(forKey: offset) else { return }
    let index = gaps.partitioningIndex { $0.offset > offset }
    gaps.insert(Gap(offset: offset, byteCount: size), at: index)
    if index + 1 < gaps.count, gaps[index].offset + gaps[index].byteCount == gaps[index + 1].offset {
      gaps[index].byteCount += gaps[index + 1].byteCount
      gaps.remove(at: index + 1)
    }
    if index > 0, gaps[index - 1].offset + gaps[index - 1].byteCount == gaps[index].offset {
      gaps[index - 1].byteCount += gaps[index].byteCount
      gaps.remove(at: index)
    }
  }
}

extension Array {
  /// The first index whose element satisfies a predicate that holds from some point on.
  fileprivate func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

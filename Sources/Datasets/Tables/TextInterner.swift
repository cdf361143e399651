import CTables

/// Gives each different text a number, from 0 in the order in which they first occur.
struct TextInterner {
  /// How many different texts are kept.
  static let capacity = 1 << 16

  private var bytes: [UInt8] = []
  /// Where the text of each number ends in `bytes`.
  private var ends: [Int] = []
  private var hashes: [UInt64] = []
  /// Numbers by the lowest bits of their hashes, -1 where there is none; a power of two, at most half full.
  private var slots = [Int32](repeating: -1, count: 1 << 8)

  var count: Int { ends.count }

  /// The number of a text; nil for a new one when there is no room for it.
  mutating func number(of text: UnsafeRawBufferPointer) -> (number: Int32, isNew: Bool)? {
    let hash = chainrule_hash_bytes(text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let number = Int(slots[slot])
      if hashes[number] == hash, isEqual(number, text) { return (Int32(number), false) }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard count < Self.capacity else { return nil }
    slots[slot] = Int32(count)
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
    hashes.append(hash)
    if 2 * count > slots.count { grow() }
    return (Int32(count - 1), true)
  }

  /// All texts, in the order of their numbers.
  func texts() -> [String] {
    ends.indices.map { String(decoding: bytes[range($0)], as: UTF8.self) }
  }

  private func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

  private func isEqual(_ number: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    let range = range(number)
    guard range.count == text.count else { return false }
    return bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[range]).elementsEqual(text) }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 4 * slots.count)
    for (number, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
    }
  }
}

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
    let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let hash = chainrule_hash_bytes(start, text.count)
    let known = withTexts { chainrule_find_text($0, start, text.count, hash) }
    guard known < 0 else { return (Int32(known), false) }
    guard count < Self.capacity else { return nil }
    place(Int32(count), hash)
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
    hashes.append(hash)
    if 2 * count > slots.count { grow() }
    return (Int32(count - 1), true)
  }

  /// Writes the codes of known texts, from `row` on.
  /// - Parameters:
  ///   - codeOfNumber: the code of each text by its number.
  ///   - codes: room for one for each row of the block.
  /// - Returns: the first row that is to be looked at on its own, or the number of rows.
  func readCodes(
    _ block: FieldBlock, from row: Int, _ codeOfNumber: [Int32], into codes: UnsafeMutablePointer<Int32>
  ) -> Int {
    withTexts { texts in
      chainrule_read_codes(block.bytes, block.fields, block.stride, row, block.count, texts, codeOfNumber, codes)
    }
  }

  /// All texts, in the order of their numbers.
  func texts() -> [String] {
    ends.indices.map { String(decoding: bytes[range($0)], as: UTF8.self) }
  }

  private func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 4 * slots.count)
    for (number, hash) in hashes.enumerated() { place(Int32(number), hash) }
  }

  private mutating func place(_ number: Int32, _ hash: UInt64) {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = number
  }

  private func withTexts<Result>(_ body: (UnsafePointer<chainrule_texts>) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      ends.withUnsafeBufferPointer { ends in
        hashes.withUnsafeBufferPointer { hashes in
          slots.withUnsafeBufferPointer { slots in
            var texts = chainrule_texts(
              bytes: bytes.baseAddress, ends: ends.baseAddress, hashes: hashes.baseAddress, slots: slots.baseAddress,
              slot_count: slots.count, is_full: ends.count >= Self.capacity)
            return body(&texts)
          }
        }
      }
    }
  }
}

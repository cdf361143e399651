/// A hash of words, bytes and texts, the same in every process.
///
/// Fowler, Noll and Vo's FNV-1a over 64-bit words rather than bytes, followed by the shift that makes high bits reach
/// the low ones.
struct Fingerprint {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01B3
    value ^= value >> 29
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(UInt64(bytes.count))
    var offset = 0
    while offset + 8 <= bytes.count {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    for byte in bytes[offset...] { add(UInt64(byte)) }
  }

  mutating func add<Element>(_ elements: [Element]) { elements.withUnsafeBytes { add($0) } }

  mutating func add(_ text: String) { add(Array(text.utf8)) }
}

extension Dataset {
  /// A number that is the same for the same examples in the same order, and almost surely another for others: a hash
  /// of shapes, features, targets and the names of classes, the same in every process.
  ///
  /// Of examples that are read in the background it is a hash of the files, or of their names and sizes, in place of
  /// the features.
  public var fingerprint: UInt64 {
    var hash = Fingerprint()
    for extent in [count] + featureShape.dimensions + [-1] + targetShape.dimensions {
      hash.add(UInt64(bitPattern: Int64(extent)))
    }
    for name in classNames { hash.add(name) }
    switch features {
    case .bytes(let bytes, let scale, let offset):
      hash.add(UInt64(scale.bitPattern) << 32 | UInt64(offset.bitPattern))
      hash.add(bytes)
    case .loading(let rows, let chosen, let scale, let offset):
      hash.add(UInt64(scale.bitPattern) << 32 | UInt64(offset.bitPattern))
      hash.add(rows.fingerprint)
      if let chosen { hash.add(chosen) }
    case .floats(let floats): hash.add(floats)
    case .integers(let integers): hash.add(integers)
    case .windows(let windows):
      for window in 0..<windows.count { hash.add(UInt64(windows.start(of: window))) }
      hash.add(windows.tokens)
    case .columns(let columns, let expansion):
      hash.add(UInt64(bitPattern: Int64(expansion.width)))
      hash.add(columns)
    }
    switch targets {
    case .classes(let classes): hash.add(classes)
    case .values(let values): hash.add(values)
    case .nextTokens: hash.add(0)
    }
    if let weights { hash.add(weights) }
    return hash.value
  }
}

extension Dataset {
  /// A number that is the same for the same examples in the same order, and almost surely another for others: a hash
  /// of shapes, features, targets and the names of classes, the same in every process.
  ///
  /// Fowler, Noll and Vo's FNV-1a over 64-bit words rather than bytes, followed by the shift that makes high bits reach
  /// the low ones.
  public var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ word: UInt64) {
      hash = (hash ^ word) &* 0x0000_0100_0000_01B3
      hash ^= hash >> 29
    }
    func add(_ bytes: UnsafeRawBufferPointer) {
      add(UInt64(bytes.count))
      var offset = 0
      while offset + 8 <= bytes.count {
        add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        offset += 8
      }
      for byte in bytes[offset...] { add(UInt64(byte)) }
    }
    for extent in [count] + featureShape.dimensions + [-1] + targetShape.dimensions {
      add(UInt64(bitPattern: Int64(extent)))
    }
    for name in classNames { Array(name.utf8).withUnsafeBytes(add) }
    switch features {
    case .bytes(let bytes, let scale, let offset):
      add(UInt64(scale.bitPattern) << 32 | UInt64(offset.bitPattern))
      bytes.withUnsafeBytes(add)
    case .floats(let floats): floats.withUnsafeBytes(add)
    case .integers(let integers): integers.withUnsafeBytes(add)
    case .windows(let windows):
      for window in 0..<windows.count { add(UInt64(windows.start(of: window))) }
      windows.tokens.withUnsafeBytes(add)
    case .columns(let columns, let expansion):
      add(UInt64(bitPattern: Int64(expansion.width)))
      columns.withUnsafeBytes(add)
    }
    switch targets {
    case .classes(let classes): classes.withUnsafeBytes(add)
    case .values(let values): values.withUnsafeBytes(add)
    case .nextTokens: add(0)
    }
    weights?.withUnsafeBytes(add)
    return hash
  }
}

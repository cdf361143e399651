/// The counter-based random number generator Philox4x32-10.
///
/// Every number is a pure function of a key and a counter, so that any element of any step can be recomputed alone, in
/// any order and on any number of threads. Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3" (2011), section 3.
public struct Philox: Sendable {
  /// The two words of the key, made of seed and stream.
  public let key: (UInt32, UInt32)

  /// - Parameters:
  ///   - seed: what the user chooses.
  ///   - stream: separates the places of a program that draw numbers from the same seed.
  public init(seed: UInt64, stream: UInt32 = 0) {
    let mixed = (seed &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(stream)) ^ (UInt64(stream) << 32)
    key = (UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
  }

  /// Four words that depend on the key and on every bit of the counter.
  @inlinable
  public func words(_ counter: (UInt32, UInt32, UInt32, UInt32)) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) &* UInt64(c0)
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(c2)
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
      )
      k0 = k0 &+ 0x9E37_79B9
      k1 = k1 &+ 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }

  /// Word number `index` of draw number `step`: four consecutive indices share one evaluation of `words`.
  @inlinable
  public func word(index: Int, step: UInt32) -> UInt32 {
    let block = UInt64(truncatingIfNeeded: index >> 2)
    let w = words((UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), step, 0))
    switch index & 3 {
    case 0: return w.0
    case 1: return w.1
    case 2: return w.2
    default: return w.3
    }
  }
}

/// The 24 upper bits of a random word as a multiple of 2^-24 in [0, 1), exact in `Float`.
@inlinable
public func unitInterval(_ word: UInt32) -> Double {
  Double(word >> 8) * 0x1p-24
}

/// Philox as Swift's own generator, for shuffling and for choosing initial weights.
public struct PhiloxGenerator: RandomNumberGenerator, Sendable {
  private let philox: Philox
  private var counter: UInt64 = 0

  /// The generator of a seed and a stream, as for `Philox`, from the counter 0.
  public init(seed: UInt64, stream: UInt32 = 0) {
    philox = Philox(seed: seed, stream: stream)
  }

  /// Two of the four words at the next counter.
  public mutating func next() -> UInt64 {
    let w = philox.words((UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), 0, 1))
    counter &+= 1
    return UInt64(w.0) | UInt64(w.1) << 32
  }
}

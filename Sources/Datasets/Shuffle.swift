import Tensors

/// The numbers from 0 to `count - 1` in an order that is a pure function of `seed` and `epoch`.
///
/// Source: Fisher and Yates' shuffle as Durstenfeld gave it (1964), with draws from Philox that are addressed by the
/// position, so that no earlier epoch has to be made. A draw is the upper half of a 64-bit word times the bound, which
/// deviates from uniform by less than bound / 2^64 (Lemire 2019).
func shuffledOrder(count: Int, seed: UInt64, epoch: Int, stream: UInt32) -> [Int] {
  var order = Array(0..<count)
  let philox = Philox(seed: seed, stream: stream)
  let epochWord = UInt64(truncatingIfNeeded: epoch)
  order.withUnsafeMutableBufferPointer { order in
    for position in stride(from: count - 1, to: 0, by: -1) {
      let block = UInt32(truncatingIfNeeded: position)
      let blockHigh = UInt32(truncatingIfNeeded: position >> 32)
      let words = philox.words(
        (
          block, blockHigh, UInt32(truncatingIfNeeded: epochWord), UInt32(truncatingIfNeeded: epochWord >> 32)
        ))
      let draw = UInt64(words.0) | UInt64(words.1) << 32
      order.swapAt(position, Int(draw.multipliedFullWidth(by: UInt64(position + 1)).high))
    }
  }
  return order
}

/// Streams of random numbers that keep the uses of one seed apart.
enum RandomStream {
  static let batches: UInt32 = 0x6261_7463
  static let split: UInt32 = 0x7370_6C69
  static let synthetic: UInt32 = 0x7379_6E74
}

import Tensors

/// How examples are varied each time they are learned from, so that a network sees more than there are. Examples that
/// are only evaluated stay as they are.
///
/// What an example becomes in an epoch is a function of the seed, the epoch and its place in the data alone.
public struct Augmentation: Hashable, Sendable {
  /// Moves an image by a whole number of pixels of at most this along each of its two axes, each way as likely; zeros
  /// come in at the border. 0 moves none. Examples must be `[height, width]` or `[height, width, channels]`.
  public var shift: Int
  /// Mirrors every second image, on average, from left to right, after the shift. Examples must be `[height, width]` or
  /// `[height, width, channels]`.
  public var flip: Bool

  /// Checked by `TrainingOptions.validate()`: a shift of at most 1,000 pixels.
  public init(shift: Int = 0, flip: Bool = false) {
    self.shift = shift
    self.flip = flip
  }

  func validate() throws {
    try require((0...1000).contains(shift), "shift", shift, "a whole number from 0 to 1,000")
  }

  /// - Throws: `TrainingError` when examples of the shape cannot be varied so.
  func check(_ featureShape: Shape) throws {
    guard featureShape.rank == 2 || featureShape.rank == 3 else {
      throw TrainingError(
        .mismatch, "only images can be shifted and flipped, but an example is of shape \(featureShape)",
        advice: "leave shift and flip out, or give data of shape [height, width] or [height, width, channels]")
    }
  }

  /// What an example becomes.
  /// - Parameters:
  ///   - features: of one example.
  ///   - row: the example's place in the data.
  ///   - epoch: the number of the epoch, from 0.
  /// - Throws: `TrainingError` when examples of the shape cannot be varied so.
  public func callAsFunction(
    _ features: ShapedArray<Float>, row: Int, seed: UInt64, epoch: Int
  ) throws -> ShapedArray<Float> {
    try validate()
    try check(features.shape)
    var varied = features
    varied.scalars.withUnsafeMutableBufferPointer {
      apply(to: $0, features.shape, rows: [row], seed: seed, epoch: epoch)
    }
    return varied
  }

  /// Varies the examples of a batch in place.
  /// - Parameters:
  ///   - features: `[rows.count] + featureShape`, of a shape that `check` has accepted.
  ///   - rows: the examples' places in the data.
  func apply(
    to features: UnsafeMutableBufferPointer<Float>, _ featureShape: Shape, rows: ArraySlice<Int>, seed: UInt64,
    epoch: Int
  ) {
    guard let start = features.baseAddress else { return }
    let (height, width) = (featureShape[0], featureShape[1])
    let depth = featureShape.rank == 3 ? featureShape[2] : 1
    for (position, row) in rows.enumerated() {
      let place = (
        UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: row >> 32), UInt32(truncatingIfNeeded: epoch),
        UInt32(truncatingIfNeeded: epoch >> 32)
      )
      let image = start + position * height * width * depth
      if shift > 0 {
        let words = Philox(seed: seed, stream: Self.shiftStream).words(place)
        move(
          image, height: height, rowLength: width * depth, down: offset(words.0), right: offset(words.1) * depth)
      }
      if flip, Philox(seed: seed, stream: Self.flipStream).words(place).0 & 1 == 1 {
        mirror(image, height: height, width: width, depth: depth)
      }
    }
  }

  /// Random numbers of the two are of streams of their own.
  private static let shiftStream: UInt32 = 0x7368_6966
  private static let flipStream: UInt32 = 0x666c_6970

  /// A number from `-shift` to `shift`.
  private func offset(_ word: UInt32) -> Int { Int((UInt64(word) * UInt64(2 * shift + 1)) >> 32) - shift }

  private func move(_ image: UnsafeMutablePointer<Float>, height: Int, rowLength: Int, down: Int, right: Int) {
    // Rows that others are copied from must not be overwritten before.
    for step in 0..<height {
      let to = down > 0 ? height - 1 - step : step
      let from = to - down
      let kept = max(rowLength - abs(right), 0)
      let target = image + to * rowLength
      guard from >= 0, from < height, kept > 0 else {
        target.update(repeating: 0, count: rowLength)
        continue
      }
      let source = image + from * rowLength
      if right >= 0 {
        (target + right).update(from: source, count: kept)
        target.update(repeating: 0, count: rowLength - kept)
      } else {
        target.update(from: source + (rowLength - kept), count: kept)
        (target + kept).update(repeating: 0, count: rowLength - kept)
      }
    }
  }
}

private func mirror(_ image: UnsafeMutablePointer<Float>, height: Int, width: Int, depth: Int) {
  for row in 0..<height {
    let pixels = image + row * width * depth
    for column in 0..<width / 2 {
      for channel in 0..<depth {
        let (left, right) = (column * depth + channel, (width - 1 - column) * depth + channel)
        (pixels[left], pixels[right]) = (pixels[right], pixels[left])
      }
    }
  }
}

import NeuralNetworks
import Tensors

/// How examples are varied each time they are learned from, so that a network sees more than there are. Examples that
/// are only evaluated stay as they are.
///
/// What an example becomes in an epoch is a function of the seed, the epoch and its place in the data alone.
public enum Augmentation: Hashable, Sendable {
  /// Moves an image by a whole number of pixels of at most `pixels` along each of its two axes, each way as likely;
  /// zeros come in at the border. Examples must be `[height, width]` or `[height, width, channels]`.
  case shift(pixels: Int)

  func validate() throws {
    switch self {
    case .shift(let pixels):
      try require((1...1000).contains(pixels), "augmentation: pixels", pixels, "a whole number from 1 to 1,000")
    }
  }

  /// - Throws: `TrainingError` when examples of the shape cannot be varied so.
  func check(_ featureShape: Shape) throws {
    guard featureShape.rank == 2 || featureShape.rank == 3 else {
      throw TrainingError(
        .mismatch, "only images can be shifted, but an example is of shape \(featureShape)",
        advice: "leave the augmentation out, or give data of shape [height, width] or [height, width, channels]")
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
    switch self {
    case .shift(let pixels):
      let philox = Philox(seed: seed, stream: 0x7368_6966)
      let (height, width) = (featureShape[0], featureShape[1])
      let depth = featureShape.rank == 3 ? featureShape[2] : 1
      let size = height * width * depth
      for (position, row) in rows.enumerated() {
        let words = philox.words((
          UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: row >> 32), UInt32(truncatingIfNeeded: epoch),
          UInt32(truncatingIfNeeded: epoch >> 32)
        ))
        shift(
          start + position * size, height: height, rowLength: width * depth,
          down: offset(words.0, pixels), right: offset(words.1, pixels) * depth)
      }
    }
  }

  /// A number from `-limit` to `limit`.
  private func offset(_ word: UInt32, _ limit: Int) -> Int {
    Int((UInt64(word) * UInt64(2 * limit + 1)) >> 32) - limit
  }

  private func shift(_ image: UnsafeMutablePointer<Float>, height: Int, rowLength: Int, down: Int, right: Int) {
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

extension Augmentation: Codable {
  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "augmentation", keys: ["shift": ["pixels"]])
    self = .shift(pixels: try description.value("pixels", default: 1))
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .shift(let pixels):
      var description = DescriptionWriter("shift")
      description.set("pixels", pixels)
      try description.write(to: encoder)
    }
  }
}

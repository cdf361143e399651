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
  /// Mirrors every second image, on average, from left to right. Examples must be `[height, width]` or
  /// `[height, width, channels]`.
  case flip
  /// One after the other.
  indirect case sequence([Augmentation])

  func validate() throws {
    switch self {
    case .shift(let pixels):
      try require((1...1000).contains(pixels), "augmentation: pixels", pixels, "a whole number from 1 to 1,000")
    case .flip: break
    case .sequence(let parts): for part in parts { try part.validate() }
    }
  }

  /// - Throws: `TrainingError` when examples of the shape cannot be varied so.
  func check(_ featureShape: Shape) throws {
    guard featureShape.rank == 2 || featureShape.rank == 3 else {
      throw TrainingError(
        .mismatch, "only images can be shifted and flipped, but an example is of shape \(featureShape)",
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
    if case .sequence(let parts) = self {
      for part in parts { part.apply(to: features, featureShape, rows: rows, seed: seed, epoch: epoch) }
      return
    }
    guard let start = features.baseAddress else { return }
    let philox = Philox(seed: seed, stream: stream)
    let (height, width) = (featureShape[0], featureShape[1])
    let depth = featureShape.rank == 3 ? featureShape[2] : 1
    for (position, row) in rows.enumerated() {
      let words = philox.words((
        UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: row >> 32), UInt32(truncatingIfNeeded: epoch),
        UInt32(truncatingIfNeeded: epoch >> 32)
      ))
      let image = start + position * height * width * depth
      switch self {
      case .shift(let pixels):
        shift(
          image, height: height, rowLength: width * depth, down: offset(words.0, pixels),
          right: offset(words.1, pixels) * depth)
      case .flip where words.0 & 1 == 1: mirror(image, height: height, width: width, depth: depth)
      case .flip, .sequence: break
      }
    }
  }

  /// Keeps the random numbers of the kinds apart.
  private var stream: UInt32 {
    if case .shift = self { 0x7368_6966 } else { 0x666c_6970 }
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

extension Augmentation: Codable {
  /// - Throws: `DescriptionError`.
  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "augmentation", keys: ["shift": ["pixels"], "flip": [], "sequence": ["parts"]])
    switch description.kind {
    case "flip": self = .flip
    case "sequence": self = .sequence(try description.value("parts"))
    default: self = .shift(pixels: try description.value("pixels", default: 1))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var description: DescriptionWriter
    switch self {
    case .shift(let pixels):
      description = DescriptionWriter("shift")
      description.set("pixels", pixels)
    case .flip: description = DescriptionWriter("flip")
    case .sequence(let parts):
      description = DescriptionWriter("sequence")
      description.set("parts", parts)
    }
    try description.write(to: encoder)
  }
}

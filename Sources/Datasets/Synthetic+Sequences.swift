import Tensors

extension Synthetic {
  /// Sequences of random bits; at each step the exclusive or of this bit and the one before (0 at first) is to be
  /// predicted: features and targets `[length, 1]`, 0 or 1.
  /// - Throws: `DatasetError` when `count` or `length` is below 1, or both together are too many.
  public static func temporalXOR(count: Int, length: Int = 12, seed: UInt64) throws -> Dataset {
    try sequences(count: count, length: length, seed: seed) { bits, step in
      step == 0 ? bits[0] : abs(bits[step] - bits[step - 1])
    }
  }

  /// Sequences of random bits, to be repeated some steps later (0 before): features and targets `[length, 1]`, 0 or 1.
  /// - Throws: `DatasetError` when `count` or `length` is below 1, both together are too many, or `delay` is negative.
  public static func echo(count: Int, length: Int = 12, delay: Int = 2, seed: UInt64) throws -> Dataset {
    guard delay >= 0 else {
      throw DatasetError(.invalidArgument, "the delay is \(delay)", advice: "use a number of 0 or more")
    }
    return try sequences(count: count, length: length, seed: seed) { bits, step in
      step < delay ? 0 : bits[step - delay]
    }
  }

  /// Sequences of random bits; at each step the parity of all bits so far is to be predicted: features and targets
  /// `[length, 1]`, 0 or 1.
  /// - Throws: `DatasetError` when `count` or `length` is below 1, or both together are too many.
  public static func parity(count: Int, length: Int = 12, seed: UInt64) throws -> Dataset {
    var parity: Float = 0
    return try sequences(count: count, length: length, seed: seed) { bits, step in
      parity = step == 0 ? bits[0] : abs(parity - bits[step])
      return parity
    }
  }

  private static func sequences(
    count: Int, length: Int, seed: UInt64, _ target: (_ bits: [Float], _ step: Int) -> Float
  ) throws -> Dataset {
    guard count >= 1, length >= 1, count <= greatestCount / length else {
      throw DatasetError(
        .invalidArgument, "there cannot be \(count) sequences of \(length) steps",
        advice: "use numbers of 1 or more, at most \(greatestCount) steps in all")
    }
    var generator = PhiloxGenerator(seed: seed, stream: RandomStream.synthetic)
    var (features, values): ([Float], [Float]) = ([], [])
    for _ in 0..<count {
      let bits = (0..<length).map { _ in Float(generator.next() & 1) }
      features += bits
      values += (0..<length).map { target(bits, $0) }
    }
    return try Dataset(
      features: .floats(features), featureShape: [length, 1], values: values, targetShape: [length, 1])
  }
}

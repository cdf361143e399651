import RealModule

/// Numbers drawn from the normal distribution of mean 0 and variance 1.
///
/// The operand is the number of the draw, an int32 scalar: the same seed, stream and draw give the same numbers, on any
/// backend and any number of threads.
public struct RandomNormal: RandomOperation {
  public static let name = "randomNormal"
  /// The shape of the result.
  public let shape: Shape
  /// What the user chooses.
  public let seed: UInt64
  /// Separates the places of a program that draw numbers from the same seed.
  public let stream: UInt32

  /// An array of this shape for each draw; `randomNormal` appends it.
  public init(shape: Shape, seed: UInt64, stream: UInt32) {
    self.shape = shape
    self.seed = seed
    self.stream = stream
  }

  /// Box and Muller, "A note on the generation of random normal deviates" (1958): two even numbers give two normal
  /// ones.
  public func element(_ index: Int, _ word: (Int) -> UInt32) -> Double {
    let pair = index - index % 2
    // In (0, 1], so that the logarithm is finite.
    let first = Double((word(pair) >> 8) + 1) * 0x1p-24
    let radius = (-2 * Double.log(first)).squareRoot()
    let angle = 2 * Double.pi * unitInterval(word(pair + 1))
    return radius * (index == pair ? .cos(angle) : .sin(angle))
  }

  public static var samples: [OperationSample] {
    [
      RandomNormal(shape: [3, 7], seed: 1, stream: 0).sample(step: 0),
      RandomNormal(shape: [5], seed: .max, stream: .max).sample(step: -1),
      RandomNormal(shape: [], seed: 1, stream: 2).sample(step: 3),
      RandomNormal(shape: [0, 3], seed: 1, stream: 2).sample(step: 3),
    ]
  }
}

/// Numbers drawn from the normal distribution of mean 0 and variance 1.
/// - Parameters:
///   - step: the number of the draw, an int32 scalar.
///   - stream: separates the places of a program that draw numbers from the same seed.
public func randomNormal(_ shape: Shape, step: Tensor, seed: UInt64, stream: UInt32 = 0) -> Tensor {
  .apply(RandomNormal(shape: shape, seed: seed, stream: stream), to: step)
}

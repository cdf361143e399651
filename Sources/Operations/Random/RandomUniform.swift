/// Numbers drawn evenly from [0, 1), multiples of 2^-24.
///
/// The operand is the number of the draw, an int32 scalar: the same seed, stream and draw give the same numbers, on any
/// backend and any number of threads.
public struct RandomUniform: RandomOperation {
  public static let name = "randomUniform"
  /// The shape of the result.
  public let shape: Shape
  /// What the user chooses.
  public let seed: UInt64
  /// Separates the places of a program that draw numbers from the same seed.
  public let stream: UInt32

  /// An array of this shape for each draw; `randomUniform` appends it.
  public init(shape: Shape, seed: UInt64, stream: UInt32) {
    self.shape = shape
    self.seed = seed
    self.stream = stream
  }

  public func element(_ index: Int, _ word: (Int) -> UInt32) -> Double { unitInterval(word(index)) }

  public static var samples: [OperationSample] {
    [
      RandomUniform(shape: [3, 7], seed: 1, stream: 0).sample(step: 0),
      RandomUniform(shape: [3, 7], seed: .max, stream: .max).sample(step: -1),
      RandomUniform(shape: [], seed: 1, stream: 2).sample(step: 3),
      RandomUniform(shape: [0, 3], seed: 1, stream: 2).sample(step: 3),
    ]
  }
}

/// Numbers drawn evenly from [0, 1).
/// - Parameters:
///   - step: the number of the draw, an int32 scalar.
///   - stream: separates the places of a program that draw numbers from the same seed.
public func randomUniform(_ shape: Shape, step: Tensor, seed: UInt64, stream: UInt32 = 0) -> Tensor {
  .apply(RandomUniform(shape: shape, seed: seed, stream: stream), to: step)
}

/// What dropout multiplies with: 0 with probability `rate`, else `1 / (1 - rate)`, so that the mean is 1.
///
/// An element is kept where the even number in [0, 1) at its index is not below the rate. Source: Srivastava et al.,
/// "Dropout: a simple way to prevent neural networks from overfitting" (2014), scaled while training.
///
/// The operand is the number of the draw, an int32 scalar: the same seed, stream and draw give the same numbers, on any
/// backend and any number of threads.
public struct DropoutMask: RandomOperation {
  public static let name = "dropoutMask"
  /// The shape of the result.
  public let shape: Shape
  /// The probability of 0, from 0 up to but not including 1.
  public let rate: Double
  /// What the user chooses.
  public let seed: UInt64
  /// Separates the places of a program that draw numbers from the same seed.
  public let stream: UInt32

  /// A rate outside of [0, 1) is an error when it is appended, by `dropoutMask` for instance.
  public init(shape: Shape, rate: Double, seed: UInt64, stream: UInt32) {
    self.shape = shape
    self.rate = rate
    self.seed = seed
    self.stream = stream
  }

  public func checkAttributes() throws {
    guard (0..<1).contains(rate) else { throw ShapeError("the rate \(rate) is not within 0..<1") }
  }

  public func element(_ index: Int, _ word: (Int) -> UInt32) -> Double {
    unitInterval(word(index)) >= rate ? 1 / (1 - rate) : 0
  }

  public static var samples: [OperationSample] {
    [
      DropoutMask(shape: [3, 7], rate: 0.5, seed: 1, stream: 0).sample(step: 0),
      DropoutMask(shape: [17], rate: 0.25, seed: .max, stream: .max).sample(step: -1),
      DropoutMask(shape: [5], rate: 0, seed: 1, stream: 2).sample(step: 3),
      DropoutMask(shape: [0, 3], rate: 0.75, seed: 1, stream: 2).sample(step: 3),
    ]
  }
}

/// What dropout multiplies with: 0 with probability `rate` (0..<1), else `1 / (1 - rate)`.
/// - Parameters:
///   - step: the number of the draw, an int32 scalar.
///   - stream: separates the places of a program that draw numbers from the same seed.
public func dropoutMask(_ shape: Shape, rate: Double, step: Tensor, seed: UInt64, stream: UInt32 = 0) -> Tensor {
  .apply(DropoutMask(shape: shape, rate: rate, seed: seed, stream: stream), to: step)
}

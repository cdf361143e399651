/// An operation that draws an array of random numbers, each from the word of `Philox` at its index.
public protocol RandomOperation: Operation {
  /// The shape of the result.
  var shape: Shape { get }
  /// What the user chooses; makes the key of `Philox` together with the stream.
  var seed: UInt64 { get }
  /// Separates the places of a program that draw numbers from the same seed.
  var stream: UInt32 { get }

  /// The element at `index`, which may ask for any word of the draw.
  func element(_ index: Int, _ word: (Int) -> UInt32) -> Double

  /// - Throws: `ShapeError` when an attribute is out of its bounds.
  func checkAttributes() throws
}

extension RandomOperation {
  public func checkAttributes() throws {}

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands == [TensorType(.scalar, .int32)] else {
      throw ShapeError("takes 1 operand, the number of the draw as an int32 scalar")
    }
    try checkAttributes()
    return [TensorType(shape)]
  }

  /// Random numbers depend on nothing that has a derivative.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [nil] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let philox = Philox(seed: seed, stream: stream)
    let step = UInt32(truncatingIfNeeded: Int(exactly: operands[0].scalars[0]) ?? 0)
    let scalars = (0..<shape.count).map { index in element(index) { philox.word(index: $0, step: step) } }
    return [ShapedArray(shape: shape, unchecked: scalars)]
  }

  /// A sample for a draw.
  func sample(step: Double) -> OperationSample {
    OperationSample(self, [ShapedArray(scalar: step)], elementTypes: [.int32])
  }
}

extension LayerContext {
  /// What normalised elements are multiplied by and what is added to them: the parameters `scale` and `shift`, which
  /// begin as 1 and 0 and stay so where they are not learned. No prior holds them small.
  func affine(_ shape: Shape, learnsScale: Bool, learnsShift: Bool) throws -> (Tensor, Tensor) {
    func values(_ name: String, _ isLearned: Bool, _ initial: Double) throws -> Tensor {
      guard isLearned else { return graph.constant(initial).broadcast(to: shape) }
      return try parameter(
        name, shape: shape, role: .bias, initializer: .constant(initial), fanIn: 1, fanOut: 1)
    }
    return (try values("scale", learnsScale, 1), try values("shift", learnsShift, 0))
  }

  /// - Throws: `LayerError` unless the input is float32 of at least so many axes and ε is positive.
  func checkNormalized(_ input: Tensor, _ kind: String, rank: Int, form: String, epsilon: Double) throws {
    guard epsilon > 0, epsilon.isFinite else { throw error("epsilon must be positive and finite, not \(epsilon)") }
    guard input.rank >= rank, input.elementType == .float32 else {
      throw error("a \(kind) layer takes float32 \(form), but its input is \(input.type)")
    }
  }
}

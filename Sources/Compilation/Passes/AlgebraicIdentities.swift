extension Pass {
  /// Replaces computations by simpler ones that give the same numbers: `x * 1`, `x + 0`, `--x`, a reshape of a reshape, a
  /// transposed operand of a product, and the like. Nothing that would change an infinity or NaN (`x * 0`) is touched; the
  /// sign of a zero may be (`-0 + 0`).
  static let algebraicIdentities = Pass("algebraic identities") { graph, log in
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      rewriter.enter(node)
      let operands = rewriter.operands(of: node)
      let simplified: Tensor? =
        switch operands.count {
        case 1: simplify(node.operation, operands[0]) ?? simplifyLayout(node.operation, operands[0])
        case 2: simplify(node.operation, operands[0], operands[1])
        default: nil
        }
      if let simplified {
        log("simplify \(node.operation.name) %\(node.firstResult.index) to %\(simplified.value.index)")
        rewriter.replace(node.firstResult, by: simplified)
      } else {
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  private static func simplify(_ operation: any Operation, _ x: Tensor) -> Tensor? {
    let inner = x.maker
    switch operation {
    case is StopGradient: return x
    case let cast as Cast: return cast.elementType == x.elementType ? x : nil
    case is Negate: return inner.operation is Negate ? inner.operands[0] : nil
    case is Log:
      guard let softmax = inner.operation as? Softmax else { return nil }
      return .apply(LogSoftmax(axis: softmax.axis), to: inner.operands[0])
    default: return nil
    }
  }

  private static func simplify(_ operation: any Operation, _ x: Tensor, _ y: Tensor) -> Tensor? {
    let (a, b) = (x.graph.splat(x.value), y.graph.splat(y.value))
    switch operation {
    case is Add:
      if b == 0 { return x }
      if a == 0 { return y }
      let inner = y.maker
      return inner.operation is Negate ? x - inner.operands[0] : nil
    case is Subtract:
      if b == 0 { return x }
      return a == 0 ? -y : nil
    case is Multiply:
      if b == 1 { return x }
      if a == 1 { return y }
      if b == -1 { return -x }
      return a == -1 ? -y : nil
    case is Divide:
      guard let b, Float(b).isNormal, Float(1 / b).isNormal else { return nil }
      // The reciprocal of a power of two is exact.
      return b == 1 ? x : (abs(b.significand) == 1 ? x * (1 / b) : nil)
    case is Power:
      if b == 1 { return x }
      if b == 2 { return x * x }
      return b == -1 ? 1 / x : nil
    case let product as MatrixMultiply: return absorbTransposes(product, x, y)
    default: return nil
    }
  }

  /// A product reads a transposed operand as easily as a plain one.
  private static func absorbTransposes(_ product: MatrixMultiply, _ x: Tensor, _ y: Tensor) -> Tensor? {
    func absorbed(_ tensor: Tensor) -> Tensor? {
      let inner = tensor.maker
      guard let transpose = inner.operation as? Transpose, tensor.rank >= 2 else { return nil }
      var swapped = Array(0..<tensor.rank)
      swapped.swapAt(tensor.rank - 2, tensor.rank - 1)
      return transpose.permutation == swapped ? inner.operands[0] : nil
    }
    let (left, right) = (absorbed(x), absorbed(y))
    guard left != nil || right != nil else { return nil }
    return matrixMultiply(
      left ?? x, right ?? y, transposesLeft: product.transposesLeft != (left != nil),
      transposesRight: product.transposesRight != (right != nil))
  }

  private static func simplifyLayout(_ operation: any Operation, _ x: Tensor) -> Tensor? {
    let inner = x.maker
    switch operation {
    case let reshape as Reshape:
      if reshape.shape == x.shape { return x }
      return inner.operation is Reshape ? inner.operands[0].reshaped(to: reshape.shape) : nil
    case let broadcast as Broadcast:
      if broadcast.shape == x.shape { return x }
      if broadcast.shape.count == x.shape.count { return x.reshaped(to: broadcast.shape) }
      return inner.operation is Broadcast ? inner.operands[0].broadcast(to: broadcast.shape) : nil
    case let transpose as Transpose:
      if transpose.permutation == Array(0..<x.rank) { return x }
      guard let first = inner.operation as? Transpose else { return nil }
      return inner.operands[0].transposed(permutation: transpose.permutation.map { first.permutation[$0] })
    case let slice as Slice:
      let isWhole = slice.ends == x.shape.dimensions && slice.starts.allSatisfy { $0 == 0 }
        && slice.strides.allSatisfy { $0 == 1 }
      return isWhole ? x : nil
    case let pad as Pad:
      return (pad.low + pad.high + pad.interior).allSatisfy { $0 == 0 } ? x : nil
    case is Concatenate: return x
    case is ReduceSum, is ReduceMean, is ReduceMaximum, is ReduceMinimum, is ReduceProduct:
      // Over axes of extent 1 there is nothing to reduce.
      guard let reduction = operation as? any Reduction, reduction.axes.allSatisfy({ x.shape[$0] == 1 }),
        let shape = try? reduction.reducedShape(of: x.shape)
      else { return nil }
      return x.reshaped(to: shape)
    default: return nil
    }
  }
}

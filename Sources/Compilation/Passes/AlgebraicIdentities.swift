extension Pass {
  /// Replaces computations by simpler ones that give the same numbers: `x * 1`, `x + 0`, `--x`, a reshape of a reshape,
  /// a transposed operand of a product, and the like. Nothing that would change an infinity or NaN (`x * 0`) is
  /// touched; the sign of a zero may be (`-0 + 0`).
  static let algebraicIdentities = Pass("algebraic identities") { graph, log in
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      if let simplified = simplify(node, &rewriter) {
        log("simplify \(node.operation.name) %\(node.firstResult.index) to %\(simplified.value.index)")
        rewriter.replace(node.firstResult, by: simplified)
      } else {
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  /// What a node is the same as; nil for most.
  private static func simplify(_ node: Graph.Node, _ rewriter: inout GraphRewriter) -> Tensor? {
    let values = rewriter.source.operands(of: node)
    guard let first = values.first, let last = values.last, values.count <= 2 else { return nil }
    rewriter.enter(node)
    let (x, y) = (rewriter.replacement(of: first), rewriter.replacement(of: last))
    if values.count == 2 { return simplify(node, x, y) }
    return node.isElementwise ? simplify(node, x) : simplifyLayout(node.operation, x)
  }

  private static func simplify(_ node: Graph.Node, _ x: Tensor) -> Tensor? {
    switch node.kind {
    case StopGradient.self: return x
    case Cast.self: return (node.operation as? Cast)?.elementType == x.elementType ? x : nil
    case Negate.self: return x.isMade(by: Negate.self) ? x.maker.operands[0] : nil
    case Log.self:
      let inner = x.maker
      guard let softmax = inner.operation as? Softmax else { return nil }
      return .apply(LogSoftmax(axis: softmax.axis), to: inner.operands[0])
    default: return nil
    }
  }

  private static func simplify(_ node: Graph.Node, _ x: Tensor, _ y: Tensor) -> Tensor? {
    let (a, b) = (x.graph.splat(x.value), y.graph.splat(y.value))
    switch node.kind {
    case Add.self:
      if b == 0 { return x }
      if a == 0 { return y }
      return y.isMade(by: Negate.self) ? x - y.maker.operands[0] : nil
    case Subtract.self:
      if b == 0 { return x }
      return a == 0 ? -y : nil
    case Multiply.self:
      if b == 1 { return x }
      if a == 1 { return y }
      if b == -1 { return -x }
      return a == -1 ? -y : nil
    case Divide.self:
      guard let b, Float(b).isNormal, Float(1 / b).isNormal else { return nil }
      // The reciprocal of a power of two is exact.
      return b == 1 ? x : (abs(b.significand) == 1 ? x * (1 / b) : nil)
    case Power.self:
      if b == 1 { return x }
      if b == 2 { return x * x }
      return b == -1 ? 1 / x : nil
    case MatrixMultiply.self: return (node.operation as? MatrixMultiply).flatMap { absorbTransposes($0, x, y) }
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

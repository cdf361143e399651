extension Pass {
  /// Lets weights that stay from run to run be multiplied by what the columns of their product are multiplied by, and
  /// adds up what is added to them, so that batch normalisation in use becomes part of the layer before it:
  /// `((x W + b) - mean) * scale + shift` becomes `x (W * scale) + ((b - mean) * scale + shift)`.
  ///
  /// Only where all of it follows from constants and variables that the program does not update: the new weights are
  /// then a preparation, which does not run again until a variable has changed.
  static let fixedScales = Pass("fixed scales") { graph, log in
    let uses = graph.useCounts()
    let fixed = graph.fixedValues()
    var products: [Graph.Value: ScaledProduct] = [:]
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      let operands = Array(graph.operands(of: node))
      rewriter.copy(node)
      if let product = ScaledProduct(node, rewriter, isFixed: { fixed[Int($0.index)] }) {
        products[node.firstResult] = product
        continue
      }
      for (index, operand) in operands.enumerated() where operands.count == 2 && uses[Int(operand.index)] == 1 {
        let other = operands[1 - index]
        guard let product = products[operand], fixed[Int(other.index)], !fixed[Int(operand.index)],
          let row = Pass.row(rewriter.replacement(of: other), product.columns),
          let next = product.followed(by: node.operation, row, isLeft: index == 0)
        else { continue }
        products[node.firstResult] = next
        guard next.isScaled else { break }
        log("fold \(node.operation.name) %\(node.firstResult.index) into the weights")
        rewriter.enter(node)
        rewriter.replace(node.firstResult, by: next.tensor())
        break
      }
    }
    return try rewriter.finish()
  }
}

/// A matrix product or a convolution whose columns, or output channels, are multiplied by fixed numbers and shifted.
private struct ScaledProduct {
  let operation: any Operation
  let input: Tensor
  /// The factors are in them already.
  var weights: Tensor
  /// `[columns]`; nil for none.
  var shift: Tensor?
  var isScaled = false
  let columns: Int
  /// Of which axis of the weights there is one for each column.
  let axis: Int

  /// A node as it was copied; nil where it is no product of something that changes with weights that do not.
  init?(_ node: Graph.Node, _ rewriter: GraphRewriter, isFixed: (Graph.Value) -> Bool) {
    let operands = Array(rewriter.source.operands(of: node))
    guard operands.count == 2, !isFixed(operands[0]), isFixed(operands[1]) else { return nil }
    (input, weights) = (rewriter.replacement(of: operands[0]), rewriter.replacement(of: operands[1]))
    switch node.operation {
    case let product as MatrixMultiply where weights.rank == 2: axis = product.transposesRight ? 0 : 1
    case is Convolve: axis = weights.rank - 1
    default: return nil
    }
    operation = node.operation
    columns = weights.shape[axis]
  }

  /// What an operation with a row of fixed numbers makes of it; nil where that is nothing of this form.
  /// - Parameter isLeft: whether the product is the left operand.
  func followed(by operation: any Operation, _ row: Tensor, isLeft: Bool) -> ScaledProduct? {
    var next = self
    switch operation {
    case is Add: next.shift = shift.map { $0 + row } ?? row
    case is Subtract where isLeft: next.shift = shift.map { $0 - row } ?? -row
    case is Multiply: next.scale(by: row) { $0 * $1 }
    case is Divide where isLeft: next.scale(by: row) { $0 / $1 }
    default: return nil
    }
    return next
  }

  private mutating func scale(by row: Tensor, _ combine: (Tensor, Tensor) -> Tensor) {
    weights = combine(weights, axis == weights.rank - 1 ? row : row.reshaped(to: [columns, 1]))
    shift = shift.map { combine($0, row) }
    isScaled = true
  }

  func tensor() -> Tensor {
    let product = input.graph.apply(operation, to: [input, weights])[0]
    return shift.map { product + $0 } ?? product
  }
}

extension Graph {
  /// By value: whether it follows from nothing but constants and variables that the graph does not update.
  func fixedValues() -> [Bool] {
    let updated = Set(updates.map(\.variable))
    var isFixed = [Bool](repeating: false, count: valueCount)
    for node in nodes where !(node.operation is Input) && !updated.contains(node.firstResult) {
      let follows = operands(of: node).allSatisfy { isFixed[Int($0.index)] }
      for result in node.results { isFixed[Int(result.index)] = follows }
    }
    return isFixed
  }
}

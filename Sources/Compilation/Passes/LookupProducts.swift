extension Pass {
  /// Multiplies a table before its rows are looked up, where it has fewer rows than are looked up: an embedding of
  /// some characters, followed by a dense or recurrent layer over thousands of places of a text. Row by row the same
  /// products are computed, only once each.
  ///
  /// With `rows` for the looked-up rows of the table and `index` for the rows of a result that came from each of
  /// them: `rows W + b` becomes a look-up in `table W + b`; `rowsᵀ c` becomes `tableᵀ s` with `s` the sums of `c` by
  /// index; the sums of `c Wᵀ` by index become `s Wᵀ`; and the sum of all of `c` the sum of `s`.
  static let lookupProducts = Pass("products of looked-up rows") { graph, log in
    let uses = graph.useCounts()
    let summed = summedValues(in: graph, uses)
    var rewriter = GraphRewriter(graph)
    for node in graph.nodes {
      rewriter.enter(node)
      let operands = rewriter.operands(of: node)
      let replacement: Tensor? =
        switch node.operation {
        case let product as MatrixMultiply: multiply(FusedMatrixMultiply(product), operands)
        case let fused as FusedMatrixMultiply: multiply(fused, operands)
        case let scatter as ScatterAdd where summed.scatters.contains(node.firstResult):
          sumFirst(scatter, operands)?.reshaped(to: graph.type(of: node.firstResult).shape)
        case let sum as ReduceSum where sum.axes == [0] && !sum.keepsDimensions && operands[0].rank == 2:
          summed.indices[graph.source(of: Array(graph.operands(of: node))[0])].flatMap { index, extent in
            guard index < node.firstResult, graph.type(of: index).count == operands[0].shape[0] else { return nil }
            return rowSums(operands[0], rewriter.replacement(of: index), extent).sum(alongAxes: [0])
          }
        default: nil
        }
      if let replacement {
        log("move the look-up after \(node.operation.name) %\(node.firstResult.index)")
        rewriter.replace(node.firstResult, by: replacement)
      } else {
        rewriter.copy(node)
      }
    }
    return try rewriter.finish()
  }

  /// A product with looked-up rows on its left.
  private static func multiply(_ fused: FusedMatrixMultiply, _ operands: [Tensor]) -> Tensor? {
    guard let lookup = operands[0].lookup, operands[1].rank == 2 else { return nil }
    var rest = operands
    if fused.product.transposesLeft {
      guard !fused.product.transposesRight else { return nil }
      rest[0] = lookedUpRows(lookup)
      rest[1] = rowSums(operands[1], lookup.indices, lookup.table.shape[0])
      return operands[0].graph.apply(fused, to: rest)[0]
    }
    guard !fused.accumulates else { return nil }
    rest[0] = lookup.table
    let indices = lookup.indices.reshaped(to: [operands[0].shape[0]])
    return operands[0].graph.apply(fused, to: rest)[0].gathering(indices)
  }

  /// The table with zeros for rows that are not looked up, which must not count even where they are infinite.
  private static func lookedUpRows(_ lookup: (table: Tensor, indices: Tensor)) -> Tensor {
    select(isLookedUp(lookup.indices, lookup.table.shape[0]), lookup.table, 0)
  }

  /// By row of a table: whether it is looked up, `[extent, 1]`.
  private static func isLookedUp(_ indices: Tensor, _ extent: Int) -> Tensor {
    let ones = indices.graph.constant(1).broadcast(to: [indices.shape.count, 1])
    return rowSums(ones, indices, extent) .> 0
  }

  /// The sums by index of a product's rows: zeros for what is not looked up, even where the other factor is infinite.
  private static func sumFirst(_ scatter: ScatterAdd, _ operands: [Tensor]) -> Tensor? {
    let product = operands[0].unreshaped.maker
    guard let multiply = product.operation as? MatrixMultiply else { return nil }
    let sums = rowSums(product.operands[0], operands[1], scatter.extent)
    let multiplied = matrixMultiply(sums, product.operands[1], transposesRight: multiply.transposesRight)
    return select(isLookedUp(operands[1], scatter.extent), multiplied, 0)
  }

  private static func rowSums(_ rows: Tensor, _ indices: Tensor, _ extent: Int) -> Tensor {
    rows.scatteringAdd(indices.reshaped(to: [rows.shape[0]]), extent: extent)
  }

  /// The sums by index of products that nothing else reads; and, of the rows that such products are made of, or that
  /// are multiplied with looked-up rows, by which indices they are summed, and into how many sums.
  private static func summedValues(
    in graph: Graph, _ uses: [Int32]
  ) -> (scatters: Set<Graph.Value>, indices: [Graph.Value: (index: Graph.Value, extent: Int)]) {
    var scatters: Set<Graph.Value> = []
    var indices: [Graph.Value: (index: Graph.Value, extent: Int)] = [:]
    for node in graph.nodes {
      let operands = Array(graph.operands(of: node))
      switch node.operation {
      case let scatter as ScatterAdd where scatter.axis == 0:
        let value = graph.source(of: operands[0])
        let product = graph.definingNode(of: value)
        let shape = graph.type(of: value).shape
        guard let multiply = product.operation as? MatrixMultiply, !multiply.transposesLeft, shape.rank == 2,
          uses[Int(value.index)] == 1, uses[Int(operands[0].index)] == 1, let factors = graph.matrices(of: product),
          graph.type(of: operands[1]).count == shape[0], graph.type(of: operands[0]).shape.dimensions.last == shape[1],
          2 * scatter.extent <= shape[0]
        else { continue }
        scatters.insert(node.firstResult)
        indices[graph.source(of: factors[0])] = (operands[1], scatter.extent)
      case let multiply as MatrixMultiply where multiply.transposesLeft && !multiply.transposesRight:
        guard let factors = graph.matrices(of: node), let lookup = graph.tensor(factors[0]).lookup else { continue }
        indices[graph.source(of: factors[1])] = (lookup.indices.value, lookup.table.shape[0])
      default: continue
      }
    }
    return (scatters, indices)
  }
}

extension Graph {
  /// A value without the reshapes that it went through.
  fileprivate func source(of value: Value) -> Value { tensor(value).unreshaped.value }

  /// The operands of a product of two single matrices.
  fileprivate func matrices(of product: Node) -> [Value]? {
    let factors = Array(operands(of: product))
    return factors.allSatisfy { type(of: $0).shape.rank == 2 } ? factors : nil
  }
}

extension Tensor {
  fileprivate var unreshaped: Tensor {
    var tensor = self
    while tensor.maker.operation is Reshape { tensor = tensor.maker.operands[0] }
    return tensor
  }

  /// The table and indices, where this is a matrix of rows of a table with at most half as many rows; the indices are
  /// not reshaped yet.
  fileprivate var lookup: (table: Tensor, indices: Tensor)? {
    let gathered = unreshaped.maker
    guard rank == 2, let gather = gathered.operation as? Gather, gather.axis == 0 else { return nil }
    let (table, indices) = (gathered.operands[0], gathered.operands[1])
    guard table.rank == 2, table.elementType == .float32, shape.dimensions == [indices.shape.count, table.shape[1]],
      2 * table.shape[0] <= shape[0]
    else { return nil }
    return (table, indices)
  }
}

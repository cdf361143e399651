@_exported import Operations

/// Reverse mode as a transformation of a graph: appends, for each of `variables`, the nodes that compute the derivative
/// of `output` with respect to it.
///
/// The chain rule, backwards over the list of nodes: a value's cotangent (the derivative of the output with respect to
/// it) is the sum of what its users' pullbacks send to it. The result is ordinary nodes, so it can be differentiated
/// again. Nodes that no derivative flows through cost nothing.
///
/// - Parameters:
///   - output: what to differentiate; unless it is a scalar, a `seed` is needed.
///   - variables: any values of the graph, inputs or computed ones.
///   - seed: the cotangent of the output, of its shape; 1 when nil.
/// - Returns: derivatives of the shapes of `variables`, nil where the output does not depend on one.
/// - Throws: `NotDifferentiable` or `GraphError`.
public func cotangents(
  of output: Tensor, withRespectTo variables: [Tensor], seed: Tensor? = nil
) throws -> [Tensor?] {
  let graph = output.graph
  try check(output, variables, seed)
  let end = graph.definingIndex(of: output.value) + 1
  let isActive = activeValues(graph, output.value, variables.map(\.value), end)
  var cotangents = [Tensor?](repeating: nil, count: isActive.count)
  guard isActive[Int(output.value.index)] else { return variables.map { _ in nil } }

  let (phase, scope) = (graph.phase, graph.currentScopePath)
  defer {
    graph.phase = phase
    graph.enterScope(path: scope)
  }
  graph.phase = .backward
  cotangents[Int(output.value.index)] = seed ?? output.constantLike(1)
  var recomputation = Recomputation(graph)

  for index in stride(from: end - 1, through: 0, by: -1) {
    let node = graph.nodes[index]
    guard node.hasResult(where: { cotangents[Int($0.index)] != nil }) else { continue }
    // A slice would hold the list to which pullbacks append.
    let operands = Array(graph.operands(of: node))
    let isNeeded = operands.map { isActive[Int($0.index)] }
    guard isNeeded.contains(true) else { continue }
    let results = node.results
    let given = results.map { cotangents[Int($0.index)] }
    if let arrived = given.lazy.compactMap({ $0 }).first { recomputation.reach(index, after: arrived) }
    graph.enterScope(of: node)
    let contributions = try pullback(node, PullbackStep(
      operands: operands.map(recomputation.tensor), results: results.map(recomputation.tensor), cotangents: given,
      isNeeded: isNeeded, differentiate: pullbackOfComposition))
    try graph.checkFailure()
    try check(contributions, isNeeded, node, graph)
    for (position, contribution) in contributions.enumerated() {
      guard let contribution, isNeeded[position] else { continue }
      let target = Int(operands[position].index)
      cotangents[target] = cotangents[target].map { $0 + contribution } ?? contribution
    }
  }
  return variables.map { $0.value.index < isActive.count ? cotangents[Int($0.value.index)] : nil }
}

/// The gradient of a scalar with respect to each variable, zeros where it does not depend on one.
public func gradients(of output: Tensor, withRespectTo variables: [Tensor]) throws -> [Tensor] {
  try zip(variables, cotangents(of: output, withRespectTo: variables)).map { variable, cotangent in
    cotangent ?? variable.constantLike(0)
  }
}

private func check(_ output: Tensor, _ variables: [Tensor], _ seed: Tensor?) throws {
  let graph = output.graph
  try graph.checkFailure()
  func failure(_ operands: [TensorType], _ message: String) -> GraphError {
    GraphError(scope: graph.currentScopePath, operation: "gradient", operands: operands, message: message)
  }
  guard ([output] + variables + [seed].compactMap { $0 }).allSatisfy(graph.owns) else {
    throw failure([], "the output, the variables and the seed must belong to one graph")
  }
  guard output.elementType == .float32 else {
    throw failure([output.type], "only float32 values have derivatives")
  }
  if let seed, seed.type != output.type {
    throw failure([output.type, seed.type], "the seed must be of the output's type")
  }
  guard seed != nil || output.shape.count == 1 else {
    throw failure(
      [output.type],
      "only a scalar has a gradient; reduce the output first, with sum() or mean(), or give the cotangent")
  }
}

/// The node's pullback, whose refusal is told with the node's scope.
private func pullback(_ node: Graph.Node, _ step: PullbackStep) throws -> [Tensor?] {
  do {
    return try node.operation.pullback(step)
  } catch let error as NotDifferentiable where error.scope.isEmpty {
    throw NotDifferentiable(error.operation, because: error.reason, scope: step.operands[0].graph.scope(of: node))
  }
}

/// What a pullback gives must fit the operands: the operation may be of another package.
private func check(
  _ contributions: [Tensor?], _ isNeeded: [Bool], _ node: Graph.Node, _ graph: Graph
) throws {
  let types = graph.operands(of: node).map { graph.type(of: $0) }
  func failure(_ message: String) -> GraphError {
    GraphError(
      scope: graph.scope(of: node), operation: node.operation.name, operands: types,
      message: "its pullback must give a cotangent or nil for each operand, \(message)")
  }
  guard contributions.count == types.count else {
    throw failure("but gave \(contributions.count) for \(types.count)")
  }
  for (position, contribution) in contributions.enumerated() {
    guard let contribution, isNeeded[position] else { continue }
    guard graph.owns(contribution) else { throw failure("but number \(position + 1) belongs to another graph") }
    guard contribution.type == types[position] else {
      throw failure("of its type, but number \(position + 1) is \(contribution.type)")
    }
  }
}

/// Appends a function and its chain rule; see `PullbackStep.pullback(at:cotangents:of:)`.
private func pullbackOfComposition(
  at operands: [Tensor], cotangents given: [Tensor?], of function: ([Tensor]) throws -> [Tensor]
) throws -> [Tensor?] {
  // Values of their own: an operand may be given twice, or depend on another one.
  let variables = operands.map { Tensor.apply(Reshape(to: $0.shape), to: $0) }
  let terms = zip(try function(variables), given).compactMap { result, cotangent in
    cotangent.map { (result * $0).sum() }
  }
  guard let first = terms.first else { return operands.map { _ in nil } }
  return try cotangents(of: terms.dropFirst().reduce(first, +), withRespectTo: variables)
}

/// Marks the values through which a derivative flows: those that depend on a variable and that the output depends on.
private func activeValues(
  _ graph: Graph, _ output: Graph.Value, _ variables: [Graph.Value], _ end: Int
) -> [Bool] {
  let last = graph.nodes[end - 1]
  let count = Int(last.firstResult.index) + last.resultCount
  var depends = [Bool](repeating: false, count: count)
  for variable in variables where Int(variable.index) < count { depends[Int(variable.index)] = true }
  for node in graph.nodes[..<end] {
    guard graph.operands(of: node).contains(where: { depends[Int($0.index)] }), !(node.operation is StopGradient) else {
      continue
    }
    for result in node.results where graph.type(of: result).elementType == .float32 {
      depends[Int(result.index)] = true
    }
  }
  var matters = [Bool](repeating: false, count: count)
  matters[Int(output.index)] = true
  for node in graph.nodes[..<end].reversed() where node.hasResult(where: { matters[Int($0.index)] }) {
    for operand in graph.operands(of: node) { matters[Int(operand.index)] = true }
  }
  return zip(depends, matters).map { $0 && $1 }
}

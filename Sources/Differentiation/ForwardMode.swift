/// The derivative of `output` when each variable moves along its direction: the Jacobian times the directions.
///
/// Forward mode made of reverse mode twice. A pullback is linear in its seed `u`: `Jᵀu`. The derivative of `Σ Jᵀu · v`
/// with respect to `u` is `J v`, and once the nodes that only carried `u` are dead code, what is left runs forward
/// along with the function. Source: Townsend, "A new trick for calculating Jacobian vector products" (2017).
///
/// - Parameters:
///   - output: any value of the graph.
///   - variables: values of the graph.
///   - directions: in the same order, each of its variable's type.
/// - Returns: a tensor of the output's type, zeros where the output does not depend on the variables.
/// - Throws: `NotDifferentiable` (also where only a second derivative is missing) or `GraphError`.
public func directionalDerivative(
  of output: Tensor, withRespectTo variables: [Tensor], along directions: [Tensor]
) throws -> Tensor {
  let graph = output.graph
  guard variables.count == directions.count, zip(variables, directions).allSatisfy({ $0.type == $1.type }) else {
    throw GraphError(
      scope: graph.currentScopePath, operation: "directionalDerivative", operands: variables.map(\.type),
      message: "each variable needs a direction of its own type, but the directions are "
        + directions.map(\.type.description).joined(separator: ", "))
  }
  let seed = output.constantLike(1)
  let products = try zip(cotangents(of: output, withRespectTo: variables, seed: seed), directions).compactMap {
    cotangent, direction in cotangent.map { ($0 * direction).sum() }
  }
  guard let first = products.first else { return output.constantLike(0) }
  let total = products.dropFirst().reduce(first, +)
  return try cotangents(of: total, withRespectTo: [seed])[0] ?? output.constantLike(0)
}

import ReferenceBackend

/// A function of arrays as a graph, and the point at which it is looked at.
struct Trace {
  let graph = Graph()
  let arguments: [Tensor]
  let output: Tensor
  private var values: [String: ShapedArray<Double>] = [:]

  /// - Throws: what the function throws, or the first error of the graph.
  init(_ point: [ShapedArray<Double>], _ function: ([Tensor]) throws -> Tensor) throws {
    guard !point.isEmpty else {
      throw GraphError(operation: "gradient", message: "there is no argument to differentiate by")
    }
    var arguments: [Tensor] = []
    for (index, value) in point.enumerated() {
      let name = "argument \(index)"
      values[name] = value
      arguments.append(graph.input(name, TensorType(value.shape)))
    }
    self.arguments = arguments
    output = try function(arguments)
    try graph.checkFailure()
    guard graph.owns(output) else {
      throw GraphError(
        operation: "gradient", message: "the function's result belongs to another graph than its arguments")
    }
  }

  /// The values of tensors at the point.
  /// - Parameter others: values of inputs that were added to the graph after the trace.
  func evaluate(
    _ tensors: [Tensor], with others: [String: ShapedArray<Double>] = [:]
  ) throws -> [ShapedArray<Double>] {
    try Interpreter(values: values.merging(others) { $1 }).evaluate(tensors)
  }

  /// The same with another point of the same shapes.
  func moved(to point: [ShapedArray<Double>]) -> Trace {
    var copy = self
    for (index, value) in point.enumerated() { copy.values["argument \(index)"] = value }
    return copy
  }
}

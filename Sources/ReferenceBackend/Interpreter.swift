@_exported import Graphs

/// The plain interpreter: evaluates a graph node by node in Float64, each operation by its own definition.
///
/// It is slow and short on purpose. What it computes is what a graph means; every other backend is measured against it.
public struct Interpreter {
  /// The values of inputs and variables, by name.
  public var values: [String: ShapedArray<Double>]

  /// - Parameter values: of inputs and variables, by name; may also be set afterwards.
  public init(values: [String: ShapedArray<Double>] = [:]) {
    self.values = values
  }

  /// Runs the whole graph, applies its updates to `values`, and returns its outputs by name.
  /// - Throws: `GraphError` that names the node whose operands or values do not fit.
  public mutating func run(_ graph: Graph) throws -> [String: ShapedArray<Double>] {
    let results = try evaluate(graph, wanted: graph.outputs.map(\.value) + graph.updates.map(\.value))
    for update in graph.updates {
      guard let variable = graph.definingNode(of: update.variable).operation as? Variable else { continue }
      values[variable.variableName] = results[Int(update.value.index)]
    }
    var outputs: [String: ShapedArray<Double>] = [:]
    for output in graph.outputs { outputs[output.name] = results[Int(output.value.index)] }
    return outputs
  }

  /// The values of `tensors`, in order.
  public func evaluate(_ tensors: [Tensor]) throws -> [ShapedArray<Double>] {
    guard let graph = tensors.first?.graph else { return [] }
    try graph.checkFailure()
    guard tensors.allSatisfy(graph.owns) else {
      throw GraphError(operation: "evaluate", message: "the tensors do not belong to one graph")
    }
    let results = try evaluate(graph, wanted: tensors.map(\.value))
    return tensors.compactMap { results[Int($0.value.index)] }
  }

  /// Every value that the wanted ones depend on, by index; values that nothing needs are nil.
  public func evaluate(_ graph: Graph, wanted: [Graph.Value]) throws -> [ShapedArray<Double>?] {
    try graph.checkFailure()
    var isNeeded = [Bool](repeating: false, count: graph.valueCount)
    for value in wanted where isNeeded.indices.contains(Int(value.index)) { isNeeded[Int(value.index)] = true }
    for node in graph.nodes.reversed() where node.hasResult(where: { isNeeded[Int($0.index)] }) {
      for operand in graph.operands(of: node) { isNeeded[Int(operand.index)] = true }
    }
    var results = [ShapedArray<Double>?](repeating: nil, count: graph.valueCount)
    for node in graph.nodes where node.hasResult(where: { isNeeded[Int($0.index)] }) {
      let first = Int(node.firstResult.index)
      for (offset, result) in try evaluate(node, in: graph, results).enumerated() {
        results[first + offset] = result
      }
    }
    return results
  }

  /// Of a value, 8 bytes each: memory that the system does not have would end the process.
  private static let greatestCount = 1 << 30

  private func evaluate(
    _ node: Graph.Node, in graph: Graph, _ results: [ShapedArray<Double>?]
  ) throws -> [ShapedArray<Double>] {
    func failure(_ message: String) -> GraphError {
      GraphError(
        scope: graph.scope(of: node), operation: node.operation.name,
        operands: graph.operands(of: node).map { graph.type(of: $0) }, message: message)
    }
    let given: (name: String, type: TensorType)? =
      switch node.operation {
      case let input as Input: (input.inputName, input.type)
      case let variable as Variable: (variable.variableName, variable.type)
      default: nil
      }
    if let given {
      guard let value = values[given.name] else { throw failure("'\(given.name)' was not given a value") }
      guard value.shape == given.type.shape else {
        throw failure("'\(given.name)' is \(given.type) but was given a value of shape \(value.shape)")
      }
      return [Self.round(value, to: given.type.elementType)]
    }
    let types = node.results.map { graph.type(of: $0) }
    if let large = types.first(where: { $0.count > Self.greatestCount }) {
      throw failure("\(large) has more than \(Self.greatestCount) elements, which are too many to interpret")
    }
    let operands = graph.operands(of: node).compactMap { results[Int($0.index)] }
    do {
      return try Self.evaluate(node.operation, operands, as: types)
    } catch let error as ShapeError {
      throw failure(error.message)
    }
  }

  /// What an operation means, with results as their types hold them.
  public static func evaluate(
    _ operation: any Operation, _ operands: [ShapedArray<Double>], as resultTypes: [TensorType]
  ) throws -> [ShapedArray<Double>] {
    zip(try operation.results(of: operands, as: resultTypes), resultTypes).map { round($0, to: $1.elementType) }
  }

  /// Integers wrap at 32 bits as they do on the CPU; booleans are 0 or 1; of the types of real numbers only bfloat16 is
  /// rounded.
  public static func round(_ array: ShapedArray<Double>, to elementType: ElementType) -> ShapedArray<Double> {
    switch elementType {
    case .float32: array
    case .bool: array.map { $0 != 0 ? 1 : 0 }
    case .bfloat16: array.map(\.roundedToBfloat16)
    case .int32:
      array.map { scalar in
        if abs(scalar) <= Double(Int32.max) { return scalar.rounded(.towardZero) }
        guard let wide = Int64(exactly: scalar.rounded(.towardZero)) else { return 0 }
        return Double(Int32(truncatingIfNeeded: wide))
      }
    }
  }
}

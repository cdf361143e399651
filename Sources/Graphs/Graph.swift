/// A computation as an append-only list of nodes.
///
/// The operands of a node are results of earlier nodes, so the order of the list is a topological order: what runs
/// forward is a loop over the list, and reverse mode is a loop backwards. Nothing here recurses, whatever the depth.
///
/// Errors stick: tracing code uses plain operators, which cannot throw, so the first node that does not fit is recorded
/// in `failure` and everything that follows is ignored until `checkFailure()` throws it.
public final class Graph {
  /// Which part of a training step a node belongs to.
  public enum Phase: String, Sendable, Codable { case forward, backward, update }

  /// One step of the computation.
  public struct Node: Sendable {
    /// What the node computes.
    public let operation: any Operation
    /// Where the node's operands lie in the graph's list of operands.
    let operandRange: Range<Int32>
    /// The node's results are consecutive values.
    public let firstResult: Value
    /// The number of the node's results.
    public let resultCount: Int
    let scopeIndex: Int32
    /// The part of a training step that the node belongs to.
    public let phase: Phase

    /// The node's results, in order. Makes an array: see `hasResult(where:)` for long walks.
    public var results: [Value] { (0..<resultCount).map { Value(index: firstResult.index + Int32($0)) } }

    /// Whether a condition holds for any of the results; long walks ask this of every node, so it makes no array.
    public func hasResult(where condition: (Value) -> Bool) -> Bool {
      var value = firstResult
      let end = firstResult.index + Int32(resultCount)
      while value.index < end {
        if condition(value) { return true }
        value = Value(index: value.index + 1)
      }
      return false
    }
  }

  /// One result of one node, as its position in the list of all results.
  public struct Value: Hashable, Sendable, Comparable {
    /// The position among the results of all nodes, from 0.
    public let index: Int32

    /// A value by its position, which must be of the graph that it is used with.
    public init(index: Int32) { self.index = index }

    public static func < (a: Value, b: Value) -> Bool { a.index < b.index }
  }

  /// A result that is asked for by name.
  public struct Output: Sendable {
    /// What it is asked for by; unique in a graph.
    public let name: String
    /// What is asked for.
    public let value: Value
  }

  /// A variable and the value it takes when the program has run.
  public struct Update: Sendable {
    /// The variable, a result of a `Variable` node.
    public let variable: Value
    /// Its value after the run, of the variable's type.
    public let value: Value
  }

  /// The computation, in topological order.
  public private(set) var nodes: [Node] = []
  private var operandList: [Value] = []
  private var valueTypes: [TensorType] = []
  private var definingNodes: [Int32] = []
  private var named: [String: Value] = [:]

  /// What is asked for by name, in the order of asking.
  public private(set) var outputs: [Output] = []
  /// The variables that change, in the order of asking; at most one update each.
  public private(set) var updates: [Update] = []
  /// What reverse mode repeats instead of keeping it, in the order of the nodes; passes, which come later, drop it.
  public internal(set) var recomputedSegments: [RecomputedSegment] = []
  var isRecomputing = false
  /// The first error of the trace.
  public private(set) var failure: (any Error)?

  private var scopeNames: [String] = [""]
  private var scopeIndices: [String: Int32] = ["": 0]
  private var currentScope: Int32 = 0
  /// The phase that new nodes belong to.
  public var phase: Phase = .forward

  /// An empty graph.
  public init() {}

  // MARK: Reading

  /// The number of results of all nodes: one more than the largest index of a value.
  public var valueCount: Int { valueTypes.count }

  /// The values that a node of this graph reads, in order.
  public func operands(of node: Node) -> ArraySlice<Value> {
    operandList[Int(node.operandRange.lowerBound)..<Int(node.operandRange.upperBound)]
  }

  /// The type of a value; that of a scalar for the placeholders of a failed graph.
  public func type(of value: Value) -> TensorType {
    contains(value) ? valueTypes[Int(value.index)] : TensorType(.scalar)
  }

  /// The position in `nodes` of the node that makes a value.
  public func definingIndex(of value: Value) -> Int { Int(definingNodes[Int(value.index)]) }

  /// The node that makes a value of this graph.
  public func definingNode(of value: Value) -> Node { nodes[definingIndex(of: value)] }

  /// The path of the layer that a node belongs to, empty outside of layers.
  public func scope(of node: Node) -> String { scopeNames[Int(node.scopeIndex)] }

  /// A handle on a value, to build on.
  public func tensor(_ value: Value) -> Tensor { Tensor(graph: self, value: value) }

  // MARK: Building

  /// Appends a node.
  /// - Returns: its results; meaningless placeholders once the graph has failed.
  @discardableResult
  public func apply(_ operation: any Operation, to operands: [Tensor]) -> [Tensor] {
    guard failure == nil else { return placeholders(for: operation, operands) }
    for operand in operands where !owns(operand) {
      fail(strangerError(operation.name))
      return placeholders(for: operation, operands)
    }
    let operandTypes = operands.map(\.type)
    do {
      let types = try operation.resultTypes(for: operandTypes)
      for type in types where !type.shape.isValid {
        throw ShapeError("the result would be of shape \(type.shape), which is not valid")
      }
      guard types.count == operation.resultCount else {
        throw ShapeError("resultTypes gives \(types.count) types, but resultCount is \(operation.resultCount)")
      }
      return append(operation, operands.map(\.value), types).map { Tensor(graph: self, value: $0) }
    } catch let error as ShapeError {
      fail(GraphError(
        scope: currentScopePath, operation: operation.name, operands: operandTypes, message: error.message))
    } catch {
      fail(error)
    }
    return placeholders(for: operation, operands)
  }

  /// Whether a tensor is one of this graph's values.
  public func owns(_ tensor: Tensor) -> Bool {
    tensor.graph === self && contains(tensor.value)
  }

  private func contains(_ value: Value) -> Bool { value.index >= 0 && Int(value.index) < valueTypes.count }

  private func strangerError(_ operation: String) -> GraphError {
    GraphError(
      scope: currentScopePath, operation: operation,
      message: "an operand belongs to another graph; a closure that is differentiated may use only its own tensors")
  }

  private func append(_ operation: any Operation, _ operands: [Value], _ types: [TensorType]) -> [Value] {
    let first = Int32(valueTypes.count)
    let start = Int32(operandList.count)
    operandList.append(contentsOf: operands)
    valueTypes.append(contentsOf: types)
    for _ in types { definingNodes.append(Int32(nodes.count)) }
    nodes.append(Node(
      operation: operation, operandRange: start..<start + Int32(operands.count), firstResult: Value(index: first),
      resultCount: types.count, scopeIndex: currentScope, phase: phase))
    return types.indices.map { Value(index: first + Int32($0)) }
  }

  /// Makes room for as much as another graph holds.
  public func reserveCapacity(of other: Graph) {
    nodes.reserveCapacity(other.nodes.count)
    operandList.reserveCapacity(other.operandList.count)
    valueTypes.reserveCapacity(other.valueTypes.count)
    definingNodes.reserveCapacity(other.definingNodes.count)
  }

  /// Appends a node of another graph as it is: what a pass does with most nodes, so nothing is checked again.
  /// - Parameter replacements: for each value of the other graph, one of this graph and of the same type; needed for
  ///   the node's operands.
  /// - Returns: its first result.
  package func adopt(_ node: Node, of source: Graph, replacements: [Value?]) -> Value {
    phase = node.phase
    enterScope(path: source.scopeNames[Int(node.scopeIndex)])
    let first = Int(node.firstResult.index)
    let value = Value(index: Int32(valueTypes.count))
    let start = Int32(operandList.count)
    for operand in source.operands(of: node) {
      guard let replacement = replacements[Int(operand.index)] else {
        // `GraphRewriter`, the only caller, goes through the source in its order, in which operands come first.
        preconditionFailure("a pass used value \(operand.index) before it was rewritten")
      }
      operandList.append(replacement)
    }
    for result in first..<first + node.resultCount {
      valueTypes.append(source.valueTypes[result])
      definingNodes.append(Int32(nodes.count))
    }
    nodes.append(Node(
      operation: node.operation, operandRange: start..<Int32(operandList.count), firstResult: value,
      resultCount: node.resultCount, scopeIndex: currentScope, phase: node.phase))
    return value
  }

  private func placeholders(for operation: any Operation, _ operands: [Tensor]) -> [Tensor] {
    let value = operands.first { $0.graph === self }?.value ?? Value(index: -1)
    return Array(repeating: Tensor(graph: self, value: value), count: operation.resultCount)
  }

  /// Records an error found while tracing, unless there is one already.
  public func fail(_ error: any Error) {
    if failure == nil { failure = error }
  }

  /// - Throws: the first error of the trace, if there is one.
  public func checkFailure() throws {
    if let failure { throw failure }
  }

  /// Values that are given anew for each run; the same name gives the same tensor.
  public func input(_ name: String, _ type: TensorType) -> Tensor {
    named(name, Input(inputName: name, type: type), type)
  }

  /// State that a program reads and updates in place: weights, moments, counters; the same name gives the same tensor.
  public func variable(_ name: String, _ type: TensorType) -> Tensor {
    named(name, Variable(variableName: name, type: type), type)
  }

  /// Values that are part of the program; integers and booleans as the `Double` of the same value.
  public func constant(_ array: ShapedArray<Double>, _ elementType: ElementType = .float32) -> Tensor {
    apply(Constant(array, elementType), to: [])[0]
  }

  /// A number that is part of the program, of shape `[]`.
  public func constant(_ scalar: Double, _ elementType: ElementType = .float32) -> Tensor {
    constant(ShapedArray(scalar: scalar), elementType)
  }

  private func named(_ name: String, _ operation: any Operation, _ type: TensorType) -> Tensor {
    if let value = named[name] {
      let existing = definingNode(of: value).operation
      if type != self.type(of: value) || existing.name != operation.name {
        fail(GraphError(
          scope: scopeNames[Int(currentScope)], operation: operation.name, operands: [type],
          message: "'\(name)' is already the name of \(existing.name) \(self.type(of: value))"))
      }
      return Tensor(graph: self, value: value)
    }
    let tensor = apply(operation, to: [])[0]
    if failure == nil { named[name] = tensor.value }
    return tensor
  }

  /// Asks for a value by name when the program has run.
  public func output(_ name: String, _ tensor: Tensor) {
    guard failure == nil else { return }
    guard owns(tensor) else { return fail(strangerError("output")) }
    guard !outputs.contains(where: { $0.name == name }) else {
      return fail(GraphError(
        operation: "output", operands: [tensor.type], message: "there is already an output '\(name)'"))
    }
    outputs.append(Output(name: name, value: tensor.value))
  }

  /// Gives a variable a new value at the end of each run.
  public func update(_ variable: Tensor, to tensor: Tensor) {
    guard failure == nil else { return }
    guard owns(variable), owns(tensor) else { return fail(strangerError("update")) }
    guard definingNode(of: variable.value).operation is Variable else {
      return fail(GraphError(operation: "update", operands: [variable.type], message: "only a variable can be updated"))
    }
    guard variable.type == tensor.type else {
      return fail(GraphError(
        operation: "update", operands: [variable.type, tensor.type],
        message: "the new value must be of the variable's type"))
    }
    guard !updates.contains(where: { $0.variable == variable.value }) else {
      return fail(GraphError(operation: "update", operands: [variable.type], message: "the variable is updated twice"))
    }
    updates.append(Update(variable: variable.value, value: tensor.value))
  }

  /// Names the nodes that `body` appends after a layer; scopes nest as `outer/inner`.
  public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = currentScope
    let path = scopeNames[Int(outer)].isEmpty ? name : "\(scopeNames[Int(outer)])/\(name)"
    enterScope(path: path)
    defer { currentScope = outer }
    return try body()
  }

  /// Makes `path` the scope of new nodes, as it stands.
  public func enterScope(path: String) {
    // Neighbours mostly share their scope.
    if scopeNames[Int(currentScope)] == path { return }
    if let index = scopeIndices[path] {
      currentScope = index
    } else {
      currentScope = Int32(scopeNames.count)
      scopeIndices[path] = currentScope
      scopeNames.append(path)
    }
  }

  /// Makes the scope of a node that of new nodes.
  public func enterScope(of node: Node) { currentScope = node.scopeIndex }

  /// The scope that new nodes are given.
  public var currentScopePath: String { scopeNames[Int(currentScope)] }
}

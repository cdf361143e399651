/// The text of a graph could not be read.
public struct GraphParseError: Error, CustomStringConvertible, Equatable {
  /// Counted from 1.
  public let line: Int
  /// What could not be read.
  public let message: String

  /// An error in a line of the text, counted from 1.
  public init(line: Int, message: String) {
    self.line = line
    self.message = message
  }

  public var description: String { "line \(line): \(message)" }
}

extension Graph {
  /// Reads what `text` writes. Empty lines and lines that start with `//` are passed over.
  /// - Parameter catalog: the operations that the text may name.
  /// - Throws: `GraphParseError`, which names the line.
  public convenience init(parsing text: String, catalog: [any Operation.Type]) throws {
    self.init()
    var parser = GraphParser(graph: self, catalog: catalog)
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, bytes) in lines.enumerated() {
      let line = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
      do {
        try parser.parse(TextScanner(line))
        try checkFailure()
      } catch {
        throw GraphParseError(line: index + 1, message: "\(error)")
      }
    }
    phase = .forward
    enterScope(path: "")
  }
}

/// Reads lines into a graph, one at a time.
private struct GraphParser {
  let graph: Graph
  let catalog: [any Operation.Type]
  /// The values by their numbers in the text.
  private var values: [Int: Tensor] = [:]

  init(graph: Graph, catalog: [any Operation.Type]) {
    self.graph = graph
    self.catalog = catalog
  }

  mutating func parse(_ line: TextScanner) throws {
    var line = line
    if line.isAtEnd || line.take("//") { return }
    if line.take("output ") {
      let name = try line.string()
      try line.expect("=")
      graph.output(name, try value(&line))
    } else if line.take("update ") {
      let variable = try value(&line)
      try line.expect("=")
      graph.update(variable, to: try value(&line))
    } else {
      return try parseNode(&line)
    }
    try line.expectEnd()
  }

  private mutating func parseNode(_ line: inout TextScanner) throws {
    var results: [(number: Int, type: TensorType)] = []
    repeat {
      try line.expect("%")
      let number = try line.integer()
      try line.expect(":")
      results.append((number, try type(&line)))
    } while line.take(",")
    try line.expect("=")
    let name = line.word()
    let operands = try operands(&line)
    let attributes = line.next == UInt8(ascii: "{") ? try line.object() : "{}"
    let operation = try OperationCoding.operation(named: name, attributes: attributes, catalog: catalog)

    graph.phase = .forward
    if line.take("@") {
      let name = line.word()
      guard let phase = Graph.Phase(rawValue: name) else { throw OperationCodingError("there is no phase '\(name)'") }
      graph.phase = phase
    }
    graph.enterScope(path: line.take("//") ? line.unescapedRest() : "")
    try line.expectEnd()

    let tensors = apply(operation, operands)
    try graph.checkFailure()
    let types = tensors.map(\.type)
    guard types == results.map(\.type) else {
      throw OperationCodingError("\(name) gives \(types), but the line says \(results.map(\.type))")
    }
    for (result, tensor) in zip(results, tensors) {
      guard values.updateValue(tensor, forKey: result.number) == nil else {
        throw OperationCodingError("there is already a %\(result.number)")
      }
    }
  }

  /// Inputs and variables are made by name, so that the graph finds them by name again.
  private func apply(_ operation: any Operation, _ operands: [Tensor]) -> [Tensor] {
    switch operation {
    case let input as Input where operands.isEmpty: [graph.input(input.inputName, input.type)]
    case let variable as Variable where operands.isEmpty: [graph.variable(variable.variableName, variable.type)]
    default: graph.apply(operation, to: operands)
    }
  }

  private func operands(_ line: inout TextScanner) throws -> [Tensor] {
    try line.expect("(")
    var operands: [Tensor] = []
    if line.take(")") { return operands }
    repeat { operands.append(try value(&line)) } while line.take(",")
    try line.expect(")")
    return operands
  }

  private func value(_ line: inout TextScanner) throws -> Tensor {
    try line.expect("%")
    let number = try line.integer()
    guard let value = values[number] else { throw OperationCodingError("there is no %\(number) before this line") }
    return value
  }

  private func type(_ line: inout TextScanner) throws -> TensorType {
    let name = line.word()
    guard let elementType = ElementType(rawValue: name) else {
      throw OperationCodingError("there is no element type '\(name)'")
    }
    try line.expect("[")
    var dimensions: [Int] = []
    if line.take("]") { return TensorType(.scalar, elementType) }
    repeat { dimensions.append(try line.integer()) } while line.take(",")
    try line.expect("]")
    return TensorType(Shape(dimensions), elementType)
  }
}

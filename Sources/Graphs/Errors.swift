/// Operands do not fit an operation: thrown by shape rules, without the context that the graph adds.
public struct ShapeError: Error, CustomStringConvertible, Equatable {
  /// What does not fit.
  public let message: String

  /// An error without context: what does not fit, such as the shapes.
  public init(_ message: String) { self.message = message }

  public var description: String { message }
}

/// A derivative was asked for where none exists.
public struct NotDifferentiable: Error, CustomStringConvertible, Equatable {
  /// The path of the layer that the operation belongs to, empty outside of layers.
  public let scope: String
  /// The operation's name.
  public let operation: String
  /// Why there is no derivative, and what to use instead.
  public let reason: String

  /// An error of an operation; the scope is filled in where a graph is walked.
  public init(_ operation: String, because reason: String, scope: String = "") {
    self.scope = scope
    self.operation = operation
    self.reason = reason
  }

  public var description: String {
    "\(scope.isEmpty ? "" : "\(scope): ")\(operation) is not differentiable: \(reason)"
  }
}

/// A graph could not be built, with the place where it went wrong.
public struct GraphError: Error, CustomStringConvertible, Equatable {
  /// The path of the layer that was being traced, empty outside of layers.
  public let scope: String
  /// The operation's name.
  public let operation: String
  /// The types of its operands.
  public let operands: [TensorType]
  /// What is wrong.
  public let message: String

  /// An error at a place in a graph, with the types that met there.
  public init(scope: String = "", operation: String, operands: [TensorType] = [], message: String) {
    self.scope = scope
    self.operation = operation
    self.operands = operands
    self.message = message
  }

  public var description: String {
    let place = scope.isEmpty ? "" : "\(scope): "
    let given = operands.isEmpty ? "" : " (operands: \(operands.map(\.description).joined(separator: ", ")))"
    return "\(place)\(operation): \(message)\(given)"
  }
}

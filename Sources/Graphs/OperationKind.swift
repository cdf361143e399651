/// Which type an operation is of.
///
/// Two are compared as two addresses are, where `operation is Add` asks the runtime: passes ask this of every node of
/// large graphs many times. As a pattern a type matches its kind: `switch node.kind { case Add.self: … }`.
public struct OperationKind: Hashable, Sendable {
  @usableFromInline let type: ObjectIdentifier

  /// The kind of the operations of a type.
  @inlinable
  public init(_ type: any Operation.Type) { self.type = ObjectIdentifier(type) }

  /// Whether a kind is that of a type.
  @inlinable
  public static func ~= (type: any Operation.Type, kind: OperationKind) -> Bool { ObjectIdentifier(type) == kind.type }
}

extension Graph.Node {
  /// Which type the node's operation is of.
  @inlinable
  public var kind: OperationKind { OperationKind(type(of: operation)) }

  /// Whether each element of the result depends on those at the same place of the operands alone.
  @inlinable
  public var isElementwise: Bool { type(of: operation).isElementwise }
}

extension Graph {
  /// Which type of operation makes a value of this graph.
  public func kind(of value: Value) -> OperationKind { nodes[definingIndex(of: value)].kind }

  /// Whether any node is of one of these types.
  public func contains(_ types: [any Operation.Type]) -> Bool {
    let kinds = types.map { OperationKind($0) }
    return nodes.contains { kinds.contains($0.kind) }
  }
}

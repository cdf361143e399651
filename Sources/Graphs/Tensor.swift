/// A handle on one value of a graph that is being traced.
///
/// Arithmetic on tensors (in `Operations`) computes nothing: it appends nodes.
public struct Tensor {
  public let graph: Graph
  public let value: Graph.Value

  public init(graph: Graph, value: Graph.Value) {
    self.graph = graph
    self.value = value
  }

  public var type: TensorType { graph.type(of: value) }
  public var shape: Shape { type.shape }
  public var elementType: ElementType { type.elementType }
  public var rank: Int { shape.rank }

  /// Appends an operation with one result.
  public static func apply(_ operation: some Operation, to operands: Tensor...) -> Tensor {
    operands[0].graph.apply(operation, to: operands)[0]
  }
}

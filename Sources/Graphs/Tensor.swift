/// A handle on one value of a graph that is being traced.
///
/// Arithmetic on tensors (in `Operations`) computes nothing: it appends nodes.
public struct Tensor {
  /// The graph that is being traced.
  public let graph: Graph
  /// Which of its values this is.
  public let value: Graph.Value

  /// A handle on a value, which must be one of the graph's own.
  public init(graph: Graph, value: Graph.Value) {
    self.graph = graph
    self.value = value
  }

  /// What is known of the value while tracing.
  public var type: TensorType { graph.type(of: value) }
  /// The extents along each axis.
  public var shape: Shape { type.shape }
  /// What the elements are.
  public var elementType: ElementType { type.elementType }
  /// The number of axes.
  public var rank: Int { shape.rank }

  /// Appends an operation with one result.
  public static func apply(_ operation: some Operation, to operands: Tensor...) -> Tensor {
    operands[0].graph.apply(operation, to: operands)[0]
  }
}

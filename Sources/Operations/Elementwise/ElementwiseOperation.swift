@_exported import Graphs

/// An operation that computes each element of its result from the elements at the same place of its operands, which are
/// all of one shape.
///
/// Backends fuse chains of these into one loop. Operands of different shapes are first repeated by `Broadcast`, so that
/// no chain rule here has to sum anything.
public protocol ElementwiseOperation: Operation {
  /// The number of operands, 1 to 3.
  static var arity: Int { get }

  /// The element type of the result.
  func resultElementType(for operands: [ElementType]) throws -> ElementType

  /// The meaning for one element; operands that the operation does not have are 0.
  func scalar(_ a: Double, _ b: Double, _ c: Double) -> Double
}

extension ElementwiseOperation {
  public static var isElementwise: Bool { true }

  public func resultElementType(for operands: [ElementType]) throws -> ElementType {
    guard operands.allSatisfy({ $0 == .float32 }) else { throw ShapeError("operands must be float32") }
    return .float32
  }

  /// The rule of arithmetic that integers have too: operands of one type, float32 or int32, give a result of that type.
  func arithmeticElementType(for operands: [ElementType]) throws -> ElementType {
    guard let first = operands.first, first != .bool, operands.allSatisfy({ $0 == first }) else {
      throw ShapeError("operands must be all float32 or all int32")
    }
    return first
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == Self.arity else {
      throw ShapeError("takes \(Self.arity) operands, not \(operands.count)")
    }
    let shape = operands[0].shape
    guard operands.allSatisfy({ $0.shape == shape }) else { throw ShapeError("operands must be of one shape") }
    return [TensorType(shape, try resultElementType(for: operands.map(\.elementType)))]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let a = operands[0].scalars
    var result = [Double](repeating: 0, count: a.count)
    switch Self.arity {
    case 1:
      for i in a.indices { result[i] = scalar(a[i], 0, 0) }
    case 2:
      let b = operands[1].scalars
      for i in a.indices { result[i] = scalar(a[i], b[i], 0) }
    default:
      let (b, c) = (operands[1].scalars, operands[2].scalars)
      for i in a.indices { result[i] = scalar(a[i], b[i], c[i]) }
    }
    return [ShapedArray(shape: operands[0].shape, unchecked: result)]
  }
}

extension Tensor {
  /// Appends an elementwise operation on two tensors, each repeated to the shape that both can be repeated to.
  static func broadcasting(_ operation: some ElementwiseOperation, _ a: Tensor, _ b: Tensor) -> Tensor {
    guard a.shape != b.shape, let shape = a.shape.broadcast(with: b.shape) else {
      return a.graph.apply(operation, to: [a, b])[0]
    }
    return a.graph.apply(operation, to: [a.broadcast(to: shape), b.broadcast(to: shape)])[0]
  }

  /// A constant of this tensor's element type and shape.
  public func constantLike(_ scalar: Double) -> Tensor {
    graph.constant(scalar, elementType).broadcast(to: shape)
  }

  /// The number that every element is known to be while tracing; nil when it is computed, or given for each run.
  public var constantScalar: Double? {
    var value = value
    while value.index >= 0 {
      let node = graph.definingNode(of: value)
      if let constant = node.operation as? Constant {
        return constant.array.shape.count == 1 ? constant.array.scalars[0] : nil
      }
      guard node.operation is Broadcast, let operand = graph.operands(of: node).first else { return nil }
      value = operand
    }
    return nil
  }

  /// Records an error of an operation that could not even be appended.
  func failing(_ operation: String, _ message: String) -> Tensor {
    graph.fail(GraphError(scope: graph.currentScopePath, operation: operation, operands: [type], message: message))
    return self
  }
}

// The operations through which values enter a graph. They have no operands, so no derivative flows through them.

/// - Throws: `ShapeError` for elements in which no values are given.
private func requireGiven(_ elementType: ElementType) throws {
  guard elementType.isGiven else {
    throw ShapeError("\(elementType.rawValue) is only made by the compiler: give float32")
  }
}

/// A value that is given for each run, by name.
public struct Input: Operation {
  public static let name = "input"
  /// What the value is called, unique in a graph.
  public let inputName: String
  /// The type that a given value must have.
  public let type: TensorType

  /// A value of a fixed type, which is given under this name for each run.
  public init(inputName: String, type: TensorType) {
    self.inputName = inputName
    self.type = type
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.isEmpty else { throw ShapeError("takes no operands, not \(operands.count)") }
    try requireGiven(type.elementType)
    return [type]
  }

  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    throw ShapeError("input '\(inputName)' was not given")
  }

  public static var samples: [OperationSample] { [] }
}

/// State that outlives a run, by name.
public struct Variable: Operation {
  public static let name = "variable"
  /// What the state is called, unique in a graph: for weights the layer's path and a name, `dense1/weight`.
  public let variableName: String
  /// The type of the value in every run.
  public let type: TensorType

  /// State of a fixed type, which is kept under this name between runs.
  public init(variableName: String, type: TensorType) {
    self.variableName = variableName
    self.type = type
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.isEmpty else { throw ShapeError("takes no operands, not \(operands.count)") }
    try requireGiven(type.elementType)
    return [type]
  }

  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    throw ShapeError("variable '\(variableName)' has no value")
  }

  public static var samples: [OperationSample] { [] }
}

/// Values that are part of the program.
public struct Constant: Operation {
  public static let name = "constant"
  /// The values; integers and booleans as the `Double` of the same value.
  public let array: ShapedArray<Double>
  /// The element type in the graph, which must be able to hold every value.
  public let elementType: ElementType

  /// The values and the type under which the graph has them; whether they fit is checked when it is appended.
  public init(_ array: ShapedArray<Double>, _ elementType: ElementType = .float32) {
    self.array = array
    self.elementType = elementType
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.isEmpty else { throw ShapeError("takes no operands, not \(operands.count)") }
    try requireGiven(elementType)
    if elementType != .float32, let scalar = array.scalars.first(where: { !elementType.canHold($0) }) {
      throw ShapeError("\(scalar) is no \(elementType.rawValue)")
    }
    return [TensorType(array.shape, elementType)]
  }

  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] { [array] }

  public static var samples: [OperationSample] {
    [
      OperationSample(Constant(ShapedArray([1, -2, 3])), []),
      OperationSample(Constant(ShapedArray(scalar: 7), .int32), []),
      OperationSample(Constant(ShapedArray([1, 0]), .bool), []),
      OperationSample(Constant(ShapedArray(shape: [0, 2], unchecked: [])), []),
      OperationSample(Constant(ShapedArray([-0.0, 0.1, .infinity, -.infinity])), [], note: "special values"),
    ]
  }
}

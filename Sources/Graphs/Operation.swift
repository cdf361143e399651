/// One kind of step in a graph: its shape rule, its chain rule, its meaning, and inputs to test them on.
///
/// Conforming types are small values that hold the operation's attributes (axes, extents, bounds); operands are
/// tensors.
public protocol Operation: Hashable, Codable, Sendable {
  /// The name in printed graphs and error messages, in lower camel case; unique in the catalog.
  static var name: String { get }

  /// Whether each element of the result depends on the elements at the same place of the operands alone.
  static var isElementwise: Bool { get }

  /// How many results `resultTypes(for:)` returns.
  var resultCount: Int { get }

  /// The types of the results.
  /// - Throws: `ShapeError` that says what does not fit.
  func resultTypes(for operands: [TensorType]) throws -> [TensorType]

  /// The chain rule: the operands' cotangents from the results' cotangents; nil where no derivative flows.
  /// - Throws: `NotDifferentiable`, with the reason, when a derivative was asked for that does not exist.
  func pullback(_ step: PullbackStep) throws -> [Tensor?]

  /// The meaning, in Float64. Integers and booleans are held as the `Double` of the same value.
  ///
  /// The operands have passed `resultTypes(for:)`.
  func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>]

  /// The meaning, where it takes the types of the results to say it: Float64 holds the results of all operations on
  /// integers but one, before they are wrapped, so for most it is `evaluate(_:)`.
  func evaluate(_ operands: [ShapedArray<Double>], as resultTypes: [TensorType]) throws -> [ShapedArray<Double>]

  /// Inputs on which every property of the operation is tested.
  static var samples: [OperationSample] { get }
}

extension Operation {
  public static var isElementwise: Bool { false }
  public var resultCount: Int { 1 }

  public func evaluate(
    _ operands: [ShapedArray<Double>], as resultTypes: [TensorType]
  ) throws -> [ShapedArray<Double>] {
    try evaluate(operands)
  }

  /// The name of the operation's type.
  public var name: String { Self.name }
}

extension Operation {
  /// The meaning, as `evaluate` gives it, found to be of the stated types: an operation may be of another package.
  /// - Throws: what `evaluate` throws, and a `ShapeError` that names the operation.
  package func results(
    of operands: [ShapedArray<Double>], as types: [TensorType]
  ) throws -> [ShapedArray<Double>] {
    let results = try evaluate(operands, as: types)
    guard results.map(\.shape) == types.map(\.shape) else {
      let (given, stated) = (results.map(\.shape.description), types.map(\.shape.description))
      throw ShapeError(
        "evaluate of \(name) must give results of the shapes \(stated.joined(separator: ", ")), but gave "
          + (given.isEmpty ? "none" : given.joined(separator: ", ")))
    }
    return results
  }
}

/// An operation with operands for it.
public struct OperationSample: Sendable {
  /// The operation, with its attributes.
  public let operation: any Operation
  /// A value for each operand; integers and booleans as the `Double` of the same value.
  public let operands: [ShapedArray<Double>]
  /// The type of each operand.
  public let operandTypes: [TensorType]
  /// Whether the sample lies away from kinks and jumps, so that central differences approximate the derivative.
  public let isSmooth: Bool
  /// What the sample is there for, shown when a test of it fails.
  public let note: String

  /// - Parameters:
  ///   - elementTypes: one for each operand; all `float32` when empty.
  public init(
    _ operation: any Operation, _ operands: [ShapedArray<Double>], elementTypes: [ElementType] = [],
    isSmooth: Bool = true, note: String = ""
  ) {
    self.operation = operation
    self.operands = operands
    self.operandTypes = operands.enumerated().map { index, operand in
      TensorType(operand.shape, elementTypes.indices.contains(index) ? elementTypes[index] : .float32)
    }
    self.isSmooth = isSmooth
    self.note = note
  }
}

/// What an operation's pullback has to work with.
public struct PullbackStep {
  /// The operands of the forward step.
  public let operands: [Tensor]
  /// Its results: derivatives that are shorter in terms of the result (`tanh' = 1 - tanh²`) use these.
  public let results: [Tensor]
  /// The derivative of the differentiated output with respect to each result; nil means zero. At least one is not nil.
  public let cotangents: [Tensor?]
  /// Whether anything wants the cotangent of each operand; work for those that nothing wants can be left out.
  public let isNeeded: [Bool]
  private let differentiate: Differentiation?

  /// Appends a function of some tensors, and the cotangents of its operands from those of its results.
  public typealias Differentiation = (
    _ operands: [Tensor], _ cotangents: [Tensor?], _ function: ([Tensor]) throws -> [Tensor]
  ) throws -> [Tensor?]

  /// What a pullback is called with: an element for each operand or result.
  /// - Parameter differentiate: the chain rule itself, for pullbacks that are those of a composition.
  public init(
    operands: [Tensor], results: [Tensor], cotangents: [Tensor?], isNeeded: [Bool],
    differentiate: Differentiation? = nil
  ) {
    self.operands = operands
    self.results = results
    self.cotangents = cotangents
    self.isNeeded = isNeeded
    self.differentiate = differentiate
  }

  /// The pullback of a function that is composed of other operations: for an operation that means the same as the
  /// composition, where that is differentiated too seldom to deserve a chain rule written out. The function may itself
  /// use this.
  /// - Returns: the cotangents of the operands, nil where no derivative flows.
  /// - Throws: `NotDifferentiable` outside of the reverse walk, and what the function's operations throw.
  public func pullback(
    at operands: [Tensor], cotangents: [Tensor?], of function: ([Tensor]) throws -> [Tensor]
  ) throws -> [Tensor?] {
    guard let differentiate else {
      throw NotDifferentiable("composition", because: "only the reverse walk can differentiate a composition")
    }
    return try differentiate(operands, cotangents, function)
  }

  /// The cotangent of the first result, which for most operations is the only one; zeros where none arrives, as it may
  /// where there are several.
  public var cotangent: Tensor {
    cotangents[0] ?? results[0].graph.constant(ShapedArray(repeating: 0, shape: results[0].shape))
  }
}

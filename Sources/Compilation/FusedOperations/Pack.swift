/// Rewrites an array into the layout that the kernel of one step wants for one of its operands.
///
/// What that layout is only the backend knows: the result is a row of as many elements as it takes. The definition here
/// stands for any layout: the elements in their order, with zeros after them.
public struct Pack: CompilerOperation {
  public static let name = "pack"
  /// The step that reads the result.
  public let reader: PackedStep
  /// Which of the reader's operands it is.
  public let operand: Int

  /// The packing of an operand that `reader` names as packed.
  public init(for reader: PackedStep, operand: Int) {
    self.reader = reader
    self.operand = operand
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1, operands[0] == reader.operandTypes[operand],
      let packing = reader.packings.first(where: { $0.operand == operand }), packing.count >= operands[0].count
    else { throw ShapeError("takes the array that is to be packed") }
    return [TensorType([packing.count], operands[0].elementType)]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let count = try resultTypes(for: [reader.operandTypes[operand]])[0].count
    let filling = [Double](repeating: 0, count: count - operands[0].shape.count)
    return [ShapedArray(operands[0].scalars + filling)]
  }

  public var summary: String { "pack for \(reader.summary)" }
}

/// An operation of which some operands come packed by `Pack`.
public struct PackedStep: CompilerOperation {
  public static let name = "packedStep"
  /// What is computed.
  public let operation: any Operation
  /// The types of the operands as the operation knows them.
  public let operandTypes: [TensorType]
  /// Which operands come packed.
  public let packings: [Packing]

  /// An operand that comes packed, and how many elements it takes so.
  public struct Packing: Hashable, Sendable {
    /// Which operand it is.
    public let operand: Int
    /// How many elements it takes.
    public let count: Int

    /// The packing of an operand.
    public init(operand: Int, count: Int) { (self.operand, self.count) = (operand, count) }
  }

  /// An operation on operands of types that it accepts.
  public init(_ operation: any Operation, operandTypes: [TensorType], packings: [Packing]) {
    self.operation = operation
    self.operandTypes = operandTypes
    self.packings = packings
  }

  public var resultCount: Int { operation.resultCount }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    var expected = operandTypes
    for packing in packings {
      expected[packing.operand] = TensorType([packing.count], operandTypes[packing.operand].elementType)
    }
    guard operands == expected else { throw ShapeError("takes \(expected), not \(operands)") }
    return try operation.resultTypes(for: operandTypes)
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    try operation.evaluate(zip(operands, operandTypes).map { operand, type in
      ShapedArray(shape: type.shape, unchecked: Array(operand.scalars.prefix(type.count)))
    })
  }

  public var summary: String { (operation as? any CompilerOperation)?.summary ?? operation.name }

  public static func == (a: PackedStep, b: PackedStep) -> Bool {
    AnyHashable(a.operation) == AnyHashable(b.operation) && a.operandTypes == b.operandTypes && a.packings == b.packings
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(operation))
    hasher.combine(operandTypes)
    hasher.combine(packings)
  }
}

import Operations

/// A chain (more exactly, a graph) of elementwise operations that runs as one loop; made by the compiler.
///
/// Operands of smaller shapes are read as if repeated to the loop's shape.
public struct FusedElementwise: CompilerOperation {
  public static let name = "fusedElementwise"

  /// Where an instruction takes an operand from.
  public enum Source: Hashable, Sendable {
    /// The element of the operand at a position, from 0.
    case operand(Int)
    /// The value of an earlier instruction, by its position.
    case instruction(Int)
    /// A number, the same for every element.
    case constant(Double, ElementType)
  }

  /// One elementwise operation of the chain.
  public struct Instruction: Sendable, Hashable {
    /// What is computed for each element.
    public let operation: any ElementwiseOperation
    /// Where each of its operands comes from.
    public let sources: [Source]
    /// The element type of its value.
    public let elementType: ElementType

    public static func == (a: Instruction, b: Instruction) -> Bool {
      AnyHashable(a.operation) == AnyHashable(b.operation) && a.sources == b.sources && a.elementType == b.elementType
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(AnyHashable(operation))
      hasher.combine(sources)
    }
  }

  /// The loop's shape, which is that of every result.
  public let shape: Shape
  /// In an order in which sources come first.
  public let instructions: [Instruction]
  /// The instructions whose values are results.
  public let results: [Int]

  /// Makes the chain as given: each instruction takes its operands from those before it.
  public init(shape: Shape, instructions: [Instruction], results: [Int]) {
    self.shape = shape
    self.instructions = instructions
    self.results = results
  }

  /// A chain of one.
  public init(_ operation: any ElementwiseOperation, operands: [TensorType], result: TensorType) {
    self.init(
      shape: result.shape,
      instructions: [
        Instruction(
          operation: operation, sources: operands.indices.map { .operand($0) }, elementType: result.elementType)
      ],
      results: [0])
  }

  public var resultCount: Int { results.count }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    for operand in operands where !operand.shape.canBroadcast(to: shape) {
      throw ShapeError("\(operand.shape) cannot be read as \(shape)")
    }
    return results.map { TensorType(shape, instructions[$0].elementType) }
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let repeated = try operands.map { try Broadcast(to: shape).evaluate([$0])[0] }
    var values: [ShapedArray<Double>] = []
    for instruction in instructions {
      let sources = instruction.sources.map { source in
        switch source {
        case .operand(let index): repeated[index]
        case .instruction(let index): values[index]
        case .constant(let scalar, _): ShapedArray(repeating: scalar, shape: shape)
        }
      }
      let type = TensorType(shape, instruction.elementType)
      let result = try instruction.operation.results(of: sources, as: [type])[0]
      values.append(Interpreter.round(result, to: instruction.elementType))
    }
    return results.map { values[$0] }
  }

  /// The operations' names, in order.
  public var summary: String {
    let names = instructions.map(\.operation.name)
    return names.count <= 6
      ? names.joined(separator: " ") : names.prefix(5).joined(separator: " ") + " … (\(names.count))"
  }
}

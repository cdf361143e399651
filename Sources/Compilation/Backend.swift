/// What turns operations into kernels.
///
/// A program is built in two steps, because memory can be planned only when every kernel has said what it needs:
/// `prepare` decides everything that depends on types, `PreparedKernel.bind` everything that depends on addresses.
public protocol Backend: Sendable {
  /// Chooses the kernels of one operation.
  /// - Throws: an error when the operation cannot be run.
  func prepare(_ step: StepTypes) throws -> PreparedKernel

  /// The operands that the kernel of an operation wants in a layout of its own, and how many elements they take so.
  /// Such an operation may be prepared as a `PackedStep`, its operands by `Pack`.
  func packings(of step: StepTypes) -> [PackedStep.Packing]

  /// Runs a program's kernels, and builds them, on the thread that they belong to.
  func perform<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value
}

extension Backend {
  /// None: kernels take every array row-major.
  public func packings(of step: StepTypes) -> [PackedStep.Packing] { [] }
}

/// An operation and the types that it meets in a program.
public struct StepTypes {
  /// The operation, with its attributes.
  public let operation: any Operation
  /// The type of each operand.
  public let operands: [TensorType]
  /// The type of each result.
  public let results: [TensorType]
  /// Whether anything reads each result; those that nothing reads get no memory.
  public let isWanted: [Bool]
  /// The part of a training step that it belongs to.
  public let phase: Graph.Phase

  /// A step of a program; `isWanted` has an element for each of the results.
  public init(
    operation: any Operation, operands: [TensorType], results: [TensorType], isWanted: [Bool],
    phase: Graph.Phase = .forward
  ) {
    self.operation = operation
    self.operands = operands
    self.results = results
    self.isWanted = isWanted
    self.phase = phase
  }

  /// A node of a graph.
  /// - Parameter uses: how often each value of the graph is used.
  init(_ node: Graph.Node, _ graph: Graph, uses: [Int32]) {
    self.init(
      operation: node.operation, operands: graph.operands(of: node).map { graph.type(of: $0) },
      results: node.results.map { graph.type(of: $0) }, isWanted: node.results.map { uses[Int($0.index)] > 0 },
      phase: node.phase)
  }
}

/// The addresses of one operation's operands, results and scratch memory, 64-byte aligned and fixed for the program's
/// life.
public struct Buffers {
  /// Where each operand lies, row-major.
  public let operands: [UnsafeRawPointer]
  /// nil for results that nothing reads.
  public let results: [UnsafeMutableRawPointer?]
  /// Where the kernel may write what nothing reads afterwards, as many bytes as it asked for.
  public let scratch: UnsafeMutableRawPointer
}

/// A kernel with everything decided but its addresses.
public struct PreparedKernel {
  /// The scratch memory that it needs while it runs.
  public var scratchByteCount: Int
  /// Which results may take the memory of which operands.
  public var inPlace: [(result: Int, operand: Int)]
  /// What one run costs.
  public var cost: KernelCost
  /// What runs, for printed programs: the name of a kernel or of a library's implementation.
  public var implementation: String
  /// Makes the kernels for these addresses, in the order in which they run.
  public var bind: (Buffers) throws -> [BoundKernel]

  /// A kernel that needs no scratch memory and shares none, unless said otherwise.
  public init(
    scratchByteCount: Int = 0, inPlace: [(result: Int, operand: Int)] = [], cost: KernelCost, implementation: String,
    bind: @escaping (Buffers) throws -> [BoundKernel]
  ) {
    self.scratchByteCount = scratchByteCount
    self.inPlace = inPlace
    self.cost = cost
    self.implementation = implementation
    self.bind = bind
  }
}

/// What a kernel costs each time it runs.
public struct KernelCost: Hashable, Sendable {
  /// Floating-point operations, a multiplication and an addition counted as two.
  public var operations: Int
  /// Bytes read and written, each operand and result counted once.
  public var bytes: Int

  /// A cost of so many floating-point operations and bytes, for one run.
  public init(operations: Int, bytes: Int) {
    self.operations = operations
    self.bytes = bytes
  }
}

/// The owner of a kernel that knows more about an error than its number.
public protocol ExplainingOwner: AnyObject {
  /// What the latest call met that returned an error.
  var failure: (any Error)? { get }
}

/// A function and its context: what is left of an operation when a program runs.
public struct BoundKernel {
  /// Takes the context; returns 0, or the number of an error that ends the run.
  public typealias Function = @convention(c) (UnsafeRawPointer?) -> Int32

  /// What is called.
  public let function: Function
  /// What it is called with.
  public let context: UnsafeRawPointer?
  /// Keeps what the context refers to alive; an `ExplainingOwner` is asked when the function returns an error.
  public let owner: AnyObject?

  /// A call of `function` with `context`; the owner, if any, lives as long as this value.
  public init(function: @escaping Function, context: UnsafeRawPointer?, owner: AnyObject?) {
    self.function = function
    self.context = context
    self.owner = owner
  }
}

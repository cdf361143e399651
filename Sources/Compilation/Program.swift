/// A compiled graph: a flat list of kernel calls on planned memory.
///
/// Everything is decided when it is built. A run allocates nothing: it calls one C function after another. A program is
/// not safe to run from two threads at once.
public final class Program {
  /// One kernel's place in the program, for printing and for validation.
  public struct Step: Sendable {
    /// What the step computes.
    public let operation: any Operation
    /// The layer's path.
    public let scope: String
    /// The part of a training step that it belongs to.
    public let phase: Graph.Phase
    /// The type of each operand.
    public let operands: [TensorType]
    /// The type of each result.
    public let results: [TensorType]
    /// What one run of the step costs.
    public let cost: KernelCost
    /// What runs: the name of a kernel or of a library's implementation.
    public let implementation: String
    /// The positions of the steps whose results it reads.
    public let dependencies: [Int]
    /// How many kernel calls it takes.
    public let kernelCount: Int
    /// Whether it depends on nothing but constants and variables that the program does not update: it runs only where a
    /// variable has been changed since the last run.
    public let isPreparation: Bool
  }

  struct Field {
    let type: TensorType
    let buffer: UnsafeMutableRawPointer
  }

  /// The steps, in running order.
  public let steps: [Step]
  /// The names and types of what must be given before a run.
  public let inputs: [String: TensorType]
  /// The names and types of what a run gives.
  public let outputs: [String: TensorType]
  /// The size in bytes of the memory for everything that is not a variable.
  public let arenaByteCount: Int
  /// The variables that the program reads and updates.
  public let variables: VariableStore

  private let arena: PageMemory
  private let inputFields: [String: Field]
  private let outputFields: [String: Field]
  private let kernels: UnsafeMutableBufferPointer<Kernel>
  private let kernelSteps: [Int]
  private let owners: [AnyObject?]
  private let copies: [Copy]
  private let validator: Validator?
  private let isUpdating: Bool
  /// How many kernels belong to preparations, which come first.
  private let preparationCount: Int
  /// The generation of the variables for which preparations have run.
  private var preparedGeneration: Int?
  private let onThread: (() throws -> Void) throws -> Void

  private struct Kernel {
    let function: BoundKernel.Function
    let context: UnsafeRawPointer?
  }

  private struct Copy {
    let source: UnsafeMutableRawPointer
    let destination: UnsafeMutableRawPointer
    let byteCount: Int
  }

  init(_ graph: Graph, variables: VariableStore, backend: some Backend, validates: Bool) throws {
    let plan = try Layout(graph, variables, backend)
    arena = plan.pages
    arenaByteCount = plan.memory.arenaByteCount
    self.variables = variables
    inputFields = plan.inputFields
    outputFields = plan.outputFields
    inputs = plan.inputFields.mapValues(\.type)
    outputs = plan.outputFields.mapValues(\.type)
    var bound: [BoundKernel] = []
    var kernelSteps: [Int] = []
    var steps: [Step] = []
    for (position, index) in plan.schedule.order.enumerated() {
      let step = plan.steps.steps[index]
      let kernels = try step.prepared.bind(plan.buffers(position))
      steps.append(Step(
        operation: step.node.operation, scope: graph.scope(of: step.node), phase: step.node.phase,
        operands: step.types.operands, results: step.types.results, cost: step.prepared.cost,
        implementation: step.prepared.implementation, dependencies: plan.dependencies(position),
        kernelCount: kernels.count, isPreparation: step.isPreparation))
      bound += kernels
      kernelSteps += kernels.map { _ in position }
    }
    self.steps = steps
    self.kernelSteps = kernelSteps
    isUpdating = !graph.updates.isEmpty
    preparationCount = steps.reduce(0) { $0 + ($1.isPreparation ? $1.kernelCount : 0) }
    owners = bound.map(\.owner)
    kernels = .allocate(capacity: bound.count)
    _ = kernels.initialize(from: bound.map { Kernel(function: $0.function, context: $0.context) })
    copies = plan.schedule.copies.map { copy in
      Copy(
        source: plan.address(copy.value), destination: plan.address(copy.variable),
        byteCount: graph.type(of: Graph.Value(index: Int32(copy.variable))).byteCount)
    }
    validator = validates ? Validator(plan) : nil
    onThread = { try backend.perform($0) }
  }

  deinit {
    kernels.deallocate()
  }

  /// Runs the program once on the inputs that were last given.
  /// - Throws: `ProgramError` when a kernel meets values that it cannot use, such as an index out of range.
  public func run() throws {
    try onThread { try runHere() }
  }

  private func runHere() throws {
    let first = variables.isUnchanged(since: preparedGeneration) ? preparationCount : 0
    preparedGeneration = nil
    if isUpdating { variables.noteChange() }
    for index in first..<kernels.count {
      validator?.before(kernelSteps[index])
      let status = kernels[index].function(kernels[index].context)
      guard status == 0 else { throw error(ofKernel: index, status) }
      if index + 1 == kernels.count || kernelSteps[index + 1] != kernelSteps[index] {
        try validator?.after(kernelSteps[index])
      }
    }
    for copy in copies { copy.destination.copyMemory(from: copy.source, byteCount: copy.byteCount) }
    // What the program itself updates, it has prepared nothing from.
    preparedGeneration = variables.generation
  }

  /// Runs the program `runs` times with a clock around every step.
  /// - Returns: by step, the median time in seconds, the clock's own time (some 50 ns) included.
  public func stepTimes(runs: Int) throws -> [Double] {
    var medians: [Double] = []
    try onThread {
      if isUpdating { variables.noteChange() }
      let clock = ContinuousClock()
      var times = steps.map { _ in [Duration]() }
      for _ in 0..<max(1, runs) {
        var index = 0
        while index < kernels.count {
          let (step, start) = (kernelSteps[index], clock.now)
          while index < kernels.count, kernelSteps[index] == step {
            let status = kernels[index].function(kernels[index].context)
            guard status == 0 else { throw error(ofKernel: index, status) }
            index += 1
          }
          times[step].append(clock.now - start)
        }
        for copy in copies { copy.destination.copyMemory(from: copy.source, byteCount: copy.byteCount) }
      }
      medians = times.map { $0.isEmpty ? 0 : $0.sorted()[$0.count / 2] / .seconds(1) }
    }
    return medians
  }

  private func error(ofKernel index: Int, _ status: Int32) -> ProgramError {
    ProgramError(steps[kernelSteps[index]], status, (owners[index] as? any ExplainingOwner)?.failure)
  }

  // MARK: Inputs and outputs

  /// Gives an input's values; integers and booleans as numbers.
  /// - Throws: `ProgramError` when there is no such input or the shape differs.
  public func setInput(_ name: String, to value: ShapedArray<Float>) throws {
    let field = try input(name)
    guard field.type.shape == value.shape else {
      throw ProgramError("input '\(name)' is \(field.type), but a value of shape \(value.shape) was given")
    }
    field.buffer.store(value.scalars, as: field.type.elementType)
  }

  /// The memory of an input, row-major, for writing values straight into it. The pointer is valid as long as the
  /// program.
  /// - Throws: `ProgramError` when there is no such input or its elements are of another type.
  public func inputBuffer<Scalar: ProgramScalar>(
    _ name: String, as: Scalar.Type
  ) throws -> UnsafeMutableBufferPointer<Scalar> {
    let field = try input(name)
    guard Scalar.elementType == field.type.elementType else {
      throw ProgramError("input '\(name)' is \(field.type), not \(Scalar.elementType.rawValue)")
    }
    return UnsafeMutableBufferPointer(
      start: field.buffer.assumingMemoryBound(to: Scalar.self), count: field.type.count)
  }

  private func input(_ name: String) throws -> Field {
    guard let field = inputFields[name] else {
      let known = inputFields.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      throw ProgramError("there is no input '\(name)'; there are \(known.isEmpty ? "none" : known)")
    }
    return field
  }

  /// What the last run computed; integers and booleans as numbers.
  public func output(_ name: String) throws -> ShapedArray<Float> {
    let field = try outputField(name)
    return ShapedArray(shape: field.type.shape, unchecked: field.buffer.floats(field.type))
  }

  /// An output of one element.
  public func scalar(_ name: String) throws -> Float {
    let field = try outputField(name)
    guard field.type.count == 1 else { throw ProgramError("output '\(name)' is \(field.type), not a scalar") }
    return field.buffer.floats(field.type)[0]
  }

  /// The memory of an output, valid as long as the program and overwritten by the next run.
  public func outputBuffer<Scalar: ProgramScalar>(
    _ name: String, as: Scalar.Type
  ) throws -> UnsafeBufferPointer<Scalar> {
    let field = try outputField(name)
    guard Scalar.elementType == field.type.elementType else {
      throw ProgramError("output '\(name)' is \(field.type), not \(Scalar.elementType.rawValue)")
    }
    return UnsafeBufferPointer(start: field.buffer.assumingMemoryBound(to: Scalar.self), count: field.type.count)
  }

  private func outputField(_ name: String) throws -> Field {
    guard let field = outputFields[name] else { throw ProgramError("there is no output '\(name)'") }
    return field
  }
}

/// The types that elements of inputs and outputs have in memory.
public protocol ProgramScalar {
  /// The element type that is stored as this one.
  static var elementType: ElementType { get }
}

extension Float: ProgramScalar {
  /// Real numbers, in 4 bytes each.
  public static var elementType: ElementType { .float32 }
}

extension Int32: ProgramScalar {
  /// Whole numbers, in 4 bytes each.
  public static var elementType: ElementType { .int32 }
}

extension UInt8: ProgramScalar {
  /// Truth values, in a byte each: 0 or 1.
  public static var elementType: ElementType { .bool }
}

/// A program was used wrongly or met values that it cannot use.
public struct ProgramError: Error, CustomStringConvertible, Equatable {
  /// What is wrong, and where.
  public let description: String

  init(_ description: String) { self.description = description }

  /// A kernel's status other than 0, and what is known of it; the numbers are those of `ck_status`.
  init(_ step: Program.Step, _ status: Int32, _ failure: (any Error)?) {
    let place = step.scope.isEmpty ? step.operation.name : "\(step.scope): \(step.operation.name)"
    let reason =
      switch status {
      case 1: "an index or a label is out of range"
      case 2: "the kernel library refused to run \(step.implementation)"
      default: failure.map { "\($0)" } ?? "its definition rejected the values"
      }
    description = "\(place): \(reason) (operands: \(step.operands.map(\.description).joined(separator: ", ")))"
  }
}

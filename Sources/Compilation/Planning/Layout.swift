import Foundation

/// A plan on real memory: the arena allocated, constants written, every value's address known.
struct Layout {
  let steps: Steps
  let schedule: Schedule
  let memory: MemoryPlan
  /// Owns the arena.
  let pages = PageMemory()
  let arena: UnsafeMutableRawPointer
  /// By step: its position in the schedule.
  private let positions: [Int]
  private let variableBuffers: [String: UnsafeMutableRawPointer]
  private(set) var inputFields: [String: Program.Field] = [:]
  private(set) var outputFields: [String: Program.Field] = [:]

  init(_ graph: Graph, _ variables: VariableStore, _ backend: some Backend) throws {
    steps = try Steps(graph, backend)
    schedule = Schedule(steps)
    memory = MemoryPlan(steps, schedule)
    var positions = [Int](repeating: 0, count: steps.steps.count)
    for (position, step) in schedule.order.enumerated() { positions[step] = position }
    self.positions = positions
    var buffers: [String: UnsafeMutableRawPointer] = [:]
    for node in graph.nodes {
      guard let variable = node.operation as? Variable else { continue }
      buffers[variable.variableName] = try variables.buffer(variable.variableName, variable.type)
    }
    variableBuffers = buffers
    guard memory.arenaByteCount < Int(clamping: ProcessInfo.processInfo.physicalMemory) else {
      throw ProgramError(
        "the program needs \(memory.arenaByteCount) bytes, more than this machine's memory: use smaller batches "
          + "or layers")
    }
    arena = pages.allocate(memory.arenaByteCount)
    for (value, origin) in steps.origins.enumerated() {
      let type = graph.type(of: Graph.Value(index: Int32(value)))
      switch origin {
      case .constant(let array)?: address(value).store(array.scalars, as: type.elementType)
      case .input(let name)?: inputFields[name] = Program.Field(type: type, buffer: address(value))
      default: break
      }
    }
    for output in graph.outputs {
      outputFields[output.name] = Program.Field(
        type: graph.type(of: output.value), buffer: address(steps.roots[Int(output.value.index)]))
    }
  }

  /// Where a root value lies.
  func address(_ value: Int) -> UnsafeMutableRawPointer {
    switch memory.places[value] {
    case .arena(let offset)?: return arena + offset
    case .variable(let name)?: return variableBuffers[name] ?? arena
    // `MemoryPlan` gives one to every root that a step, an output or an update reads or writes.
    case nil: preconditionFailure("value %\(value) was not given a place")
    }
  }

  /// The positions in the schedule of the steps whose results the step at `position` reads.
  func dependencies(_ position: Int) -> [Int] {
    var sources: Set<Int> = []
    for operand in steps.steps[schedule.order[position]].operands {
      if case .step(let step, _)? = steps.origins[operand] { sources.insert(positions[step]) }
    }
    return sources.sorted()
  }

  /// The addresses of the step at a position of the schedule.
  func buffers(_ position: Int) -> Buffers {
    let step = steps.steps[schedule.order[position]]
    return Buffers(
      operands: step.operands.map { UnsafeRawPointer(address($0)) },
      results: step.results.indices.map { step.types.isWanted[$0] ? address(step.results[$0]) : nil },
      scratch: arena + memory.scratch[position])
  }
}

/// Where every value lies: one arena for everything that lives only while a program runs, reused as values die.
struct MemoryPlan {
  /// A root value's place.
  enum Place: Equatable {
    case arena(Int)
    /// In the memory of this variable.
    case variable(String)
  }

  private(set) var places: [Int: Place] = [:]
  /// By position in the schedule: the offset of the step's scratch memory.
  private(set) var scratch: [Int] = []
  private(set) var arenaByteCount = 0

  init(_ steps: Steps, _ schedule: Schedule) {
    var arena = ArenaAllocator()
    let lastUse = Self.lastUses(steps, schedule)
    placeBoundary(steps, &arena)
    for (position, index) in schedule.order.enumerated() {
      let step = steps.steps[index]
      var taken: Set<Int> = []
      for (result, value) in step.results.enumerated() where step.types.isWanted[result] {
        if let variable = schedule.destinations[.init(step: index, result: result)],
          case .variable(let name)? = steps.origins[variable]
        {
          places[value] = .variable(name)
          continue
        }
        let byteCount = step.types.results[result].byteCount
        let reused = step.prepared.inPlace.first { candidate in
          let operand = step.operands[candidate.operand]
          guard candidate.result == result, lastUse[operand] == position, !taken.contains(operand),
            case .step? = steps.origins[operand], case .arena? = places[operand]
          else { return false }
          return step.types.operands[candidate.operand].byteCount == byteCount
        }
        if let reused {
          taken.insert(step.operands[reused.operand])
          places[value] = places[step.operands[reused.operand]]
        } else {
          places[value] = .arena(arena.allocate(byteCount))
        }
      }
      let scratchOffset = arena.allocate(step.prepared.scratchByteCount)
      scratch.append(scratchOffset)
      arena.free(scratchOffset)
      for operand in Set(step.operands).subtracting(taken).sorted() where lastUse[operand] == position {
        if case .step? = steps.origins[operand], case .arena(let offset)? = places[operand] { arena.free(offset) }
      }
    }
    arenaByteCount = arena.byteCount
  }

  /// Inputs and constants keep their place for good.
  private mutating func placeBoundary(_ steps: Steps, _ arena: inout ArenaAllocator) {
    for (value, origin) in steps.origins.enumerated() {
      switch origin {
      case .variable(let name)?: places[value] = .variable(name)
      case .input?, .constant?:
        let type = steps.graph.type(of: Graph.Value(index: Int32(value)))
        places[value] = .arena(arena.allocate(type.byteCount))
      default: break
      }
    }
  }

  /// The last position in the schedule at which each root value is read; `Int.max` for what is read after the run.
  private static func lastUses(_ steps: Steps, _ schedule: Schedule) -> [Int: Int] {
    var lastUse: [Int: Int] = [:]
    for (position, index) in schedule.order.enumerated() {
      for operand in steps.steps[index].operands { lastUse[operand] = position }
    }
    for step in steps.steps where step.isPreparation {
      for result in step.results { lastUse[result] = .max }
    }
    for output in steps.graph.outputs { lastUse[steps.roots[Int(output.value.index)]] = .max }
    for copy in schedule.copies { lastUse[copy.value] = .max }
    return lastUse
  }
}

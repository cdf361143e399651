/// The order in which steps run, and which of them write a variable's new value straight into it.
struct Schedule {
  /// Steps, in running order.
  private(set) var order: [Int] = []
  /// By step and result: the variable (a root value) that the result is written to.
  private(set) var destinations: [Place: Int] = [:]
  /// Updates whose new value must be copied when all else has run: variable and new value, as root values.
  private(set) var copies: [(variable: Int, value: Int)] = []

  struct Place: Hashable {
    let step: Int
    let result: Int
  }

  init(_ steps: Steps) {
    let readers = Self.readersOfVariables(steps)
    var direct: [(variable: Int, place: Place)] = []
    for update in steps.graph.updates {
      let variable = Int(update.variable.index)
      let value = steps.roots[Int(update.value.index)]
      if case .step(let step, let result)? = steps.origins[value],
        Self.canWrite(result, of: steps.steps[step], to: variable)
      {
        direct.append((variable, Place(step: step, result: result)))
      } else {
        copies.append((variable, value))
      }
    }
    // Writing in place makes a step wait for the variable's other readers. Where steps would wait for each other in a
    // circle, one gives up its place and its value is copied at the end.
    while true {
      order = Self.sorted(steps, direct, readers)
      guard order.count < steps.steps.count else { break }
      let done = Set(order)
      guard let index = direct.firstIndex(where: { !done.contains($0.place.step) }) else { break }
      let given = direct.remove(at: index)
      copies.append((given.variable, steps.steps[given.place.step].results[given.place.result]))
    }
    for (variable, place) in direct { destinations[place] = variable }
  }

  private static func readersOfVariables(_ steps: Steps) -> [Int: [Int]] {
    var readers: [Int: [Int]] = [:]
    for (index, step) in steps.steps.enumerated() {
      for operand in step.operands {
        if case .variable? = steps.origins[operand] { readers[operand, default: []].append(index) }
      }
    }
    return readers
  }

  /// A step may write over a variable that it reads only where its kernel works in place.
  private static func canWrite(_ result: Int, of step: Steps.Step, to variable: Int) -> Bool {
    step.operands.indices.allSatisfy { operand in
      step.operands[operand] != variable
        || step.prepared.inPlace.contains { $0.result == result && $0.operand == operand }
    }
  }

  /// Kahn's algorithm: among the steps that are ready, first preparations, then one that finishes an update (it frees
  /// the gradient's memory while it is still in the cache), then the earliest in the graph. As preparations wait for
  /// nothing else, all of them come first. Stops short where steps wait in a circle.
  private static func sorted(
    _ steps: Steps, _ direct: [(variable: Int, place: Place)], _ readers: [Int: [Int]]
  ) -> [Int] {
    let count = steps.steps.count
    var dependents = [[Int32]](repeating: [], count: count)
    var waiting = [Int32](repeating: 0, count: count)
    func add(_ first: Int, before second: Int) {
      guard first != second else { return }
      dependents[first].append(Int32(second))
      waiting[second] += 1
    }
    for (index, step) in steps.steps.enumerated() {
      for operand in step.operands {
        if case .step(let maker, _)? = steps.origins[operand] { add(maker, before: index) }
      }
    }
    var finishesUpdate = [Bool](repeating: false, count: count)
    for (variable, place) in direct {
      finishesUpdate[place.step] = true
      for reader in readers[variable] ?? [] { add(reader, before: place.step) }
    }
    var ready = Heap<Int>()
    let rank = { (step: Int) in
      step + (steps.steps[step].isPreparation ? 0 : finishesUpdate[step] ? count : 2 * count)
    }
    for step in 0..<count where waiting[step] == 0 { ready.insert(rank(step)) }
    var order: [Int] = []
    while let next = ready.popSmallest() {
      let step = next % count
      order.append(step)
      for dependent in dependents[step] {
        waiting[Int(dependent)] -= 1
        if waiting[Int(dependent)] == 0 { ready.insert(rank(Int(dependent))) }
      }
    }
    return order
  }
}

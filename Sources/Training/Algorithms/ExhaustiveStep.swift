import Datasets

/// All combinations of a grid's values, in slabs: in each, the first weight stays at one value.
struct GridSearch {
  /// How many values each weight is given.
  let valueCount: Int
  let weightCount: Int
  let longestSearch: Double
  private let bounds: ClosedRange<Double>

  /// - Parameter options: that were found valid.
  init(_ options: TrainingOptions, weightCount: Int) {
    valueCount = options.gridValues
    bounds = options.gridBounds
    self.weightCount = weightCount
    longestSearch = options.longestSearch
  }

  /// The value of a number, evenly spaced between the bounds.
  func value(_ index: Int) -> Float {
    let (index, last) = (Double(index), Double(valueCount - 1))
    return Float((bounds.lowerBound * (last - index) + bounds.upperBound * index) / last)
  }
}

/// Brute force: every combination of values is tried, and the best one kept.
///
/// A step tries a slab, so that a run of as many epochs as the grid has values tries everything, and shows the best
/// loss so far after each.
final class ExhaustiveStep: LearningStep {
  private let measure: LossMeasure
  private let search: GridSearch
  private var best: (objective: Float, weights: [Float])?
  private var runsBefore = 0

  init(_ measure: LossMeasure, _ search: GridSearch) {
    self.measure = measure
    self.search = search
  }

  var dataSeconds: Double { measure.dataSeconds }
  var loss: Double { measure.loss }
  var lossWeight: Double { measure.lossWeight }
  var correct: Double? { measure.correct }
  var counted: Double? { measure.counted }
  /// There is none.
  var learningRate: Double { 0 }
  var evaluationCount: Int { (measure.runCount - runsBefore) * measure.batchSize }

  func run(
    _ data: Dataset, _ rows: ArraySlice<Int>, _ changes: BatchBuffers.Changes, _ pulse: () throws -> Void
  ) throws {
    try measure.fill(data, rows, changes)
    if best == nil { try begin(isContinued: changes.epoch > 0) }
    runsBefore = measure.runCount
    do {
      defer { if let best { for (position, value) in best.weights.enumerated() { set(position, value) } } }
      try trySlab(changes.epoch % search.valueCount, pulse)
    }
    _ = try measure.settle()
    measure.endStep()
  }

  /// - Throws: `TrainingError` when the search would take too long.
  private func begin(isContinued: Bool) throws {
    let estimate = try estimate()
    guard estimate.seconds <= search.longestSearch else {
      throw TrainingError(
        .infeasible, estimate.description,
        advice: "use fewer weights or gridValues, a longer longestSearch, or an algorithm that follows the slope")
    }
    let objective = try measure.settle()
    // The weights of a run that goes on after an interruption are the best so far.
    if isContinued { best = (objective, measure.weights.flatMap { Array($0) }) }
  }

  /// Runs the network for a twentieth of a second.
  func estimate() throws -> SearchEstimate {
    let clock = ContinuousClock()
    var (seconds, runs) = (0.0, 0.0)
    _ = try measure.objective()
    let start = clock.now
    while seconds < 0.05 {
      _ = try measure.objective()
      runs += 1
      seconds = (clock.now - start) / .seconds(1)
    }
    return SearchEstimate(
      weightCount: search.weightCount, valueCount: search.valueCount, secondsPerEvaluation: seconds / runs)
  }

  private func trySlab(_ first: Int, _ pulse: () throws -> Void) throws {
    var choice = [Int](repeating: 0, count: search.weightCount)
    guard !choice.isEmpty else { return }
    choice[0] = first
    write(choice)
    repeat {
      try pulse()
      let objective = try measure.objective()
      if objective < best?.objective ?? .infinity { best = (objective, choice.map(search.value)) }
    } while advance(&choice)
  }

  /// Goes to the slab's next combination, as an odometer does.
  /// - Returns: whether there was one.
  private func advance(_ choice: inout [Int]) -> Bool {
    var position = choice.count - 1
    while position > 0 {
      choice[position] += 1
      let isCarried = choice[position] == search.valueCount
      if isCarried { choice[position] = 0 }
      set(position, search.value(choice[position]))
      guard isCarried else { return true }
      position -= 1
    }
    return false
  }

  private func write(_ choice: [Int]) {
    for (position, value) in choice.enumerated() { set(position, search.value(value)) }
  }

  /// Sets the weight at a position in the order of all parameters.
  private func set(_ position: Int, _ value: Float) {
    var rest = position
    for weights in measure.weights {
      guard rest >= weights.count else {
        weights[rest] = value
        return
      }
      rest -= weights.count
    }
  }
}

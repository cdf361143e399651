/// Back through time: the derivative of `Recurrence` with respect to its input and its first states.
///
/// Operands: the cotangents of those of the recurrence's results that have one, then the recurrence's operands, then
/// its results, which are there so that nothing is computed again: they must be those of the operands, and have no
/// derivative of their own.
///
/// Results: the cotangents of the input `[batch, time, gates]` and of the first hidden state; for an LSTM then that
/// of the first cell state; for a GRU then that of the product of the states with the weights, `[batch, time,
/// gates]`, which for the other cells is that of the input; and last, no cotangent but what the weights' is a product
/// with, the hidden state before each step, `[batch, time, units]`.
///
/// Source: Werbos, "Backpropagation through time: what it does and how to do it" (1990).
public struct RecurrenceGradient: Operation {
  public static let name = "recurrenceGradient"
  /// What is differentiated.
  public let recurrence: Recurrence
  /// By result of the recurrence: whether its cotangent is given.
  public let isGiven: [Bool]

  /// An element of `isGiven` for each result of the recurrence, checked when this is appended.
  public init(_ recurrence: Recurrence, isGiven: [Bool]) {
    self.recurrence = recurrence
    self.isGiven = isGiven
  }

  public var resultCount: Int { recurrence.cell.gateCount == 1 ? 3 : 4 }

  /// How many cotangents are given.
  public var givenCount: Int { isGiven.filter { $0 }.count }

  /// The position among the operands of the cotangent of a result, nil where it is not given.
  public func cotangentIndex(ofResult result: Int) -> Int? {
    isGiven.indices.contains(result) && isGiven[result] ? isGiven[..<result].filter { $0 }.count : nil
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard isGiven.count == recurrence.resultCount else {
      throw ShapeError("the recurrence has \(recurrence.resultCount) results, not \(isGiven.count)")
    }
    let count = givenCount + recurrence.operandCount + recurrence.resultCount
    guard operands.count == count else { throw ShapeError("takes \(count) operands, not \(operands.count)") }
    let primal = Array(operands[givenCount..<givenCount + recurrence.operandCount])
    let results = try recurrence.resultTypes(for: primal)
    for (index, type) in results.enumerated() {
      let cotangent = cotangentIndex(ofResult: index).map { operands[$0] } ?? type
      guard cotangent == type, operands[givenCount + recurrence.operandCount + index] == type else {
        throw ShapeError("result \(index) of the recurrence and its cotangent must be \(type)")
      }
    }
    let states = Array(primal[1..<recurrence.weightIndex])
    return [primal[0]] + states + (recurrence.cell.hasRecurrentBias ? [primal[0]] : []) + [results[0]]
  }

  /// As that of the recurrence written out in elementary operations and differentiated: exact to every order, and slow.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let count = givenCount + recurrence.operandCount
    let outer = Array(step.operands[..<count])
    let cotangents = try step.pullback(at: outer, cotangents: step.cotangents) { operands in
      let primal = Array(operands[givenCount...])
      var given: [Tensor?] = isGiven.indices.map { result in cotangentIndex(ofResult: result).map { operands[$0] } }
      // A value to differentiate by what the states contribute.
      let product = recurrence.cell.hasRecurrentBias ? [primal[0].constantLike(0)] : []
      given += product.map { _ in nil }
      let inner = try step.pullback(at: primal + product, cotangents: given) { operands in
        recurrence.unrolled(Array(operands[..<recurrence.operandCount]), product: product.isEmpty ? nil : operands.last)
      }
      let wanted = Array(inner[..<recurrence.weightIndex]) + inner[recurrence.operandCount...]
      let likes = Array(primal[..<recurrence.weightIndex]) + product
      let found = zip(wanted, likes).map { $0 ?? $1.constantLike(0) }
      guard step.cotangents[resultCount - 1] != nil else { return found }
      return found + [recurrence.previousStates(primal[1], recurrence.unrolled(primal)[0])]
    }
    return cotangents + (0..<recurrence.resultCount).map { _ in nil }
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let primal = Array(operands[givenCount..<givenCount + recurrence.operandCount])
    let given = isGiven.indices.map { result in cotangentIndex(ofResult: result).map { operands[$0].scalars } }
    return RecurrentReturn(try RecurrentWalk(recurrence, primal), given).results
  }

  public static var samples: [OperationSample] {
    recurrenceSamples.enumerated().compactMap { index, sample -> OperationSample? in
      guard let recurrence = sample.operation as? Recurrence,
        let results = try? recurrence.evaluate(sample.operands)
      else { return nil }
      // Every other sample has a cotangent for the last result alone. They are small, and with them the errors that
      // come of the results having been rounded to Float32.
      let isGiven = results.indices.map { index % 2 == 0 || $0 == results.count - 1 }
      let given = results.indices.filter { isGiven[$0] }.map {
        sampleValues(results[$0].shape, seed: 10 + $0, from: -0.1, to: 0.1)
      }
      let types = given.map { _ in .float32 } + sample.operandTypes.map(\.elementType)
      return OperationSample(
        RecurrenceGradient(recurrence, isGiven: isGiven), given + sample.operands + results, elementTypes: types)
    }
  }
}

/// The chain rule along a recurrence, in Float64.
private struct RecurrentReturn {
  private let walk: RecurrentWalk
  private var input: ShapedArray<Double>, product: ShapedArray<Double>
  private var hidden: ShapedArray<Double>, cellState: ShapedArray<Double>, previous: ShapedArray<Double>

  /// - Parameter given: the cotangents of the results of the recurrence, nil where there is none.
  init(_ walk: RecurrentWalk, _ given: [[Double]?]) {
    self.walk = walk
    input = ShapedArray(repeating: 0, shape: walk.operands[0].shape)
    product = input
    hidden = ShapedArray(repeating: 0, shape: walk.operands[1].shape)
    cellState = hidden
    let extents = walk.extents
    previous = ShapedArray(repeating: 0, shape: [extents.batch, extents.time, extents.units])
    for row in 0..<walk.extents.batch {
      for step in (0..<walk.extents.time).reversed() { retreat(row, step, given) }
    }
  }

  var results: [ShapedArray<Double>] {
    let cell = walk.operation.cell
    return [input, hidden] + (cell.hasCellState ? [cellState] : []) + (cell.hasRecurrentBias ? [product] : [])
      + [previous]
  }

  private mutating func retreat(_ row: Int, _ step: Int, _ given: [[Double]?]) {
    let (cell, units, time) = (walk.operation.cell, walk.extents.units, walk.time(step))
    let place = row * walk.extents.time + time
    let (states, gates) = (row * units, cell.gateCount * units)
    let before = walk.before(row, step)
    for unit in 0..<units {
      previous.scalars[place * units + unit] = before[unit].hidden
      hidden.scalars[states + unit] += given[0]?[place * units + unit] ?? 0
      if cell.hasCellState { cellState.scalars[states + unit] += given[1]?[place * units + unit] ?? 0 }
    }
    guard !walk.rests(row, time) else { return }
    let after = walk.units[place]
    for unit in 0..<units {
      let kept = (0..<cell.keptCount).map { given.last??[(place * cell.keptCount + $0) * units + unit] ?? 0 }
      let part = after[unit].retreat(
        to: before[unit], hiddenCotangent: hidden.scalars[states + unit],
        cellCotangent: cellState.scalars[states + unit], keptCotangent: kept)
      for gate in 0..<cell.gateCount {
        input.scalars[place * gates + gate * units + unit] = part.x[gate]
        product.scalars[place * gates + gate * units + unit] = part.p[gate]
      }
      hidden.scalars[states + unit] = part.hidden
      cellState.scalars[states + unit] = part.cellState
    }
    let weights = walk.operands[walk.operation.weightIndex].scalars
    for unit in 0..<units {
      for gate in 0..<gates {
        hidden.scalars[states + unit] += product.scalars[place * gates + gate] * weights[unit * gates + gate]
      }
    }
  }
}

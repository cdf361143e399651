/// One recurrent layer in one direction over sequences: the state is carried from step to step through a cell.
///
/// What comes from outside is given for all steps at once (one matrix product makes it of the sequence), so the
/// operation is the recurrence alone. Operands, with `gates` for the cell's `gateCount * units`:
/// - the input to the gates, `[batch, time, gates]`, biases included;
/// - the first hidden state, `[batch, units]`; for an LSTM then the first cell state, `[batch, units]`;
/// - the recurrent weights, `[units, gates]`; for a GRU then the bias of the candidate's recurrent part, `[units]`;
/// - with `hasLengths` the number of steps of each sequence, int32 `[batch]`: after its last step a state stays.
///
/// Results: the hidden state after each step, `[batch, time, units]`; for an LSTM then the cell states; for an LSTM
/// and a GRU then what the gradient needs of each step, `[batch, time, 4 * units]`: see `RecurrentCell.keptCount`.
public struct Recurrence: Operation {
  public static let name = "recurrence"
  /// How one state follows from another.
  public let cell: RecurrentCell
  /// Whether the last step comes first: results lie at the step that made them.
  public let isReversed: Bool
  /// Whether sequences are of different lengths, which the last operand says.
  public let hasLengths: Bool

  /// `recurrence` appends it.
  public init(_ cell: RecurrentCell, isReversed: Bool = false, hasLengths: Bool = false) {
    self.cell = cell
    self.isReversed = isReversed
    self.hasLengths = hasLengths
  }

  public var resultCount: Int { 1 + (cell.hasCellState ? 1 : 0) + (cell.keptCount > 0 ? 1 : 0) }

  /// Where the operands lie among them.
  public var operandCount: Int { weightIndex + 1 + (cell.hasRecurrentBias ? 1 : 0) + (hasLengths ? 1 : 0) }
  /// The position of the recurrent weights among the operands.
  public var weightIndex: Int { cell.hasCellState ? 3 : 2 }
  /// The position of the recurrent bias among the operands, nil where there is none.
  public var biasIndex: Int? { cell.hasRecurrentBias ? weightIndex + 1 : nil }
  /// The position of the lengths among the operands, nil where there are none.
  public var lengthIndex: Int? { hasLengths ? operandCount - 1 : nil }

  /// The extents of a recurrence that fits.
  public struct Extents: Hashable, Sendable {
    /// The number of sequences.
    public let batch: Int
    /// The number of steps.
    public let time: Int
    /// The size of the state.
    public let units: Int
  }

  /// - Throws: `ShapeError` when the operands do not fit.
  public func extents(_ operands: [TensorType]) throws -> Extents {
    guard operands.count == operandCount else {
      throw ShapeError("takes \(operandCount) operands, not \(operands.count)")
    }
    for (index, operand) in operands.enumerated() {
      guard operand.elementType == (index == lengthIndex ? .int32 : .float32) else {
        throw ShapeError(index == lengthIndex ? "the lengths must be int32" : "operand \(index) must be float32")
      }
    }
    let (inputs, state) = (operands[0].shape, operands[1].shape)
    guard inputs.rank == 3, state.rank == 2, state[0] == inputs[0] else {
      throw ShapeError(
        "the input must be [batch, time, gates] and the state [batch, units], but are \(inputs) and \(state)")
    }
    let extents = Extents(batch: inputs[0], time: inputs[1], units: state[1])
    let (gates, overflow) = extents.units.multipliedReportingOverflow(by: cell.gateCount)
    guard !overflow, inputs[2] == gates else {
      throw ShapeError("a state of \(state[1]) units needs \(cell.gateCount) times as many inputs, not \(inputs[2])")
    }
    func expect(_ index: Int?, _ shape: Shape, _ what: String) throws {
      guard let index, operands[index].shape != shape else { return }
      throw ShapeError("the \(what) must be \(shape), but \(operands[index].shape) were given")
    }
    try expect(cell.hasCellState ? 2 : nil, state, "cell states")
    try expect(weightIndex, [extents.units, gates], "recurrent weights")
    try expect(biasIndex, [extents.units], "recurrent biases")
    try expect(lengthIndex, [extents.batch], "lengths")
    return extents
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    let extents = try extents(operands)
    let states = TensorType([extents.batch, extents.time, extents.units])
    var types = [states]
    if cell.hasCellState { types.append(states) }
    if cell.keptCount > 0 {
      let (kept, overflow) = extents.units.multipliedReportingOverflow(by: cell.keptCount)
      guard !overflow else { throw ShapeError("the gates would be too large") }
      types.append(TensorType([extents.batch, extents.time, kept]))
    }
    return types
  }

  /// Back through time by `RecurrenceGradient`; the weights' cotangent is one product over all steps.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let gradient = RecurrenceGradient(self, isGiven: step.cotangents.map { $0 != nil })
    let given = step.cotangents.compactMap { $0 }
    let results = step.operands[0].graph.apply(gradient, to: given + step.operands + step.results)
    let extents = try extents(step.operands.map(\.type))
    var cotangents = [Tensor?](repeating: nil, count: operandCount)
    for position in 0..<weightIndex { cotangents[position] = results[position] }
    let through = results[cell.hasRecurrentBias ? 2 : 0]
    if step.isNeeded[weightIndex] {
      let rows = extents.batch * extents.time
      cotangents[weightIndex] = matrixMultiply(
        results[gradient.resultCount - 1].reshaped(to: [rows, extents.units]),
        through.reshaped(to: [rows, cell.gateCount * extents.units]), transposesLeft: true)
    }
    if let biasIndex, step.isNeeded[biasIndex] {
      let candidate = 2 * extents.units..<3 * extents.units
      cotangents[biasIndex] = through.sliced(candidate, alongAxis: 2).sum(alongAxes: [0, 1])
    }
    return cotangents
  }

  /// The hidden state before each step, `[batch, time, units]`.
  func previousStates(_ first: Tensor, _ outputs: Tensor) -> Tensor {
    let (batch, time, units) = (outputs.shape[0], outputs.shape[1], outputs.shape[2])
    guard time > 0 else { return outputs }
    let start = first.reshaped(to: [batch, 1, units])
    return isReversed
      ? outputs.sliced(1..<time, alongAxis: 1).concatenated(with: [start], alongAxis: 1)
      : start.concatenated(with: [outputs.sliced(0..<time - 1, alongAxis: 1)], alongAxis: 1)
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let walk = try RecurrentWalk(self, operands)
    return [walk.states { [$0.hidden] }]
      + (cell.hasCellState ? [walk.states { [$0.cellState] }] : [])
      + (cell.keptCount > 0 ? [walk.states { $0.kept.isEmpty ? [0, 0, 0, 0] : $0.kept }] : [])
  }

  public static var samples: [OperationSample] {
    // Of the gates of one unit, any may become NaN with another.
    recurrenceSamples + RecurrentCell.allCases.filter { $0.keptCount == 0 }.map { cell in
      let sample = recurrenceSample(Recurrence(cell), batch: 2, time: 2, units: 2)
      var operands = sample.operands
      operands[0].scalars[0] = .nan
      return OperationSample(
        sample.operation, operands, elementTypes: sample.operandTypes.map(\.elementType), isSmooth: false,
        note: "NaN in one example")
    }
  }
}

/// Runs one recurrent layer in one direction over `[batch, time, gates]`; see `Recurrence` for the operands.
/// - Returns: the hidden states `[batch, time, units]`, and an LSTM's cell states.
public func recurrence(
  _ cell: RecurrentCell, inputs: Tensor, hidden: Tensor, cellState: Tensor? = nil, weights: Tensor,
  recurrentBias: Tensor? = nil, lengths: Tensor? = nil, isReversed: Bool = false
) -> (outputs: Tensor, cellStates: Tensor?) {
  let operation = Recurrence(cell, isReversed: isReversed, hasLengths: lengths != nil)
  let operands = [inputs, hidden, cellState, weights, recurrentBias, lengths].compactMap { $0 }
  let results = inputs.graph.apply(operation, to: operands)
  return (results[0], cell.hasCellState ? results[1] : nil)
}

/// A recurrence in Float64, with every unit's state after every step.
struct RecurrentWalk {
  let operation: Recurrence
  let operands: [ShapedArray<Double>]
  let extents: Recurrence.Extents
  /// By sequence and step, in the order of the array: the units after the step.
  private(set) var units: [[RecurrentUnit]] = []

  init(_ operation: Recurrence, _ operands: [ShapedArray<Double>]) throws {
    self.operation = operation
    self.operands = operands
    let types = operands.enumerated().map { index, operand in
      TensorType(operand.shape, index == operation.lengthIndex ? .int32 : .float32)
    }
    extents = try operation.extents(types)
    units = Array(repeating: [], count: extents.batch * extents.time)
    for row in 0..<extents.batch {
      for step in 0..<extents.time {
        var state = before(row, step)
        if !rests(row, time(step)) { advance(&state, row, step) }
        units[row * extents.time + time(step)] = state
      }
    }
  }

  /// The place in the array of a step, counted in the order of computation.
  func time(_ step: Int) -> Int { operation.isReversed ? extents.time - 1 - step : step }

  /// Whether a sequence has ended at a place.
  func rests(_ row: Int, _ time: Int) -> Bool {
    operation.lengthIndex.map { Double(time) >= operands[$0].scalars[row] } ?? false
  }

  /// The units of a sequence before a step.
  func before(_ row: Int, _ step: Int) -> [RecurrentUnit] {
    if step > 0 { return units[row * extents.time + time(step - 1)].map { unit in
      var unit = unit
      unit.kept = []
      return unit
    } }
    return (0..<extents.units).map { unit in
      let place = row * extents.units + unit
      return RecurrentUnit(
        operation.cell, hidden: operands[1].scalars[place],
        cellState: operation.cell.hasCellState ? operands[2].scalars[place] : 0)
    }
  }

  private func advance(_ state: inout [RecurrentUnit], _ row: Int, _ step: Int) {
    let gates = operation.cell.gateCount * extents.units
    let weights = operands[operation.weightIndex].scalars
    let start = (row * extents.time + time(step)) * gates
    var products = [Double](repeating: 0, count: gates)
    for (k, unit) in state.enumerated() {
      for gate in 0..<gates { products[gate] += unit.hidden * weights[k * gates + gate] }
    }
    for unit in state.indices {
      let places = stride(from: unit, to: gates, by: extents.units)
      state[unit].advance(
        places.map { operands[0].scalars[start + $0] }, places.map { products[$0] },
        bias: operation.biasIndex.map { operands[$0].scalars[unit] } ?? 0)
    }
  }

  /// Some numbers of every unit after every step: `[batch, time, numbers * units]`.
  func states(_ numbers: (RecurrentUnit) -> [Double]) -> ShapedArray<Double> {
    let count = numbers(RecurrentUnit(operation.cell, hidden: 0, cellState: 0)).count
    var scalars: [Double] = []
    for row in units {
      let values = row.map(numbers)
      for number in 0..<count { scalars += values.map { $0[number] } }
    }
    return ShapedArray(shape: [extents.batch, extents.time, count * extents.units], unchecked: scalars)
  }
}

extension Recurrence {
  /// The same as elementary operations, step by step: what its gradient is differentiated as.
  /// - Parameter product: added to what the state contributes, `[batch, time, gates]`.
  func unrolled(_ operands: [Tensor], product: Tensor? = nil) -> [Tensor] {
    let (graph, weights) = (operands[0].graph, operands[weightIndex])
    let types = (try? resultTypes(for: operands.map(\.type))) ?? []
    guard let units = operands[1].shape.dimensions.last, let first = types.first, first.count > 0 else {
      return types.map { graph.constant(ShapedArray(repeating: 0, shape: $0.shape)) }
    }
    let (batch, time) = (first.shape[0], first.shape[1])
    func at(_ t: Int, _ tensor: Tensor) -> Tensor {
      tensor.sliced(t..<t + 1, alongAxis: 1).reshaped(to: [batch, tensor.shape[2]])
    }
    var (hidden, level) = (operands[1], cell.hasCellState ? operands[2] : nil)
    var steps = [[Tensor]](repeating: [], count: time)
    for step in 0..<time {
      let t = isReversed ? time - 1 - step : step
      let x = at(t, operands[0])
      let p = product.map { matrixMultiply(hidden, weights) + at(t, $0) } ?? matrixMultiply(hidden, weights)
      var state = unrolledStep(x, p, hidden, level, units: units, bias: biasIndex.map { operands[$0] })
      if let lengthIndex {
        let isRunning = (operands[lengthIndex] .> graph.constant(Double(t), .int32)).reshaped(to: [batch, 1])
        state[0] = select(isRunning, state[0], hidden)
        if let level { state[1] = select(isRunning, state[1], level) }
        if cell.keptCount > 0, let kept = state.popLast() { state.append(select(isRunning, kept, 0)) }
      }
      hidden = state[0]
      if cell.hasCellState { level = state[1] }
      steps[t] = state.map { $0.reshaped(to: [batch, 1, $0.shape[1]]) }
    }
    return types.indices.map { result in
      steps[0][result].concatenated(with: steps.dropFirst().map { $0[result] }, alongAxis: 1)
    }
  }

  /// The results of one step, each `[batch, …]`.
  private func unrolledStep(
    _ x: Tensor, _ p: Tensor, _ hidden: Tensor, _ level: Tensor?, units: Int, bias: Tensor?
  ) -> [Tensor] {
    func gate(_ tensor: Tensor, _ index: Int) -> Tensor {
      tensor.sliced(index * units..<(index + 1) * units, alongAxis: 1)
    }
    switch cell {
    case .tanh: return [tanh(x + p)]
    case .relu: return [relu(x + p)]
    case .lstm:
      let sum = x + p
      let (input, forget) = (sigmoid(gate(sum, 0)), sigmoid(gate(sum, 1)))
      let (candidate, output) = (tanh(gate(sum, 2)), sigmoid(gate(sum, 3)))
      let next = level.map { forget * $0 + input * candidate } ?? input * candidate
      return [output * tanh(next), next, input.concatenated(with: [forget, candidate, output], alongAxis: 1)]
    case .gru:
      let (reset, update) = (sigmoid(gate(x, 0) + gate(p, 0)), sigmoid(gate(x, 1) + gate(p, 1)))
      let recurrent = bias.map { gate(p, 2) + $0 } ?? gate(p, 2)
      let candidate = tanh(gate(x, 2) + reset * recurrent)
      return [
        candidate + update * (hidden - candidate),
        reset.concatenated(with: [update, candidate, recurrent], alongAxis: 1),
      ]
    }
  }
}

/// Sequences of odd extents, in both directions, whole and of different lengths, of one step and of none. The
/// numbers are small, since near its ends the slope of a gate is a difference that Float32 resolves badly.
let recurrenceSamples: [OperationSample] = RecurrentCell.allCases.flatMap { cell in
  [
    recurrenceSample(Recurrence(cell), batch: 2, time: 3, units: 2),
    recurrenceSample(Recurrence(cell, isReversed: true), batch: 2, time: 2, units: 3),
    recurrenceSample(Recurrence(cell), batch: 1, time: 1, units: 1),
    recurrenceSample(Recurrence(cell, hasLengths: true), batch: 3, time: 3, units: 2),
    recurrenceSample(Recurrence(cell, isReversed: true, hasLengths: true), batch: 3, time: 3, units: 2),
    recurrenceSample(Recurrence(cell), batch: 2, time: 0, units: 2),
  ]
}

func recurrenceSample(_ operation: Recurrence, batch: Int, time: Int, units: Int) -> OperationSample {
  let (cell, gates) = (operation.cell, operation.cell.gateCount * units)
  var operands = [
    sampleValues([batch, time, gates], from: -0.6, to: 0.6), sampleValues([batch, units], seed: 1, from: -0.5, to: 0.5),
  ]
  if cell.hasCellState { operands.append(sampleValues([batch, units], seed: 2, from: -0.5, to: 0.5)) }
  operands.append(sampleValues([units, gates], seed: 3, from: -0.5, to: 0.5))
  if cell.hasRecurrentBias { operands.append(sampleValues([units], seed: 4, from: -0.5, to: 0.5)) }
  var types = operands.map { _ in ElementType.float32 }
  if operation.hasLengths {
    operands.append(ShapedArray((0..<batch).map { Double($0 % (time + 1)) }))
    types.append(.int32)
  }
  return OperationSample(operation, operands, elementTypes: types)
}

/// Traces the layers of a recurrent stack in their directions.
struct RecurrentStack {
  private let cell: RecurrentCell
  private let options: RecurrentOptions
  private let kind: String
  private let context: LayerContext

  init(_ cell: RecurrentCell, _ options: RecurrentOptions, kind: String, _ context: LayerContext) throws {
    self.cell = cell
    self.options = options
    self.kind = kind
    self.context = context
    guard options.units > 0 else { throw context.error("a \(kind) layer needs at least 1 unit, not \(options.units)") }
    guard (1...1000).contains(options.layers) else {
      throw context.error("a \(kind) layer is a stack of 1 to 1000 layers, not \(options.layers)")
    }
    guard options.dropout >= 0, options.dropout < 1 else {
      throw context.error("the dropout rate must be at least 0 and less than 1, not \(options.dropout)")
    }
    guard !context.hasRandomFeedback else {
      throw context.error(
        "feedback alignment has no rule for a \(kind) layer, through which errors go back in time; use another "
          + "algorithm, or dense layers and delays in a graph")
    }
    guard options.forgetBias.isFinite else {
      throw context.error("the forget gates' bias must be finite, not \(options.forgetBias)")
    }
  }

  /// The states of one direction of one layer.
  private struct States {
    var hidden: Tensor
    var cell: Tensor?
  }

  private var stateCount: Int { options.layers * options.directions.areReversed.count }

  func apply(_ inputs: [Tensor]) throws -> [Tensor] {
    guard let sequence = inputs.first, sequence.rank == 3, sequence.elementType == .float32 else {
      let given = inputs.first.map { "its input is \($0.type)" } ?? "it has no input"
      throw context.error("a \(kind) layer takes float32 [batch, time, features], but \(given)")
    }
    guard sequence.shape[1] > 0 else { throw context.error("a \(kind) layer needs sequences of at least 1 step") }
    let (first, lengths) = try split(inputs)
    var layer = sequence
    var last: [States] = []
    for number in 1...options.layers {
      if number > 1 { layer = dropped(layer, number) }
      let (outputs, states) = try self.layer(number, layer, Array(first.dropFirst(last.count)), lengths)
      last += states
      layer = outputs[0].concatenated(with: Array(outputs.dropFirst()), alongAxis: 2)
      if let lengths { layer = select(running(lengths, sequence), layer, 0) }
    }
    let top = last.suffix(options.directions.areReversed.count).map(\.hidden)
    let output = options.returnsSequence ? layer : top[0].concatenated(with: Array(top.dropFirst()), alongAxis: 1)
    return [output] + (options.returnsState ? joined(last) : [])
  }

  /// The first states by direction and layer, and the lengths.
  private func split(_ inputs: [Tensor]) throws -> ([States], Tensor?) {
    let (batch, kinds) = (inputs[0].shape[0], cell.hasCellState ? 2 : 1)
    let lengths = inputs.count > 1 ? inputs.last.flatMap { $0.elementType == .int32 ? $0 : nil } : nil
    let given = inputs.dropFirst().dropLast(lengths == nil ? 0 : 1)
    let (width, overflow) = stateCount.multipliedReportingOverflow(by: options.units)
    guard !overflow else { throw context.error("\(options.units) units are too many") }
    guard given.isEmpty || given.count == kinds, given.allSatisfy({ $0.type == TensorType([batch, width]) }),
      lengths.map({ $0.shape == [batch] }) ?? true
    else {
      let types = inputs.dropFirst().map(\.type.description).joined(separator: ", ")
      let states = cell.hasCellState ? "hidden and cell states" : "hidden states"
      throw context.error(
        "after the sequences a \(kind) layer takes its first \(states), float32 [\(batch), \(width)], and lengths, "
          + "int32 [\(batch)], but was given \(types)")
    }
    let states = try (0..<stateCount).map { index in
      func part(_ kind: Int, _ name: String) throws -> Tensor {
        let type = TensorType([batch, options.units])
        if given.isEmpty, context.carriesState { return try context.carried("\(name)State\(index + 1)", type) }
        guard !given.isEmpty else { return inputs[0].graph.constant(0).broadcast(to: type.shape) }
        return given[given.startIndex + kind]
          .sliced(index * options.units..<(index + 1) * options.units, alongAxis: 1)
      }
      return States(hidden: try part(0, "hidden"), cell: cell.hasCellState ? try part(1, "cell") : nil)
    }
    return (states, lengths)
  }

  /// The last states, `[batch, states * units]`, as the first ones are given.
  private func joined(_ states: [States]) -> [Tensor] {
    [states.map(\.hidden), states.compactMap(\.cell)].filter { !$0.isEmpty }.map {
      $0[0].concatenated(with: Array($0.dropFirst()), alongAxis: 1)
    }
  }

  private func dropped(_ sequence: Tensor, _ number: Int) -> Tensor {
    guard context.mode == .training, options.dropout > 0 else { return sequence }
    let stream = context.randomStream &+ UInt32(truncatingIfNeeded: number)
    return sequence * dropoutMask(
      sequence.shape, rate: options.dropout, step: context.step, seed: context.seed, stream: stream)
  }

  /// Which steps of each sequence are part of it, bool `[batch, time, 1]`.
  private func running(_ lengths: Tensor, _ sequence: Tensor) -> Tensor {
    let (batch, time) = (sequence.shape[0], sequence.shape[1])
    let steps = ShapedArray(shape: [1, time], unchecked: (0..<time).map(Double.init))
    return (lengths.reshaped(to: [batch, 1]) .> lengths.graph.constant(steps, .int32)).reshaped(to: [batch, time, 1])
  }

  /// One layer in its directions: the outputs and last states of each.
  private func layer(
    _ number: Int, _ sequence: Tensor, _ first: [States], _ lengths: Tensor?
  ) throws -> ([Tensor], [States]) {
    var (outputs, last): ([Tensor], [States]) = ([], [])
    for (isReversed, start) in zip(options.directions.areReversed, first) {
      let ending = (options.layers > 1 ? "\(number)" : "") + (isReversed ? "Backward" : "")
      let (inputs, weights, bias) = try weighted(sequence, ending)
      let (states, cellStates) = recurrence(
        cell, inputs: inputs, hidden: start.hidden, cellState: start.cell, weights: weights, recurrentBias: bias,
        lengths: lengths, isReversed: isReversed)
      let time = states.shape[1]
      func final(_ states: Tensor) -> Tensor {
        let place = isReversed ? 0 : time - 1
        return states.sliced(place..<place + 1, alongAxis: 1).reshaped(to: start.hidden.shape)
      }
      outputs.append(states)
      let end = States(hidden: final(states), cell: cellStates.map(final))
      last.append(end)
      if context.graph.definingNode(of: start.hidden.value).operation is Variable, context.carriesState {
        context.carry(start.hidden, to: end.hidden)
        if let (from, to) = start.cell.flatMap({ from in end.cell.map { (from, $0) } }) { context.carry(from, to: to) }
      }
    }
    return (outputs, last)
  }

  /// What comes from outside, for all steps in one product: `[batch, time, gates * units]`; the recurrent weights; and
  /// a GRU's recurrent bias.
  private func weighted(_ sequence: Tensor, _ ending: String) throws -> (Tensor, weights: Tensor, bias: Tensor?) {
    let (batch, time, features) = (sequence.shape[0], sequence.shape[1], sequence.shape[2])
    let (units, gates) = (options.units, cell.gateCount)
    let (width, overflow) = units.multipliedReportingOverflow(by: gates)
    guard !overflow else { throw context.error("\(units) units are too many") }
    func parameter(
      _ name: String, _ shape: Shape, _ role: Parameter.Role, _ initializer: [Initializer], fanIn: Int
    ) throws -> Tensor {
      try context.parameter(
        name + ending, shape: shape, role: role,
        initializer: initializer.count == 1 ? initializer[0] : .gates(initializer), fanIn: fanIn, fanOut: units)
    }
    func repeated(_ initializer: Initializer) -> [Initializer] { Array(repeating: initializer, count: gates) }
    let weight = try parameter(
      "weight", [features, width], .weight, repeated(options.weightInitializer), fanIn: features)
    let recurrent = try parameter(
      "recurrentWeight", [units, width], .weight, repeated(options.recurrentInitializer), fanIn: units)
    var sums = matrixMultiply(sequence.reshaped(to: [batch * time, features]), weight)
    if options.usesBias {
      let forget: [Initializer] = [.zeros, .constant(options.forgetBias), .zeros, .zeros]
      let first = cell == .lstm ? forget : [.zeros]
      sums += try parameter("bias", [width], .bias, first, fanIn: features)
    }
    let bias: Tensor? =
      switch (cell.hasRecurrentBias, options.usesBias) {
      case (true, true): try parameter("recurrentBias", [units], .bias, [.zeros], fanIn: units)
      case (true, false): sequence.graph.constant(0).broadcast(to: [units])
      default: nil
      }
    return (sums.reshaped(to: [batch, time, width]), recurrent, bias)
  }
}

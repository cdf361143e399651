import RealModule

/// How a recurrent layer makes its next state of the one before and what comes from outside.
///
/// `x` is what comes from outside (the weighted input, biases included), `p` the product of the state with the
/// recurrent weights, one part of either for each gate; `σ` is the sigmoid.
public enum RecurrentCell: String, Hashable, Codable, Sendable, CaseIterable {
  /// `h = tanh(x + p)`. Source: Elman, "Finding structure in time" (1990).
  case tanh
  /// `h = max(0, x + p)`.
  case relu
  /// `c = σ(forget) c + σ(input) tanh(candidate)`, `h = σ(output) tanh(c)`, with gates in the order input, forget,
  /// candidate, output. Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of
  /// Gers, Schmidhuber and Cummins (2000).
  case lstm
  /// `h = (1 - z) n + z h` with the gates reset `r = σ(x + p)`, update `z = σ(x + p)`, candidate
  /// `n = tanh(x + r (p + bias))`. Source: Cho et al. (2014), in the form of PyTorch and cuDNN, which resets after the
  /// product.
  case gru

  /// The number of gates: the weights are `[units, gateCount * units]`.
  public var gateCount: Int {
    switch self {
    case .tanh, .relu: 1
    case .lstm: 4
    case .gru: 3
    }
  }

  /// Whether there is a cell state beside the hidden one.
  public var hasCellState: Bool { self == .lstm }

  /// Whether the recurrent part of the candidate has a bias of its own.
  public var hasRecurrentBias: Bool { self == .gru }

  /// The number of rows of `units` numbers that are kept of each step for the gradient: an LSTM's gates; a GRU's, and
  /// the recurrent part of its candidate. Simple cells are known by their outputs.
  public var keptCount: Int { gateCount == 1 ? 0 : 4 }
}

/// What one unit of a recurrence computes in a step, and its chain rule, in Float64.
struct RecurrentUnit {
  let cell: RecurrentCell
  var hidden: Double
  var cellState = 0.0
  /// The gates, and a GRU's recurrent part.
  var kept: [Double] = []

  init(_ cell: RecurrentCell, hidden: Double, cellState: Double) {
    self.cell = cell
    self.hidden = hidden
    self.cellState = cellState
  }

  /// - Parameters:
  ///   - x: what comes from outside, a number for each gate.
  ///   - p: what the state contributes, a number for each gate.
  mutating func advance(_ x: [Double], _ p: [Double], bias: Double) {
    switch cell {
    case .tanh: hidden = .tanh(x[0] + p[0])
    case .relu: hidden = ReLU().scalar(x[0] + p[0], 0, 0)
    case .lstm:
      let sums: [Double] = zip(x, p).map { $0 + $1 }
      kept = [sigmoid(sums[0]), sigmoid(sums[1]), .tanh(sums[2]), sigmoid(sums[3])]
      cellState = kept[1] * cellState + kept[0] * kept[2]
      hidden = kept[3] * .tanh(cellState)
    case .gru:
      let (reset, update, recurrent) = (sigmoid(x[0] + p[0]), sigmoid(x[1] + p[1]), p[2] + bias)
      let candidate = Double.tanh(x[2] + reset * recurrent)
      kept = [reset, update, candidate, recurrent]
      hidden = (1 - update) * candidate + update * hidden
    }
  }

  /// The chain rule of a step that led from `previous` to this.
  /// - Parameters:
  ///   - hiddenCotangent: of the hidden state after the step.
  ///   - cellCotangent: of the cell state after the step.
  ///   - keptCotangent: of what is kept.
  /// - Returns: the cotangents of `x` and `p`, and of the states before the step as far as they do not go through `p`.
  func retreat(
    to previous: RecurrentUnit, hiddenCotangent dh: Double, cellCotangent: Double, keptCotangent d: [Double]
  ) -> (x: [Double], p: [Double], hidden: Double, cellState: Double) {
    switch cell {
    case .tanh:
      let d = dh * (1 - hidden * hidden)
      return ([d], [d], 0, 0)
    case .relu:
      let d = hidden > 0 ? dh : 0
      return ([d], [d], 0, 0)
    case .lstm:
      let (input, forget, candidate, output, level) = (kept[0], kept[1], kept[2], kept[3], Double.tanh(cellState))
      let dc: Double = cellCotangent + dh * output * (1 - level * level)
      let ofInput: Double = (dc * candidate + d[0]) * input * (1 - input)
      let ofForget: Double = (dc * previous.cellState + d[1]) * forget * (1 - forget)
      let ofCandidate: Double = (dc * input + d[2]) * (1 - candidate * candidate)
      let ofOutput: Double = (dh * level + d[3]) * output * (1 - output)
      let x = [ofInput, ofForget, ofCandidate, ofOutput]
      return (x, x, 0, dc * forget)
    case .gru:
      let (reset, update, candidate, recurrent) = (kept[0], kept[1], kept[2], kept[3])
      let dn: Double = (dh * (1 - update) + d[2]) * (1 - candidate * candidate)
      let dz: Double = (dh * (previous.hidden - candidate) + d[1]) * update * (1 - update)
      let dr: Double = (dn * recurrent + d[0]) * reset * (1 - reset)
      return ([dr, dz, dn], [dr, dz, dn * reset + d[3]], dh * update, 0)
    }
  }
}

private func sigmoid(_ x: Double) -> Double {
  x >= 0 ? 1 / (1 + .exp(-x)) : .exp(x) / (1 + .exp(x))
}

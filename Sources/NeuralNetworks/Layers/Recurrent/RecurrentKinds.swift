/// The recurrent layer of Elman's network: `h = tanh(x W + b + h U)`, or with ReLU; see `RecurrentLayer`.
///
/// Source: Elman, "Finding structure in time" (1990); with ReLU, Le, Jaitly and Hinton (2015), who start `U` from the
/// identity: an orthogonal matrix keeps lengths as well.
public struct SimpleRecurrent: RecurrentLayer {
  public static let kind = "simpleRecurrent"
  public static let ownKeys = ["activation"]
  public var options: RecurrentOptions
  /// What is applied to the sums: tanh or ReLU.
  public var activation: ActivationFunction

  public init(options: RecurrentOptions) { self.init(options: options, activation: .tanh) }

  /// A layer with tanh or ReLU; another activation is an error when it is traced.
  public init(options: RecurrentOptions, activation: ActivationFunction) {
    self.options = options
    self.activation = activation
  }

  public init(options: RecurrentOptions, from description: DescriptionReader) throws {
    self.init(options: options, activation: try description.choice("activation", default: .tanh))
  }

  public func write(to description: inout DescriptionWriter) {
    description.set("activation", activation == .tanh ? nil : activation.rawValue)
  }

  public var cell: RecurrentCell { activation == .relu ? .relu : .tanh }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    guard activation == .tanh || activation == .relu else {
      throw context.error("a simple recurrent layer applies tanh or relu, not \(activation.rawValue)")
    }
    return try RecurrentStack(cell, options, kind: kind, context).apply(inputs)
  }
}

/// Long short-term memory: a cell state that gates write to, keep and read; see `RecurrentLayer`.
///
/// Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).
public struct LSTM: RecurrentLayer {
  public static let kind = "lstm"
  public static let ownKeys = ["forgetBias"]
  public var options: RecurrentOptions

  public init(options: RecurrentOptions) { self.options = options }

  public init(options: RecurrentOptions, from description: DescriptionReader) throws {
    self.options = options
    self.options.forgetBias = try description.value("forgetBias", default: options.forgetBias)
  }

  public func write(to description: inout DescriptionWriter) {
    description.set("forgetBias", options.forgetBias == 1 ? nil : options.forgetBias)
  }

  public var cell: RecurrentCell { .lstm }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    try RecurrentStack(cell, options, kind: kind, context).apply(inputs)
  }
}

/// Gated recurrent units, in PyTorch's form; see `RecurrentLayer`.
///
/// Source: Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014).
public struct GRU: RecurrentLayer {
  public static let kind = "gru"
  public var options: RecurrentOptions

  public init(options: RecurrentOptions) { self.options = options }

  public var cell: RecurrentCell { .gru }

  public func apply(_ inputs: [Tensor], in context: LayerContext) throws -> [Tensor] {
    try RecurrentStack(cell, options, kind: kind, context).apply(inputs)
  }
}

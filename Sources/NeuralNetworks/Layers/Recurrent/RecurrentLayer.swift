/// A layer that carries a state along a sequence. `SimpleRecurrent`, `LSTM` and `GRU` differ in the cell alone.
///
/// Inputs, in this order, all but the first may be left out:
/// - the sequences, float32 `[batch, time, features]`;
/// - the first hidden states, float32 `[batch, states * units]`, with one part for each direction of each layer of
///   the stack (layer 1 forward, layer 1 backward, layer 2 forward, …), zeros when left out; for an LSTM then the
///   first cell states, of the same shape;
/// - the number of steps of each sequence, int32 `[batch]`: what follows them is not looked at, and the outputs there
///   are zeros.
///
/// Outputs: the hidden states of the topmost layer, `[batch, time, units]`, or `[batch, units]` after the last step;
/// with `directions` both, `2 * units`, the forward ones first. With `returnsState` then the last hidden states of
/// every layer, and for an LSTM the last cell states, as the first ones are given.
///
/// Parameters, for layer `n` of a stack of several (a stack of one has no number) and, backwards, with the ending
/// `Backward`: `weight<n>` `[features, gates * units]`, `recurrentWeight<n>` `[units, gates * units]`, `bias<n>`
/// `[gates * units]`, and a GRU's `recurrentBias<n>` `[units]`; for the order of gates see `RecurrentCell`.
public protocol RecurrentLayer: StepwiseLayer {
  /// How one state follows from another.
  var cell: RecurrentCell { get }
  /// All that is not the cell.
  var options: RecurrentOptions { get }

  /// A layer as described; the cell's own settings are those of the type.
  init(options: RecurrentOptions)
  /// Settings of the type's own are read, and written by `write(to:)`.
  init(options: RecurrentOptions, from description: DescriptionReader) throws
  /// Adds the settings of the type's own to a description.
  func write(to description: inout DescriptionWriter)
  /// The keys of these settings.
  static var ownKeys: [String] { get }
}

/// In which direction a recurrent layer reads its sequences.
public enum RecurrentDirections: String, Hashable, Codable, Sendable, CaseIterable {
  /// The first step first.
  case forward
  /// The last step first; outputs lie at the step that made them.
  case backward
  /// Both, each with weights of its own, their outputs side by side.
  case both

  var areReversed: [Bool] {
    switch self {
    case .forward: [false]
    case .backward: [true]
    case .both: [false, true]
    }
  }
}

/// What all recurrent layers can be told.
public struct RecurrentOptions: Hashable, Sendable {
  /// The size of the state.
  public var units: Int
  /// How many layers are stacked, each fed by the outputs of the one before it.
  public var layers: Int
  /// In which direction sequences are read.
  public var directions: RecurrentDirections
  /// The rate of dropout between the layers of a stack, in [0, 1), while training.
  public var dropout: Double
  /// Whether the outputs are those of all steps, or of the last one alone.
  public var returnsSequence: Bool
  /// Whether the last states are further outputs.
  public var returnsState: Bool
  /// Whether the gates have biases.
  public var usesBias: Bool
  /// Of the weights of the input, gate by gate.
  public var weightInitializer: Initializer
  /// Of the weights of the state, gate by gate.
  public var recurrentInitializer: Initializer
  /// What an LSTM's forget gates start from: 1 lets it remember from the beginning. Source: Jozefowicz, Zaremba and
  /// Sutskever, "An empirical exploration of recurrent network architectures" (2015).
  public var forgetBias: Double
  /// nil for an automatic name.
  public var name: String?

  /// One layer, forward, with all steps as its output, unless said otherwise; what does not fit is an error when the
  /// layer is traced. Weights start as Keras starts them (uniform after Glorot, orthogonal along the state).
  public init(
    units: Int, layers: Int = 1, directions: RecurrentDirections = .forward, dropout: Double = 0,
    returnsSequence: Bool = true, returnsState: Bool = false, usesBias: Bool = true,
    weightInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal,
    forgetBias: Double = 1, name: String? = nil
  ) {
    self.units = units
    self.layers = layers
    self.directions = directions
    self.dropout = dropout
    self.returnsSequence = returnsSequence
    self.returnsState = returnsState
    self.usesBias = usesBias
    self.weightInitializer = weightInitializer
    self.recurrentInitializer = recurrentInitializer
    self.forgetBias = forgetBias
    self.name = name
  }
}

extension RecurrentLayer {
  /// A layer of so many units, at least 1; see `RecurrentOptions` for what the rest means.
  public init(
    _ units: Int, layers: Int = 1, directions: RecurrentDirections = .forward, dropout: Double = 0,
    returnsSequence: Bool = true, returnsState: Bool = false, name: String? = nil
  ) {
    self.init(options: RecurrentOptions(
      units: units, layers: layers, directions: directions, dropout: dropout, returnsSequence: returnsSequence,
      returnsState: returnsState, name: name))
  }

  public var name: String? { options.name }

  public init(options: RecurrentOptions, from description: DescriptionReader) throws { self.init(options: options) }
  public func write(to description: inout DescriptionWriter) {}
  public static var ownKeys: [String] { [] }

  private static var keys: [String] {
    [
      "units", "layers", "directions", "dropout", "returnsSequence", "returnsState", "usesBias",
      "weightInitializer", "recurrentInitializer",
    ] + ownKeys + ["name"]
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: Self.keys])
    var options = RecurrentOptions(units: try description.value("units"))
    options.layers = try description.value("layers", default: options.layers)
    options.directions = try description.choice("directions", default: options.directions)
    options.dropout = try description.value("dropout", default: options.dropout)
    options.returnsSequence = try description.value("returnsSequence", default: options.returnsSequence)
    options.returnsState = try description.value("returnsState", default: options.returnsState)
    options.usesBias = try description.value("usesBias", default: options.usesBias)
    options.weightInitializer = try description.value("weightInitializer", default: options.weightInitializer)
    options.recurrentInitializer = try description.value("recurrentInitializer", default: options.recurrentInitializer)
    options.name = try description.optional("name")
    try self.init(options: options, from: description)
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    let standard = RecurrentOptions(units: options.units)
    func unlessStandard<Value: Equatable>(_ value: KeyPath<RecurrentOptions, Value>) -> Value? {
      options[keyPath: value] == standard[keyPath: value] ? nil : options[keyPath: value]
    }
    description.set("units", options.units)
    description.set("layers", unlessStandard(\.layers))
    description.set("directions", unlessStandard(\.directions))
    description.set("dropout", unlessStandard(\.dropout))
    description.set("returnsSequence", unlessStandard(\.returnsSequence))
    description.set("returnsState", unlessStandard(\.returnsState))
    description.set("usesBias", unlessStandard(\.usesBias))
    description.set("weightInitializer", unlessStandard(\.weightInitializer))
    description.set("recurrentInitializer", unlessStandard(\.recurrentInitializer))
    write(to: &description)
    description.set("name", options.name)
    try description.write(to: encoder)
  }
}

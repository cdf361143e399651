import CPUBackend
import Foundation
import Interchange
import NeuralNetworks

/// All that a run needs to be continued: its variables (weights, the optimizer's moments, running statistics, the step
/// counter), how far it has come in the data, what came of it so far, and the best weights.
///
/// What a run draws is a function of its seed and the step, so a run that is continued ends with the same bits as one
/// that was never interrupted, on the same kind of machine with the same number of threads.
///
/// One safetensors file holds it. Variables have their own names; those of the best weights begin with `best@`.
public struct Checkpoint: Sendable, Equatable {
  /// What was run: the network, the loss, the optimizer, the options and the data, each as text. Only a run of the same
  /// can be continued.
  public let recipe: [String: String]
  /// The file that it was read from, empty where it was not.
  let path: String
  let variables: [Safetensors.NamedTensor]
  let best: [Safetensors.NamedTensor]
  let state: RunState

  /// What came of the epochs of the run that were completed.
  public var epochs: [EpochReport] { state.reports }
  /// What was seen in the layers, where that was asked for.
  public var statistics: [NetworkStatistics] { state.statistics }
  /// The number of steps that were done.
  public var stepCount: Int { state.stepCount }
  /// Why the run ended; nil where it has not.
  public var stopReason: StopReason? { state.stopReason }

  private static let format = "1"
  private static let formatKey = "chainrule_checkpoint"
  private static let stateKey = "state"
  private static let bestPrefix = "best@"

  init(
    recipe: [String: String], variables: [Safetensors.NamedTensor], best: [Safetensors.NamedTensor], state: RunState
  ) {
    self.recipe = recipe
    path = ""
    self.variables = variables
    self.best = best
    self.state = state
  }

  /// Reads a checkpoint that a run has written.
  /// - Throws: `SafetensorsError` when the file cannot be read or is damaged, `TrainingError` when it is no checkpoint.
  public init(contentsOf path: String) throws {
    let file = try Safetensors(contentsOf: path)
    self.path = path
    guard file.metadata[Self.formatKey] == Self.format, let text = file.metadata[Self.stateKey] else {
      throw TrainingError(
        .invalidModel, path: path, "this is no checkpoint of this version",
        advice: "give the checkpoint.safetensors of a run, or train from the beginning")
    }
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      state = try decoder.decode(RunState.self, from: Data(text.utf8))
    } catch {
      throw TrainingError(
        .invalidModel, path: path, "the state of the run cannot be read (\(DescriptionError(of: error)))",
        advice: "the file was changed or is from another version: train from the beginning")
    }
    recipe = file.metadata.filter { $0.key != Self.formatKey && $0.key != Self.stateKey }
    variables = file.tensors.filter { !$0.name.hasPrefix(Self.bestPrefix) }
    best = file.tensors.filter { $0.name.hasPrefix(Self.bestPrefix) }.map {
      Safetensors.NamedTensor(name: String($0.name.dropFirst(Self.bestPrefix.count)), values: $0.values)
    }
  }

  func write(to file: AtomicFile) throws {
    var metadata = recipe
    metadata[Self.formatKey] = Self.format
    metadata[Self.stateKey] = try jsonText(state)
    let marked = best.map { Safetensors.NamedTensor(name: Self.bestPrefix + $0.name, values: $0.values) }
    try Safetensors(tensors: variables + marked, metadata: metadata).write(to: file)
  }

  /// - Throws: `TrainingError` that names what differs from the run that is to be continued.
  func check(recipe other: [String: String]) throws {
    for key in Set(recipe.keys).union(other.keys).sorted() where recipe[key] != other[key] {
      let (old, new) = (recipe[key] ?? "none", other[key] ?? "none")
      throw TrainingError(
        .mismatch, path: path,
        "the checkpoint is of another run: its \(key) was \(old.prefix(300)), not \(new.prefix(300))",
        advice: "continue with what the run began with, or begin another run")
    }
  }

  /// Gives a run's variables the values that they had.
  /// - Parameters:
  ///   - store: with every variable that the run needs.
  ///   - parameters: the network's, of which the best values are kept.
  /// - Throws: `TrainingError` when one is missing or of another type.
  func restore(_ store: VariableStore, _ parameters: [Parameter]) throws {
    try Self.check(variables, store.names.map { ($0, store.type(of: $0)) }, path)
    if !best.isEmpty { try Self.check(best, parameters.map { ($0.path, TensorType($0.shape)) }, path) }
    try store.set(variables)
  }

  private static func check(
    _ tensors: [Safetensors.NamedTensor], _ needed: [(name: String, type: TensorType?)], _ path: String
  ) throws {
    let types = Dictionary(tensors.map { ($0.name, $0.values.type) }) { first, _ in first }
    for (name, type) in needed where types[name] != type {
      let found = types[name].map { "is \($0)" } ?? "is missing"
      throw damaged(path, "the variable '\(name)' \(found), but the run needs \(type.map { "\($0)" } ?? "it")")
    }
    let strangers = Set(types.keys).subtracting(needed.map(\.name))
    if let stranger = strangers.min() { throw damaged(path, "the run has no variable '\(stranger)'") }
  }

  /// An error of a file that is a checkpoint of the run, but says what no run writes.
  static func damaged(_ path: String, _ message: String) -> TrainingError {
    TrainingError(
      .invalidModel, path: path, "the checkpoint cannot be continued: \(message)",
      advice: "the file was changed: train from the beginning")
  }
}

extension Safetensors.Values {
  fileprivate var type: TensorType {
    switch self {
    case .float32(let array): TensorType(array.shape)
    case .int32(let array): TensorType(array.shape, .int32)
    }
  }
}

extension VariableStore {
  /// Every variable with its value.
  func tensors() throws -> [Safetensors.NamedTensor] {
    try names.map { name in
      guard let type = type(of: name) else { throw VariableError.unknown(name) }
      let values: Safetensors.Values =
        type.elementType == .int32
        ? .int32(ShapedArray(shape: type.shape, unchecked: try integers(of: name))) : .float32(try value(of: name))
      return Safetensors.NamedTensor(name: name, values: values)
    }
  }

  /// Gives variables the values that they had when `tensors()` was called.
  /// - Throws: `VariableError` when one is of another shape.
  func set(_ tensors: [Safetensors.NamedTensor]) throws {
    for tensor in tensors {
      switch tensor.values {
      case .float32(let array): try set(tensor.name, to: array)
      case .int32(let array): try setIntegers(tensor.name, to: array.scalars, shape: array.shape)
      }
    }
  }
}

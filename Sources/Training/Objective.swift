import CPUBackend
import NeuralNetworks
import Optimizers

/// Anything that can be made small by gradients: a scalar of named inputs, with any layers in it.
///
/// For networks that a `Trainer` does not know: of several inputs, with several outputs and losses, with weights that
/// are shared between places.
///
/// ```swift
/// let encoder = Sequential { Dense(16, activation: .tanh); Dense(2) }
/// let objective = try Objective(
///   inputs: ["left": [32, 4], "right": [32, 4]], optimizer: .adam(learningRate: 0.01)
/// ) { context, inputs in
///   let left = try context.apply(encoder, to: [inputs["left"]], sharedAs: "encoder")[0]
///   let right = try context.apply(encoder, to: [inputs["right"]], sharedAs: "encoder")[0]
///   context.graph.output("difference", left - right)
///   return ((left - right) * (left - right)).mean()
/// }
/// for batch in batches { print(try objective.step(batch)) }
/// ```
///
/// The formula is traced and compiled once for training, with gradients and update in the program, and once for use
/// when that is first asked for. Not safe to use from two threads at once.
public final class Objective {
  /// What is made small: appends to the context's graph and returns a scalar. Values that are to be looked at after a
  /// step can be named with `context.graph.output`; `loss` and `learningRate` are taken. What layers add to the loss
  /// is added.
  public typealias Formula = (_ context: LayerContext, _ inputs: NamedInputs) throws -> Tensor

  /// The inputs of a formula, by name.
  public struct NamedInputs {
    fileprivate let tensors: [String: Tensor]

    /// The input of that name.
    /// - Throws: `TrainingError` when there is none.
    public subscript(name: String) -> Tensor {
      get throws {
        guard let tensor = tensors[name] else {
          throw TrainingError(
            .mismatch, "there is no input '\(name)'", advice: "use \(tensors.keys.sorted().joined(separator: ", "))")
        }
        return tensor
      }
    }
  }

  /// What the formula learns and keeps, in the order in which it asks for it.
  public let parameters: [Parameter]
  /// The types of the inputs.
  public let inputs: [String: TensorType]
  private let formula: Formula
  private let variables = VariableStore()
  private let backend: CPUBackend
  private let training: Program
  private var inference: Program?

  /// - Parameters:
  ///   - inputs: what is given at each step: real numbers of these shapes.
  ///   - seed: from which first weights, dropout and the like are drawn.
  ///   - threads: how many threads kernels may use; the number of processors when nil.
  /// - Throws: what the formula throws, `TrainingError` when it returns no scalar, errors of graphs and optimizers.
  public convenience init(
    inputs: [String: Shape], optimizer: Optimizer, seed: UInt64 = 0, threads: Int? = nil, _ formula: @escaping Formula
  ) throws {
    try self.init(
      inputTypes: inputs.mapValues { TensorType($0) }, optimizer: optimizer, seed: seed, threads: threads, formula)
  }

  /// As `init(inputs:optimizer:seed:threads:_:)`, for inputs of any types, such as int32 class labels.
  public init(
    inputTypes: [String: TensorType], optimizer: Optimizer, seed: UInt64 = 0, threads: Int? = nil,
    _ formula: @escaping Formula
  ) throws {
    try require(threads ?? 1 >= 1, "threads", threads ?? 1, "1 or more")
    inputs = inputTypes
    self.formula = formula
    backend = CPUBackend(threads: threads)
    let graph = Graph()
    let context = LayerContext(graph, mode: .training, seed: seed)
    let loss = try Self.trace(formula, context, inputTypes)
    let gradients = try gradients(of: loss, withRespectTo: context.parameterTensors)
    graph.output("learningRate", try optimizer.update(context.parameterTensors, with: gradients))
    parameters = context.parameters
    for parameter in parameters { try variables.set(parameter.path, to: parameter.initialValue(seed: seed)) }
    training = try compile(graph, variables: variables, backend: backend)
  }

  private static func trace(
    _ formula: Formula, _ context: LayerContext, _ types: [String: TensorType]
  ) throws -> Tensor {
    var tensors: [String: Tensor] = [:]
    // In an order of their own, so that the same formula gives the same program.
    for (name, type) in types.sorted(by: { $0.key < $1.key }) { tensors[name] = context.graph.input(name, type) }
    let formula = try formula(context, NamedInputs(tensors: tensors))
    try context.graph.checkFailure()
    let loss = context.addedLosses.reduce(formula, +)
    guard loss.shape.count == 1, loss.elementType == .float32 else {
      throw TrainingError(
        .mismatch, "what is to be made small is \(loss.type), not one number", advice: "end it with mean() or sum()")
    }
    context.graph.output("loss", loss)
    try context.graph.checkFailure()
    return loss
  }

  /// Learns from one batch.
  /// - Parameter values: one for each input; integers as numbers.
  /// - Returns: the loss before the step.
  /// - Throws: `ProgramError` when an input is missing or of another shape, `TrainingError` when the loss is not
  ///   finite.
  @discardableResult
  public func step(_ values: [String: ShapedArray<Float>]) throws -> Double {
    let loss = try run(training, values)["loss"]?.scalars.first ?? .nan
    guard loss.isFinite else {
      throw TrainingError(
        .notFinite, "the loss is \(loss)", advice: "use a smaller learning rate, or clip the gradients")
    }
    return Double(loss)
  }

  /// Computes without learning, with layers as in use.
  /// - Returns: the loss, as `loss`, and whatever the formula has named.
  public func evaluate(_ values: [String: ShapedArray<Float>]) throws -> [String: ShapedArray<Float>] {
    let program = try inference ?? makeInference()
    inference = program
    return try run(program, values)
  }

  private func makeInference() throws -> Program {
    let graph = Graph()
    _ = try Self.trace(formula, LayerContext(graph, mode: .inference), inputs)
    return try compile(graph, variables: variables, backend: backend)
  }

  /// A parameter as it is now.
  /// - Throws: `VariableError` when there is none of that path.
  public func value(of path: String) throws -> ShapedArray<Float> { try variables.value(of: path) }

  private func run(
    _ program: Program, _ values: [String: ShapedArray<Float>]
  ) throws -> [String: ShapedArray<Float>] {
    try backend.perform {
      for name in inputs.keys.sorted() {
        guard let value = values[name] else {
          throw TrainingError(.mismatch, "there is no value for the input '\(name)'", advice: "give one")
        }
        // An input that the formula does not use is no input of the program.
        if program.inputs[name] != nil { try program.setInput(name, to: value) }
      }
      try program.run()
      var results: [String: ShapedArray<Float>] = [:]
      for name in program.outputs.keys.sorted() { results[name] = try program.output(name) }
      return results
    }
  }
}

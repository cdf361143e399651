/// The formula of an optimizer.
protocol UpdateRule: Sendable {
  /// The word for the rule in descriptions.
  static var kind: String { get }
  /// The keys of its settings in descriptions.
  static var keys: [String] { get }
  /// The learning rate that is used where none is given.
  static var standardLearningRate: Double { get }

  init(from description: DescriptionReader) throws
  func write(to description: inout DescriptionWriter)

  /// - Throws: `OptimizerError`.
  func validate() throws

  /// Appends the update of every parameter and of the rule's own state.
  func append(to step: UpdateStep) throws
}

/// What a rule has to work with.
struct UpdateStep {
  let graph: Graph
  /// A scalar.
  let learningRate: Tensor
  private let pairs: [(name: String, parameter: Tensor, gradient: Tensor)]

  init(_ graph: Graph, _ parameters: [Tensor], _ gradients: [Tensor], _ learningRate: Tensor) throws {
    self.graph = graph
    self.learningRate = learningRate
    pairs = try zip(parameters, gradients).map { parameter, gradient in
      guard parameter.graph === graph,
        let variable = graph.definingNode(of: parameter.value).operation as? Variable
      else {
        throw OptimizerError("only variables of the graph can be updated, not the result of another operation")
      }
      guard parameter.type == gradient.type else {
        throw OptimizerError(
          "the gradient of '\(variable.variableName)' is \(gradient.type), but the parameter is \(parameter.type)")
      }
      return (variable.variableName, parameter, gradient)
    }
  }

  /// Updates each parameter to the value that `body` makes of it.
  func updateEach(_ body: (ParameterStep) -> Tensor) {
    for (name, parameter, gradient) in pairs {
      graph.scope(name) {
        graph.update(parameter, to: body(ParameterStep(name: name, parameter: parameter, gradient: gradient)))
      }
    }
  }
}

/// One parameter's part of a step.
struct ParameterStep {
  let name: String
  let parameter: Tensor
  let gradient: Tensor

  /// Gives a state variable of the parameter's type (which starts at zero) a new value made from the old one.
  /// - Returns: the new value.
  func state(_ state: String, _ next: (Tensor) -> Tensor) -> Tensor {
    let graph = parameter.graph
    let variable = graph.variable("\(name):\(state)", parameter.type)
    let value = next(variable)
    graph.update(variable, to: value)
    return value
  }
}

/// A setting of an optimizer, schedule, clipping or prior cannot be used, or what is to be updated does not fit.
public struct OptimizerError: Error, CustomStringConvertible, Equatable {
  /// What cannot be used, and what it must be.
  public let message: String

  /// An error that says what cannot be used, and what it must be.
  public init(_ message: String) { self.message = message }

  public var description: String { message }
}

/// - Throws: `OptimizerError` unless the setting is what it must be.
func require(_ isUsable: Bool, _ setting: String, _ value: some CustomStringConvertible, _ requirement: String) throws {
  guard isUsable else { throw OptimizerError("\(setting) must be \(requirement), not \(value)") }
}

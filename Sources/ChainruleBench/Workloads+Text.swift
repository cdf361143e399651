import CPUBackend
import Optimizers

extension Workload {
  /// A step of the character model: 32 sequences of 64 out of 65 characters, one LSTM of 128 units.
  static func characterLSTM(threads: Int) throws -> Workload {
    let (batch, time, vocabulary) = (32, 64, 65)
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let text = TensorType([batch, time], .int32)
    let network = CharacterNetwork(vocabulary: vocabulary, features: 64, units: 128)
    let outputs = try context.trace(network, graph.input("x", text))
    let targets = graph.input("y", text).reshaped(to: [batch * time])
    let loss = try Loss.softmaxCrossEntropy(outputs: outputs, targets: targets)
    graph.output("loss", loss)
    let parameters = context.parameterTensors
    try Optimizer.adam(learningRate: 0.001).update(parameters, with: gradients(of: loss, withRespectTo: parameters))
    let variables = VariableStore()
    for parameter in context.parameters { try variables.set(parameter.path, to: parameter.initialValue(seed: 0)) }
    let program = try compile(graph, variables: variables, backend: CPUBackend(threads: threads))
    var generator = PhiloxGenerator(seed: 1)
    for name in ["x", "y"] {
      let buffer = try program.inputBuffer(name, as: Int32.self)
      for index in buffer.indices { buffer[index] = Int32.random(in: 0..<Int32(vocabulary), using: &generator) }
    }
    return Workload(program: program, parameterCount: context.parameters.reduce(0) { $0 + $1.shape.count })
  }
}

/// Characters, int32 `[batch, time]`, to logits of the next ones, `[batch * time, vocabulary]`.
private struct CharacterNetwork: UnaryLayer {
  static let kind = "characters"
  var name: String?
  let vocabulary, features, units: Int

  func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let table = try context.parameter(
      "table", shape: [vocabulary, features], role: .weight, initializer: .standardNormal, fanIn: vocabulary,
      fanOut: features)
    let states = try context.apply(LSTM(units), to: table.gathering(input))
    return try context.apply(Dense(vocabulary), to: states.reshaped(to: [input.shape.count, units]))
  }
}

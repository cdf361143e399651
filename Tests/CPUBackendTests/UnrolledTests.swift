import CPUBackend
import Differentiation
import Testing

/// Recurrent connections that are written out step by step, as those of any network with delays are.
@Suite struct UnrolledTests {
  private let batch = 4, time = 64, units = 6

  /// The loss of an Elman network, from its kernel or from 64 steps of elementary operations, with its gradients.
  private func graph(isUnrolled: Bool) throws -> Graph {
    let graph = Graph()
    let inputs = graph.input("inputs", TensorType([batch, time, units]))
    let weights = graph.input("weights", TensorType([units, units]))
    let first = graph.input("first", TensorType([batch, units]))
    var outputs: Tensor
    if isUnrolled {
      var (state, states) = (first, [Tensor]())
      for t in 0..<time {
        let input = inputs.sliced(t..<t + 1, alongAxis: 1).reshaped(to: [batch, units])
        state = tanh(input + matrixMultiply(state, weights))
        states.append(state.reshaped(to: [batch, 1, units]))
      }
      outputs = states[0].concatenated(with: Array(states.dropFirst()), alongAxis: 1)
    } else {
      outputs = recurrence(.tanh, inputs: inputs, hidden: first, weights: weights).outputs
    }
    let loss = (outputs * outputs).mean()
    graph.output("loss", loss)
    let gradients = try gradients(of: loss, withRespectTo: [inputs, weights, first])
    for (index, gradient) in gradients.enumerated() { graph.output("gradient\(index)", gradient) }
    return graph
  }

  @Test func sixtyFourStepsAreTheKernelsAndGrowInProportion() throws {
    var outputs: [[String: [Float]]] = []
    for isUnrolled in [false, true] {
      let program = try compile(
        graph(isUnrolled: isUnrolled), variables: VariableStore(), backend: CPUBackend(threads: 2))
      for (index, (name, type)) in program.inputs.sorted(by: { $0.key < $1.key }).enumerated() {
        let numbers = (0..<type.count).map { Float(($0 * 7 + index) % 13) / 13 - 0.5 }
        try program.setInput(name, to: ShapedArray(shape: type.shape, unchecked: numbers))
      }
      try program.run()
      var values: [String: [Float]] = [:]
      for name in program.outputs.keys { values[name] = try program.output(name).scalars }
      outputs.append(values)
      // Forward a slice, a product and a loop, backward as many and a product for the weights, and their sums.
      #expect(program.steps.count <= (isUnrolled ? 10 * time : 12))
    }
    #expect(outputs[0].count == 4)
    for (name, kernel) in outputs[0] {
      let unrolled = try #require(outputs[1][name])
      #expect(zip(kernel, unrolled).allSatisfy { abs($0 - $1) < 1e-6 } && kernel.count == unrolled.count)
    }
  }
}

import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

struct NetworkGraphTests {
  /// The network's outputs with weights drawn from a seed, on the reference.
  private func outputs(
    _ network: some Layer, _ inputs: [ShapedArray<Double>]
  ) throws -> (values: [ShapedArray<Double>], parameters: [Parameter]) {
    let graph = Graph()
    let context = LayerContext(graph, mode: .inference)
    var values: [String: ShapedArray<Double>] = [:]
    var tensors: [Tensor] = []
    for (index, value) in inputs.enumerated() {
      values["x\(index)"] = value
      tensors.append(graph.input("x\(index)", TensorType(value.shape)))
    }
    let results = try context.trace(network, tensors)
    for parameter in context.parameters { values[parameter.path] = parameter.initialValue(seed: 3).map(Double.init) }
    return (try Interpreter(values: values).evaluate(results), context.parameters)
  }

  private func numbers(_ shape: Shape, scale: Double = 1) throws -> ShapedArray<Double> {
    try ShapedArray(shape: shape, scalars: (0..<shape.count).map { scale * sin(Double($0 * $0) + 1) })
  }

  static let cascade = NetworkGraph(
    inputs: ["x"],
    nodes: [
      .init(Dense(1, activation: .sigmoid, name: "y"), inputs: ["x", "a", "b"]),
      .init(Dense(1, activation: .tanh, name: "b"), inputs: ["x", "a"]),
      .init(Dense(1, activation: .tanh, name: "a"), inputs: ["x"]),
    ])

  @Test func `nodes may be written in any order`() throws {
    let x = try numbers([4, 2])
    let other = NetworkGraph(inputs: ["x"], nodes: Self.cascade.nodes.reversed(), outputs: ["y"])
    let (first, parameters) = try outputs(Self.cascade, [x])
    #expect(first == (try outputs(other, [x]).values))
    #expect(parameters.map(\.path) == ["a/weight", "a/bias", "b/weight", "b/bias", "y/weight", "y/bias"])
    #expect(parameters.map(\.shape) == [[2, 1], [1], [3, 1], [1], [4, 1], [1]])
  }

  @Test func `a chain of nodes is the same as a sequence of layers`() throws {
    let x = try numbers([4, 2])
    let (layer, last) = (Dense(3, activation: .tanh, name: "first"), Dense(2, name: "last"))
    let graph = NetworkGraph(nodes: [.init(layer, inputs: ["input"]), .init(last, inputs: ["first"])])
    let (values, parameters) = try outputs(graph, [x])
    let (expected, same) = try outputs(Sequential([layer, last]), [x])
    #expect(values == expected)
    #expect(parameters == same)
  }

  @Test func `merging is arithmetic`() throws {
    let (a, b) = (try numbers([2, 3]), try numbers([2, 3], scale: 2))
    func merged(_ function: Combination) throws -> [Double] {
      try outputs(Merge(function), [a, b]).values[0].scalars
    }
    func expected(_ function: (Double, Double) -> Double) -> [Double] { zip(a.scalars, b.scalars).map(function) }
    #expect(try merged(.add) == expected(+))
    #expect(try merged(.multiply) == expected(*))
    #expect(try merged(.subtract) == expected(-))
    #expect(try merged(.average) == expected { ($0 + $1) / 2 })
    #expect(try merged(.maximum) == expected(max))
    #expect(try merged(.minimum) == expected(min))
    let rows: [Double] = [0..<3, 3..<6].flatMap { (row: Range<Int>) in Array(a.scalars[row]) + Array(b.scalars[row]) }
    #expect(try merged(.concatenate) == rows)
    #expect(throws: LayerError.self) { try outputs(Merge(.add), [a, try numbers([2, 2])]) }
    #expect(throws: LayerError.self) { try outputs(Merge(.add), []) }
  }

  @Test func `several inputs and outputs, and weights that are shared`() throws {
    let twins = NetworkGraph(
      inputs: ["left", "right"],
      nodes: [
        .init(Sequential([Dense(3, activation: .tanh), Dense(2)], name: "encoder"), inputs: ["left"]),
        .init("twin", weightsOf: "encoder", inputs: ["right"]),
        .init(Merge(.subtract, name: "difference"), inputs: ["encoder", "twin"]),
      ], outputs: ["difference", "twin"])
    let (a, b) = (try numbers([2, 4]), try numbers([2, 4], scale: 2))
    let (values, parameters) = try outputs(twins, [a, b])
    #expect(
      parameters.map(\.path) == [
        "encoder/dense1/weight", "encoder/dense1/bias", "encoder/dense2/weight", "encoder/dense2/bias",
      ])
    let swapped = try outputs(twins, [b, a]).values
    #expect(values[0].scalars == swapped[0].scalars.map { -$0 })
    let difference = zip(swapped[1].scalars, values[1].scalars).map { $0 - $1 }
    #expect(values[0].scalars == difference)
    #expect(throws: LayerError.self) { try outputs(twins, [a]) }
    #expect(throws: LayerError.self) { try outputs(twins, [a, try numbers([2, 5])]) }
  }

  // MARK: Recurrence

  static let elman = NetworkGraph(
    inputs: ["x"],
    nodes: [
      .init(Dense(3, activation: .tanh, name: "hidden"), inputs: ["x", .delayed("hidden")]),
      .init(Dense(1, name: "y"), inputs: ["hidden"]),
    ])

  @Test func `an Elman network is its recurrence`() throws {
    // Two examples of four steps of two features: y = W₂ h, h(t) = tanh([x(t), h(t-1)] W₁).
    let loop = NetworkGraph(inputs: ["x"], nodes: [Self.elman.nodes[0]], outputs: ["hidden"])
    let x = try numbers([2, 4, 2])
    let (values, parameters) = try outputs(loop, [x])
    #expect(values[0].shape == [2, 4, 3])
    #expect(parameters.map(\.path) == ["hidden/weight", "hidden/bias"])
    #expect(parameters[0].shape == [5, 3])
    let weight = parameters[0].initialValue(seed: 3).map(Double.init).scalars
    for example in 0..<2 {
      var state = [0.0, 0, 0]
      for time in 0..<4 {
        let start = (example * 4 + time) * 2
        let input = Array(x.scalars[start..<(start + 2)]) + state
        state = (0..<3).map { unit in tanh((0..<5).reduce(0) { $0 + input[$1] * weight[$1 * 3 + unit] }) }
        let found = values[0].scalars[((example * 4 + time) * 3)..<((example * 4 + time + 1) * 3)]
        for (a, b) in zip(found, state) { #expect(abs(a - b) < 1e-12) }
      }
    }
  }

  @Test func `what is outside of loops runs once, on whole sequences`() throws {
    let network = NetworkGraph(
      inputs: ["x"],
      nodes: [
        .init(Activation(.tanh, name: "before"), inputs: ["x"]),
        .init(Merge(.add, name: "sum"), inputs: ["before", .delayed("sum")]),
        .init(Activation(.tanh, name: "after"), inputs: ["sum"]),
      ])
    let graph = Graph()
    _ = try LayerContext(graph, mode: .inference).trace(network, graph.input("x", TensorType([2, 6, 3])))
    #expect(graph.nodes.filter { $0.operation is Tanh }.count == 2)
    // A running sum.
    let (values, _) = try outputs(
      NetworkGraph(inputs: ["x"], nodes: [.init(Merge(.add, name: "sum"), inputs: ["x", .delayed("sum")])]),
      [ShapedArray(shape: [1, 4, 2], scalars: [1, 10, 2, 20, 3, 30, 4, 40])])
    #expect(values[0].scalars == [1, 10, 3, 30, 6, 60, 10, 100])
  }

  @Test func `a delay without a circle shifts a sequence`() throws {
    let network = NetworkGraph(
      inputs: ["x"], nodes: [.init(Merge(.subtract, name: "change"), inputs: ["x", .delayed("x", by: 2)])])
    let (values, _) = try outputs(network, [ShapedArray(shape: [1, 4, 1], scalars: [1, 3, 6, 10])])
    #expect(values[0].scalars == [1, 3, 5, 7])
    let (short, _) = try outputs(network, [ShapedArray(shape: [1, 1, 1], scalars: [5])])
    #expect(short[0].scalars == [5])
  }

  @Test func `a learned start is a parameter`() throws {
    let network = NetworkGraph(
      inputs: ["x"],
      nodes: [.init(Merge(.add, name: "sum"), inputs: ["x", .delayed("sum", by: 2, start: .learned)])])
    let (_, parameters) = try outputs(network, [try numbers([2, 3, 4])])
    #expect(parameters.map(\.path) == ["sum.start"])
    #expect(parameters.map(\.shape) == [[4]])
  }

  /// The derivative of the last output by the first input of a product y(t) = x(t) + ½ y(t-1).
  private func slope(truncation: Int?, length: Int) throws -> [Double] {
    let network = NetworkGraph(
      inputs: ["x"],
      nodes: [
        .init(Merge(.average, name: "half"), inputs: [.delayed("y"), "zero"]),
        .init(Merge(.add, name: "y"), inputs: ["x", "half"]),
        .init(Merge(.subtract, name: "zero"), inputs: ["x", "x"]),
      ], outputs: ["y"], truncation: truncation)
    return try gradient(at: ShapedArray(shape: [1, length, 1], scalars: (0..<length).map { Double($0) })) { x in
      let y = try LayerContext(x.graph, mode: .training).trace(network, x)
      return y.sliced((length - 1)..<length, alongAxis: 1).sum()
    }.scalars
  }

  @Test func `gradients go back through time, as far as they may`() throws {
    #expect(try slope(truncation: nil, length: 5) == [0.0625, 0.125, 0.25, 0.5, 1])
    // Boundaries before the steps 2 and 4.
    #expect(try slope(truncation: 2, length: 5) == [0, 0, 0, 0, 1])
    #expect(try slope(truncation: 2, length: 4) == [0, 0, 0.5, 1])
    #expect(try slope(truncation: 3, length: 5) == [0, 0, 0, 0.5, 1])
  }

  @Test func `gradients of a loop are those of its unrolled formula`() throws {
    let x = try numbers([2, 4, 2])
    let graph = Graph()
    let context = LayerContext(graph, mode: .training)
    let y = try context.trace(Self.elman, graph.input("x", TensorType(x.shape)))
    var values = ["x": x]
    let weights = context.parameters.map { $0.initialValue(seed: 5).map(Double.init) }
    for (parameter, weight) in zip(context.parameters, weights) { values[parameter.path] = weight }
    let found = try Interpreter(values: values).evaluate(
      gradients(of: (y * y).sum(), withRespectTo: context.parameterTensors))

    let expected = try gradient(at: weights) { weights in
      let graph = weights[0].graph
      var state = graph.constant(0).broadcast(to: [2, 3])
      var sum = graph.constant(0)
      for time in 0..<4 {
        let step = graph.constant(x).sliced(time..<(time + 1), alongAxis: 1).reshaped(to: [2, 2])
        state = tanh(matrixMultiply(concatenate(step, state, alongAxis: 1), weights[0]) + weights[1])
        let y = matrixMultiply(state, weights[2]) + weights[3]
        sum += (y * y).sum()
      }
      return sum
    }
    for (a, b) in zip(found, expected) {
      #expect(a.shape == b.shape)
      for (a, b) in zip(a.scalars, b.scalars) { #expect(abs(a - b) <= 1e-9 * max(1, abs(b))) }
    }
  }

  // MARK: Mistakes

  static let mistakes: [(text: String, path: String, message: String)] = [
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a", "inputs": ["b"]}]}"#,
      "nodes[0].inputs[0]", "there is no node or input 'b'; there are input, a"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "inputs": ["input"]}]}"#, "nodes[0]",
      "a node needs a 'name', by which others can read it"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a"}]}"#, "nodes[0]",
      "a node needs 'inputs', a list of nodes or inputs of the network"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "merge", "combination": "add", "name": "a", "inputs": ["b", "input"]}, "#
        + #"{"kind": "dense", "units": 1, "name": "b", "inputs": ["a"]}], "outputs": ["b"]}"#, "nodes[0]",
      "'a', 'b' read each other in a circle; give one of the connections a delay"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a", "inputs": ["input", "a"]}]}"#,
      "nodes[0]", "'a' reads itself; give the connection a delay"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a", "inputs": ["input"], "unit": 3}]}"#,
      "nodes[0].unit",
      "layer 'dense' has no setting 'unit'; it takes units, activation, usesBias, weightInitializer, biasInitializer, "
        + "name, inputs"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a", "inputs": ["input"]}, "#
        + #"{"kind": "dense", "units": 1, "name": "b", "inputs": ["input"]}], "outputs": ["b"]}"#, "nodes[0]",
      "no output depends on 'a'; name it in 'outputs', or leave it out"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a", "inputs": ["input"]}, "#
        + #"{"kind": "dense", "units": 1, "name": "a", "inputs": ["input"]}]}"#, "nodes[1]",
      "another node or input is called 'a' too; give one of them another name"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a", "inputs": ["input"]}, "#
        + #"{"kind": "dense", "units": 1, "name": "b", "inputs": ["input"]}]}"#, "",
      "no node reads a, b, so it is not clear what the network gives; name its 'outputs'"
    ),
    (
      #"{"kind": "graph", "nodes": [{"name": "a", "weights": "b", "inputs": ["input"]}]}"#, "nodes[0].weights",
      "'b' is not a node with weights of its own; name one that is"
    ),
    (
      #"{"kind": "graph", "nodes": [{"name": "a", "weights": "b", "units": 3, "inputs": ["input"]}]}"#,
      "nodes[0].units",
      "there is no setting of a node with the weights of another 'units'; there are name, weights, inputs"
    ),
    (
      #"{"kind": "graph", "nodes": [{"kind": "dense", "units": 1, "name": "a", "inputs": [{"node": "input", "delay": "x"}]}]}"#,
      "nodes[0].inputs[0].delay", "expected a whole number"
    ),
    (
      #"{"kind": "graph", "nodes": [], "outputs": []}"#, "outputs",
      "the network has no outputs; name the nodes that are"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func `mistakes name the node`(index: Int) {
    let (text, path, message) = Self.mistakes[index]
    #expect(throws: DescriptionError(path: path, message: message)) {
      try JSONDecoder().decode(AnyLayer.self, from: Data(text.utf8))
    }
  }

  @Test func `loops that cannot be unrolled say why`() throws {
    func message(_ network: NetworkGraph, _ shape: Shape) -> String {
      do {
        _ = try outputs(network, [try numbers(shape)])
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message(Self.elman, [2, 3]).contains("hidden: a node in a loop reads sequences"))
    let growing = NetworkGraph(
      inputs: ["x"], nodes: [.init(Merge(.concatenate, name: "all"), inputs: ["x", .delayed("all")])])
    #expect(message(growing, [1, 3, 2]).contains("all: the shapes in the loop grow"))
    let closed = NetworkGraph(
      inputs: ["x"],
      nodes: [
        .init(Merge(.add, name: "self"), inputs: [.delayed("self")]),
        .init(Merge(.add, name: "y"), inputs: ["x", "self"]),
      ])
    #expect(message(closed, [1, 3, 2]).contains("self: the loop of 'self' reads nothing from outside"))
  }

  @Test func `descriptions survive coding`() throws {
    let network = NetworkGraph(
      inputs: ["x", "z"],
      nodes: [
        .init(
          Dense(3, name: "a"),
          inputs: ["x", NetworkGraph.Source("a", delay: 2, start: .learned, shape: [3]), .delayed("b")]),
        .init("b", weightsOf: "a", inputs: ["z"]),
        .init(Flatten(name: "f"), inputs: [NetworkGraph.Source("b", output: 1)]),
      ], outputs: ["f", "a"], truncation: 7, name: "net")
    let data = try JSONEncoder().encode(AnyLayer(network))
    #expect(throws: DescriptionError.self) { try JSONDecoder().decode(AnyLayer.self, from: Data("{}".utf8)) }
    #expect(try JSONDecoder().decode(AnyLayer.self, from: data) == AnyLayer(network))
  }
}

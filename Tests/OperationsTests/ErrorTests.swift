import Operations
import ReferenceBackend
import Testing

@Suite struct ErrorTests {
  @Test func theFirstErrorSticks() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 3]))
    let y = graph.scope("outer") { graph.scope("inner") { x + graph.input("y", TensorType([2, 4])) } }
    let count = graph.nodes.count
    _ = matrixMultiply(y, y).reshaped(to: [17]).sum(alongAxes: [9])
    _ = softmaxCrossEntropy(logits: y, labels: y)
    graph.output("y", y)
    graph.update(y, to: y)
    #expect(graph.nodes.count == count)
    let error = #expect(throws: GraphError.self) { try graph.checkFailure() }
    #expect(error?.scope == "outer/inner")
    #expect(error?.description.hasSuffix("must be of one shape (operands: float32[2, 3], float32[2, 4])") == true)
    #expect(throws: GraphError.self) { try Interpreter().evaluate([y]) }
    #expect(throws: GraphError.self) { try graph.verify() }
  }

  @Test func operandsOfAnotherGraphAreRefused() {
    for misuse in [
      { (own: Tensor, other: Tensor) in _ = own + other },
      { own, other in _ = concatenate(own, own, other, alongAxis: 0) },
      { own, other in own.graph.output("other", other) }, { own, other in own.graph.update(own, to: other) },
    ] {
      let (graph, other) = (Graph(), Graph())
      let own = graph.variable("x", TensorType([2]))
      for index in 0..<5 { _ = other.input("x\(index)", TensorType([2])) }
      misuse(own, other.tensor(Graph.Value(index: 4)))
      let error = #expect(throws: GraphError.self) { try graph.checkFailure() }
      #expect(error?.message.contains("another graph") == true)
    }
  }

  @Test func valuesThatDoNotExistAreRefused() {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    _ = x + graph.tensor(Graph.Value(index: 7))
    #expect(throws: GraphError.self) { try graph.checkFailure() }
    let fresh = Graph()
    #expect(throws: GraphError.self) { try Interpreter().evaluate([fresh.tensor(Graph.Value(index: -3))]) }
  }

  @Test func indicesOutOfRangeAreNamed() throws {
    let graph = Graph()
    let table = graph.input("table", TensorType([3, 2]))
    let indices = graph.input("indices", TensorType([2], .int32))
    let picked = graph.scope("embedding") { table.gathering(indices) }
    let added = picked.scatteringAdd(indices, extent: 3)
    let values: [String: ShapedArray<Double>] = [
      "table": ShapedArray(repeating: 1, shape: [3, 2]), "indices": ShapedArray([1, 3]),
    ]
    var error = #expect(throws: GraphError.self) { try Interpreter(values: values).evaluate([picked]) }
    #expect(error?.scope == "embedding")
    #expect(error?.message == "index 3 is not within 0..<3")
    let negative = values.merging(["indices": ShapedArray([-1, 0])]) { $1 }
    error = #expect(throws: GraphError.self) { try Interpreter(values: negative).evaluate([added]) }
    #expect(error?.message == "index -1 is not within 0..<3")
  }

  @Test func labelsOutOfRangeAreNamed() {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([2, 3]))
    let (losses, _) = softmaxCrossEntropy(logits: logits, labels: graph.input("labels", TensorType([2], .int32)))
    let values: [String: ShapedArray<Double>] = [
      "logits": ShapedArray(repeating: 1, shape: [2, 3]), "labels": ShapedArray([2, 7]),
    ]
    let error = #expect(throws: GraphError.self) { try Interpreter(values: values).evaluate([losses]) }
    #expect(error?.message == "label 7 of example 1 is none of the 3 classes")
  }

  @Test func valuesThatAreMissingOrMisshapenAreNamed() {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    var error = #expect(throws: GraphError.self) { try Interpreter().evaluate([x]) }
    #expect(error?.message == "'x' was not given a value")
    error = #expect(throws: GraphError.self) { try Interpreter(values: ["x": ShapedArray([1])]).evaluate([x]) }
    #expect(error?.message == "'x' is float32[2] but was given a value of shape [1]")
  }

  @Test func badAxesOfTensorFunctionsAreRefused() {
    let uses: [(Tensor) -> Tensor] = [
      { $0.sum(alongAxes: [2]) }, { $0.mean(alongAxes: [-3]) }, { $0.argmax(alongAxis: 5) },
      { $0.softmax(alongAxis: 2) }, { $0.sliced(0..<1, alongAxis: 2) }, { $0.sliced(1..<4, alongAxis: 0) },
      { $0.flattened(fromAxis: -1) },
      { $0.flattened(fromAxis: 3) }, { $0.transposed(permutation: [1]) }, { $0.padded(low: [1], high: [1]) },
      { $0.concatenated(with: [$0], alongAxis: 2) }, { $0.gathering($0.argmax(), alongAxis: 2) },
      { $0.reshaped(to: [7]) }, { $0.broadcast(to: [3]) }, { $0.clamped(from: 1, to: 0) },
      { select($0, $0, $0) }, { oneHot($0, depth: 3) }, { ($0 .< 0) + 1 }, { $0.argmax() + 0.5 },
    ]
    for (index, use) in uses.enumerated() {
      let graph = Graph()
      _ = use(graph.input("x", TensorType([2, 3])))
      #expect(throws: GraphError.self, "use \(index)") { try graph.checkFailure() }
    }
  }

  @Test func namesAreOfOneTypeAndKind() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    #expect(graph.input("x", TensorType([2])).value == x.value)
    try graph.checkFailure()
    _ = graph.variable("x", TensorType([2]))
    let error = #expect(throws: GraphError.self) { try graph.checkFailure() }
    #expect(error?.message == "'x' is already the name of input float32[2]")
  }
}

import Differentiation
import ReferenceBackend
import Testing

@Suite struct ReverseModeTests {
  @Test func whatTheOutputDoesNotNeedCostsNothing() throws {
    let graph = Graph()
    let names = ["x", "y", "z"].map { graph.input($0, TensorType(.scalar)) }
    let (x, y, z) = (names[0], names[1], names[2])
    let output = exp(x)
    _ = tanh(y) * z
    var count = graph.nodes.count
    let toUnrelated = try cotangents(of: output, withRespectTo: [y, z])
    #expect(toUnrelated.allSatisfy { $0 == nil })
    #expect(graph.nodes.count == count)
    // The seed 1, and 1 * e^x; nothing for tanh(y) z, which comes after.
    _ = try cotangents(of: output, withRespectTo: [x, y])
    #expect(graph.nodes.count == count + 2)
    // Of x * y only the derivative by x is built: the seed and 1 * y.
    let product = x * y
    count = graph.nodes.count
    _ = try cotangents(of: product, withRespectTo: [x])
    #expect(graph.nodes.count == count + 2)
    #expect(graph.nodes.suffix(2).allSatisfy { $0.phase == .backward })
    #expect(graph.phase == .forward)
  }

  /// The probabilities are not used, so their cotangent is not built; a pass of the compiler knows these five nodes.
  @Test func crossEntropysCotangentIsProbabilitiesMinusLabels() throws {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([4, 3]))
    let (losses, _) = softmaxCrossEntropy(logits: logits, labels: graph.input("labels", TensorType([4], .int32)))
    let seed = graph.input("seed", TensorType([4]))
    let count = graph.nodes.count
    let cotangent = try #require(try cotangents(of: losses, withRespectTo: [logits], seed: seed)[0])
    #expect(graph.nodes[count...].map(\.operation.name) == ["oneHot", "subtract", "reshape", "broadcast", "multiply"])
    let product = graph.definingNode(of: cotangent.value)
    let operands = graph.operands(of: product).map { graph.definingNode(of: $0).operation.name }
    #expect(operands == ["subtract", "broadcast"])
  }

  @Test func derivativesByIntermediateValues() throws {
    let graph = Graph()
    let x = graph.constant(3)
    let square = x * x
    let output = square * x + square
    let results = try gradients(of: output, withRespectTo: [x, square, output])
    #expect(try Interpreter().evaluate(results).map(\.scalars) == [[33], [4], [1]])
  }

  @Test func nodesKeepTheScopeOfWhatTheyAreTheDerivativeOf() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType(.scalar))
    let y = graph.scope("a") { graph.scope("b") { tanh(x) } }
    let count = graph.nodes.count
    _ = try gradients(of: y, withRespectTo: [x])
    #expect(graph.nodes[(count + 1)...].allSatisfy { graph.scope(of: $0) == "a/b" })
    #expect(graph.currentScopePath.isEmpty)
  }

  @Test func questionsWithoutAnswerAreRefused() {
    let graph = Graph()
    let x = graph.input("x", TensorType([2]))
    let cases: [(Tensor, [Tensor], Tensor?, String)] = [
      (x * 2, [x], nil, "only a scalar has a gradient"),
      (x.argmax(), [x], nil, "only float32 values"),
      (x.sum(), [x], x, "the seed must be of the output's type"),
      (x.sum(), [Graph().constant(1)], nil, "one graph"),
      (x.sum(), [x], Graph().constant(1), "one graph"),
    ]
    for (output, variables, seed, message) in cases {
      let error = #expect(throws: GraphError.self) { try cotangents(of: output, withRespectTo: variables, seed: seed) }
      #expect(error?.message.contains(message) == true)
    }
    #expect(throws: GraphError.self) { try gradient(at: [1, 2]) { x in x + x.graph.constant(ShapedArray([1, 2, 3])) } }
    #expect(throws: GraphError.self) { try gradient(at: 1.0) { _ in exp(Graph().constant(1)) } }
  }

  /// No part of the way recurses: a million operations one after the other are built, differentiated and run.
  @Test func aMillionNodesInAChain() throws {
    let count = 1_000_000
    let graph = Graph()
    let x = graph.input("x", TensorType(.scalar))
    var y = x
    for _ in 0..<count { y = -y }
    let slope = try gradients(of: y, withRespectTo: [x])[0]
    #expect(graph.nodes.count == 2 * count + 2)
    let results = try Interpreter(values: ["x": ShapedArray(scalar: 2)]).evaluate([y, slope])
    #expect(results.map(\.scalars) == [[2], [1]])
  }

  /// A value that is used 100,000 times collects as many cotangents.
  @Test func manyUsesOfOneValue() throws {
    let count = 100_000
    let slope = try gradient(at: 1.0) { x in
      var sum = x
      for _ in 1..<count { sum = sum + x }
      return sum
    }
    #expect(slope == Double(count))
  }
}

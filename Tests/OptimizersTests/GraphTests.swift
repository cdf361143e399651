import Optimizers
import ReferenceBackend
import Testing

/// The form of the nodes that optimizers append, on which passes of the compiler rely.
struct GraphTests {
  private func step(_ optimizer: Optimizer, parameterCount: Int = 1) throws -> Graph {
    let graph = Graph()
    let weights = (0..<parameterCount).map { graph.variable("weight\($0)", TensorType([3, 2])) }
    let objective = weights.dropFirst().reduce((weights[0] * weights[0]).sum()) { $0 + ($1 * $1).sum() }
    try optimizer.update(weights, with: try gradients(of: objective, withRespectTo: weights))
    try graph.verify()
    return graph
  }

  private func names(_ graph: Graph) -> [String] {
    graph.nodes.filter { $0.phase == .update }.map { $0.operation.name }
  }

  @Test func `plain gradient descent is a difference with a product by a constant`() throws {
    let graph = try step(.sgd(learningRate: 0.1))
    #expect(names(graph) == ["constant", "broadcast", "multiply", "subtract"])
    let update = try #require(graph.updates.first)
    #expect(graph.updates.count == 1)
    let difference = graph.definingNode(of: update.value)
    #expect(difference.operation is Subtract)
    let operands = Array(graph.operands(of: difference))
    #expect(operands[0] == update.variable)
    let product = graph.definingNode(of: operands[1])
    #expect(product.operation is Multiply)
    let repeated = graph.definingNode(of: Array(graph.operands(of: product))[1])
    #expect(repeated.operation is Broadcast)
    let rate = try #require(graph.operands(of: repeated).first)
    #expect((graph.definingNode(of: rate).operation as? Constant)?.array == ShapedArray(scalar: 0.1))
    #expect(graph.type(of: rate) == TensorType(.scalar))
    #expect(!graph.usesStepCounter)
  }

  @Test func `Adam computes its corrections once for all parameters`() throws {
    let (one, three) = (try step(.adam()), try step(.adam(), parameterCount: 3))
    func count(_ graph: Graph, _ name: String, rank: Int) -> Int {
      graph.nodes.filter {
        $0.phase == .update && $0.operation.name == name && graph.type(of: $0.firstResult).shape.rank == rank
      }.count
    }
    for name in ["tanh", "divide", "squareRoot", "multiply"] {
      #expect(count(one, name, rank: 0) == count(three, name, rank: 0), "\(name)")
      #expect(count(one, name, rank: 2) * 3 == count(three, name, rank: 2), "\(name)")
    }
    #expect(count(one, "divide", rank: 2) == 1)
    #expect(!names(one).contains("power"))
    #expect(!names(one).contains("exp"))
  }

  @Test func `state is named after its parameter`() throws {
    let graph = try step(.adam())
    let names = graph.nodes.compactMap { ($0.operation as? Variable)?.variableName }
    #expect(Set(names) == ["weight0", "weight0:mean", "weight0:meanSquare", "step"])
    let updated = graph.updates.compactMap {
      (graph.definingNode(of: $0.variable).operation as? Variable)?.variableName
    }
    #expect(Set(updated) == Set(names))
    #expect(graph.phase == .forward)
  }

  @Test func `the bias correction keeps its digits in the first steps`() throws {
    // With a constant gradient, m̂ is that gradient and v̂ its square, so each step is the learning rate.
    let graph = Graph()
    let weight = graph.variable("weight", TensorType(.scalar))
    let optimizer = Optimizer.adam(learningRate: 0.5, beta1: 0.999, beta2: 0.99999, epsilon: 0)
    try optimizer.update([weight], with: [weight.constantLike(4)])
    var interpreter = Interpreter(values: Dictionary(uniqueKeysWithValues: zeroVariables(of: graph)))
    for step in 1...5 {
      _ = try interpreter.run(graph)
      let value = try #require(interpreter.values["weight"]?.scalars.first)
      #expect(abs(value + 0.5 * Double(step)) < 1e-12)
    }
  }
}

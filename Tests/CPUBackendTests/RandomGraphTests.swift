import CPUBackend
import Differentiation
import Testing

/// Random graphs through every pass, the plan and the kernels: whatever is fused, reordered or overwritten, the numbers
/// stay those of the reference.
@Suite struct RandomGraphTests {
  @Test(arguments: 0..<80)
  func programsFollowReference(_ seed: Int) throws {
    var maker = RandomGraph(seed: UInt64(seed))
    let made = maker.make()
    try expectParity(made.graph, made.inputs, variables: made.variables, tolerance: 2e-5, threads: 1 + seed % 2)
  }

  @Test(arguments: 0..<40)
  func gradientsOfProgramsFollowReference(_ seed: Int) throws {
    var maker = RandomGraph(seed: 1000 + UInt64(seed))
    let made = maker.make(differentiates: true)
    try expectParity(made.graph, made.inputs, variables: made.variables, tolerance: 5e-5)
  }

  @Test func plansAreTheSameEachTime() throws {
    let texts = try (0..<3).map { _ in
      var maker = RandomGraph(seed: 7)
      return try compile(maker.make(differentiates: true).graph, variables: VariableStore(), backend: CPUBackend()).text
    }
    #expect(texts[0] == texts[1] && texts[1] == texts[2])
    #expect(texts[0].contains("fusedElementwise") == false && texts[0].contains("loop of"))
  }
}

/// Makes graphs of matrices of a few shapes, with operations that keep numbers moderate.
struct RandomGraph {
  private var generator: PhiloxGenerator

  init(seed: UInt64) { generator = PhiloxGenerator(seed: seed) }

  struct Made {
    let graph: Graph
    var inputs: [String: ShapedArray<Double>] = [:]
    var variables: [String: ShapedArray<Double>] = [:]
  }

  private mutating func values(_ shape: Shape) -> ShapedArray<Double> {
    ShapedArray(shape: shape, unchecked: (0..<shape.count).map { _ in
      Double(Float(Double.random(in: -1...1, using: &generator)))
    })
  }

  mutating func make(differentiates: Bool = false) -> Made {
    let graph = Graph()
    var made = Made(graph: graph)
    let shapes: [Shape] = [[5, 7], [5, 1], [1, 7], [7, 5], [5, 7], [1, 1], [33, 20], [1, 20]]
    var tensors: [Tensor] = []
    for (index, shape) in shapes.enumerated() {
      if index % 3 == 0 {
        made.variables["v\(index)"] = values(shape)
        tensors.append(graph.variable("v\(index)", TensorType(shape)))
      } else {
        made.inputs["x\(index)"] = values(shape)
        tensors.append(graph.input("x\(index)", TensorType(shape)))
      }
    }
    for _ in 0..<Int.random(in: 10...60, using: &generator) { tensors.append(step(tensors)) }
    if differentiates, let cotangents = try? gradients(
      of: tensors.suffix(5).reduce(graph.constant(0)) { $0 + $1.mean() },
      withRespectTo: Array(tensors.prefix(shapes.count)))
    {
      for (index, gradient) in cotangents.enumerated() { graph.output("g\(index)", gradient) }
      tensors += cotangents
    }
    finish(&made, tensors)
    return made
  }

  /// Outputs, and updates that read and overwrite variables in every order.
  private mutating func finish(_ made: inout Made, _ tensors: [Tensor]) {
    let graph = made.graph
    for (index, tensor) in tensors.suffix(4).enumerated() { graph.output("y\(index)", tensor) }
    for name in made.variables.keys.sorted() {
      guard let value = made.variables[name] else { continue }
      let variable = graph.variable(name, TensorType(value.shape))
      let candidates = tensors.filter { $0.shape == value.shape }
      let chosen = candidates[Int.random(in: 0..<candidates.count, using: &generator)]
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: graph.update(variable, to: chosen)
      case 1: graph.update(variable, to: variable - 0.1 * chosen)
      case 2: graph.update(variable, to: tanh(variable) + chosen)
      default: break
      }
      if Bool.random(using: &generator) { graph.output("old \(name)", variable) }
    }
  }

  private mutating func step(_ tensors: [Tensor]) -> Tensor {
    let x = tensors[Int.random(in: 0..<tensors.count, using: &generator)]
    let y = tensors[Int.random(in: 0..<tensors.count, using: &generator)]
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: return tanh(x)
    case 1: return sigmoid(x)
    case 2: return relu(x)
    case 3: return x * 0.5
    case 4: return x.sum(alongAxes: [0], keepsDimensions: true) * 0.2
    case 5: return x.mean(alongAxes: [1], keepsDimensions: true)
    case 6: return x.transposed()
    case 7: return softmax(x)
    case 8: return select(x .> 0.1, x, -x)
    case 9: return x.max(alongAxes: [1], keepsDimensions: true)
    case 10:
      let product = x.shape[1] == y.shape[0] ? matrixMultiply(x, y) : matrixMultiply(x, x, transposesRight: true)
      return tanh(product * 0.3)
    case 11: return x.reshaped(to: x.shape)
    case 12: return x.shape.count > 1 ? x.sliced(starts: [0, 0], ends: x.shape.dimensions) : x
    default:
      guard x.shape.broadcast(with: y.shape) != nil else { return x + 0.25 }
      return Bool.random(using: &generator) ? (x + y) * 0.5 : x * y
    }
  }
}

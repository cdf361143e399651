import Compilation
import Differentiation
import Testing

/// What each pass is for, on the smallest graph that shows it, and that the meaning stays.
@Suite struct PassTests {
  private func run(_ names: [String], on graph: Graph) throws -> Graph {
    try names.reduce(graph) { graph, name in
      let pass = try #require(Pass.all.first { $0.name == name })
      let result = try pass(graph)
      try result.verify()
      return result
    }
  }

  private func count(_ graph: Graph, _ name: String) -> Int { graph.nodes.count { $0.operation.name == name } }

  private func value(_ graph: Graph, _ inputs: [String: ShapedArray<Double>]) throws -> [String: ShapedArray<Double>] {
    var interpreter = Interpreter(values: inputs)
    return try interpreter.run(graph)
  }

  @Test func deadCodeGoesAndInputsStay() throws {
    let graph = Graph()
    let (x, y) = (graph.input("x", TensorType([3])), graph.input("y", TensorType([3])))
    _ = exp(y)
    graph.output("z", x + 1)
    let result = try run(["dead code"], on: graph)
    #expect(count(result, "exp") == 0)
    #expect(count(result, "input") == 2)
    #expect(count(result, "add") == 1)
  }

  @Test func equalComputationsAreSharedAndOpposedZerosAreNot() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([3]))
    graph.output("y", tanh(x) + tanh(x))
    graph.output("z", 1 / (x.constantLike(0)) + 1 / (x.constantLike(-0.0)))
    let result = try run(["common subexpressions"], on: graph)
    #expect(count(result, "tanh") == 1)
    #expect(try value(result, ["x": ShapedArray([1, 2, 3])])["z"]?.scalars.allSatisfy(\.isNaN) == true)
  }

  @Test func constantsAreFolded() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([3]))
    let two = exp(graph.constant(0)) + 1
    graph.output("y", x * two)
    let result = try run(["constant folding", "dead code"], on: graph)
    #expect(count(result, "exp") == 0 && count(result, "add") == 0)
    #expect(try value(result, ["x": ShapedArray([1, 2, 3])])["y"]?.scalars == [2, 4, 6])
  }

  @Test func productsOfIntegersWrapBeforeTheProgramRunsAsTheyDoInIt() throws {
    for (a, b) in [(Int32.max, Int32.max), (100_003, 100_003), (.min, .max), (.min, .min), (-7, 9)] {
      let graph = Graph()
      graph.output("y", graph.constant(Double(a), .int32) * graph.constant(Double(b), .int32))
      let folded = try run(["constant folding", "dead code"], on: graph)
      #expect(count(folded, "multiply") == 0)
      for graph in [graph, folded] { #expect(try value(graph, [:])["y"]?.scalars == [Double(a &* b)]) }
    }
  }

  @Test func identitiesDisappear() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 3]))
    let same = -(-((x + 0) * 1 / 1 - 0))
    let again = same.transposed().transposed().reshaped(to: [6]).reshaped(to: [2, 3])
    graph.output("y", stopGradient(again))
    let result = try run(["algebraic identities", "dead code"], on: graph)
    #expect(result.nodes.count == 1, "\(result.text)")
  }

  @Test func specialValuesAreNotSimplifiedAway() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([1]))
    graph.output("y", x * 0)
    graph.output("z", x - x)
    let result = try run(["algebraic identities", "constant folding", "dead code"], on: graph)
    let values = try value(result, ["x": ShapedArray([.nan])])
    #expect(values["y"]?.scalars[0].isNaN == true && values["z"]?.scalars[0].isNaN == true)
  }

  @Test func convolutionsTakeBiasesAndGiveBothGradients() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 5, 4, 2])), graph.input("w", TensorType([3, 2, 2, 3])))
    let b = graph.input("b", TensorType([3]))
    let y = relu(x.convolved(with: w, SlidingWindow(strides: [1, 1])) + b)
    graph.output("y", y)
    for (name, gradient) in zip(["w", "b"], try Differentiation.gradients(of: (y * y).sum(), withRespectTo: [w, b])) {
      graph.output("\(name) gradient", gradient)
    }
    let result = try run(["dead code", "product fusion", "bias gradients", "dead code"], on: graph)
    #expect(count(result, "fusedConvolution") == 1 && count(result, "convolve") == 0, "\(result.text)")
    // The first layer's input needs no derivative, so none is computed.
    #expect(count(result, "convolutionInputGradient") == 0)
    #expect(count(result, "fusedConvolutionGradients") == 1 && count(result, "convolutionWeightGradient") == 0)
    #expect(count(result, "reduceSum") == 0, "\(result.text)")
    func array(_ shape: Shape) -> ShapedArray<Double> {
      ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Double($0 * 7 % 11) / 4 - 1.25 })
    }
    let inputs = ["x": array([2, 5, 4, 2]), "w": array([3, 2, 2, 3]), "b": array([3])]
    #expect(try value(result, inputs) == value(graph, inputs))
  }

  /// The largest of nothing but negative numbers, a NaN and an infinity are among the windows.
  @Test func maximaOfReLUsAreReLUsOfMaxima() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([1, 2, 6, 1]))
    let pool = MaxPool([2, 2], SlidingWindow(strides: [2, 2]))
    let rectified = relu(x)
    graph.output("y", graph.apply(pool, to: [rectified])[0])
    let result = try run(["pooled relus", "dead code"], on: graph)
    #expect(result.nodes.last?.operation is ReLU, "\(result.text)")
    let numbers = [-1, -2, 3, -4, .nan, 1, -5, -6, 0.5, .infinity, 2, -1]
    let inputs = ["x": ShapedArray(shape: [1, 2, 6, 1], unchecked: numbers)]
    let (a, e) = try (value(result, inputs)["y"]?.scalars ?? [], value(graph, inputs)["y"]?.scalars ?? [1])
    #expect(a.count == e.count && zip(a, e).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }, "\(a) \(e)")
    graph.output("z", rectified)
    #expect(try run(["pooled relus", "dead code"], on: graph).nodes.last?.operation is MaxPool)
  }

  @Test func productsTakeTransposesAndBiases() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 3])), graph.input("w", TensorType([4, 3])))
    let b = graph.input("b", TensorType([4]))
    graph.output("y", matrixMultiply(x, w.transposed()) + b)
    let result = try run(["algebraic identities", "product fusion", "dead code"], on: graph)
    #expect(result.nodes.count == 4, "\(result.text)")
    let inputs = [
      "x": ShapedArray<Double>(shape: [2, 3], unchecked: [1, -2, 3, 0.5, 4, -1]),
      "w": ShapedArray<Double>(shape: [4, 3], unchecked: (0..<12).map { Double($0) / 5 - 1 }),
      "b": ShapedArray<Double>([0.1, -0.2, 0.3, -0.4]),
    ]
    let (a, e) = try (value(result, inputs)["y"], value(graph, inputs)["y"])
    for (x, y) in zip(a?.scalars ?? [], e?.scalars ?? [0]) { #expect(abs(x - y) < 1e-12) }
  }

  @Test(arguments: [1, 3]) func aBiasIsAddedToOneRowAsToSeveral(_ rows: Int) throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([rows, 2]))
    let (w, b) = (graph.input("w", TensorType([2, 4])), graph.input("b", TensorType([4])))
    graph.output("y", matrixMultiply(x, w) + b)
    let result = try run(Pass.all.map(\.name), on: graph)
    #expect(count(result, "fusedMatrixMultiply") == 1 && count(result, "fusedElementwise") == 0, "\(result.text)")
  }

  @Test func aProductThatIsReadTwiceStays() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 3])), graph.input("w", TensorType([3, 4])))
    let product = matrixMultiply(x, w)
    graph.output("product", product)
    graph.output("y", product + graph.input("b", TensorType([4])))
    let result = try run(["product fusion", "dead code"], on: graph)
    #expect(count(result, "matrixMultiply") == 1 && count(result, "add") == 1)
  }

  @Test func elementwiseChainsBecomeOneLoop() throws {
    let graph = Graph()
    let (x, b) = (graph.input("x", TensorType([2, 3])), graph.input("b", TensorType([3])))
    let z = tanh(x * 2 + b)
    graph.output("y", z * z - exp(z))
    graph.output("z", z)
    let result = try run(["elementwise fusion", "dead code"], on: graph)
    #expect(count(result, "fusedElementwise") == 1)
    #expect(result.nodes.count == 3, "\(result.text)")
  }

  /// Two loops with a reduction between them cannot be one.
  @Test func loopsStopAtReductions() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 3]))
    let e = exp(x)
    graph.output("y", e / e.sum(alongAxes: [1], keepsDimensions: true))
    let result = try run(["elementwise fusion", "dead code"], on: graph)
    #expect(count(result, "fusedElementwise") == 2 && count(result, "reduceSum") == 1)
  }

  /// A broadcast to the same shape must not close a circle through the loop that it leaves and enters.
  @Test func aBroadcastThatRepeatsNothingIsNoCircle() throws {
    let graph = Graph()
    let x = tanh(graph.input("x", TensorType([3])))
    graph.output("y", x + graph.apply(Broadcast(to: [3]), to: [x])[0])
    let result = try run(["elementwise fusion", "dead code"], on: graph)
    let inputs = ["x": ShapedArray<Double>([0.5, -1, 2])]
    #expect(try value(result, inputs) == value(graph, inputs))
  }

  @Test func longChainsAreCut() throws {
    let graph = Graph()
    var x = graph.input("x", TensorType([4]))
    for _ in 0..<200 { x = sin(x) }
    graph.output("y", x)
    let result = try run(["elementwise fusion", "dead code"], on: graph)
    #expect((4...6).contains(count(result, "fusedElementwise")))
  }

  /// The gradient of an activation needs the layer's sum and nothing else: what is cheaply made of it is made again,
  /// and only the error function is kept.
  @Test(arguments: [(false, 1), (true, 2)]) func gradientsMakeCheapValuesAgain(_ isCostly: Bool, _ stored: Int) throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 3])), graph.input("w", TensorType([3, 3])))
    let z = matrixMultiply(x, w)
    let loss = matrixMultiply(z * (0.5 + 0.5 * (isCostly ? erf(z * 0.7) : clamp(z * 0.7, from: -1, to: 1))), w).sum()
    graph.output("loss", loss)
    graph.output("gradient", try gradients(loss, x))
    let result = try run(Pass.all.map(\.name), on: graph)
    let loops = result.nodes.filter { $0.operation.name == "fusedElementwise" }
    #expect(loops.map(\.resultCount) == [stored, 1], "\(result.text)")
    let inputs = [
      "x": ShapedArray<Double>(shape: [2, 3], unchecked: [1, -2, 3, 0.5, 4, -1]),
      "w": ShapedArray<Double>(shape: [3, 3], unchecked: (0..<9).map { Double($0) / 5 - 1 }),
    ]
    let (a, e) = try (value(result, inputs), value(graph, inputs))
    for name in ["loss", "gradient"] {
      for (x, y) in zip(a[name]?.scalars ?? [], e[name]?.scalars ?? [0]) { #expect(abs(x - y) < 1e-12) }
    }
  }

  /// What is made of two arrays is stored, so that one is kept rather than two.
  @Test func valuesOfTwoArraysAreStored() throws {
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([2, 3])), graph.input("w", TensorType([3, 3])))
    let t = tanh(matrixMultiply(x, w) + matrixMultiply(x, w.transposed()))
    graph.output("y", t * exp(matrixMultiply(t, w)))
    let result = try run(Pass.all.map(\.name), on: graph)
    let loops = result.nodes.filter { $0.operation.name == "fusedElementwise" }
    #expect(loops.map { result.operands(of: $0).count } == [2, 2], "\(result.text)")
  }

  /// Also where examples count differently, as the places of masked sequences do.
  @Test(arguments: [false, true]) func crossEntropyComputesItsGradientAtOnce(isWeighted: Bool) throws {
    let graph = Graph()
    let (x, labels) = (graph.input("x", TensorType([4, 3])), graph.input("labels", TensorType([4], .int32)))
    let z = x * 2
    let losses = softmaxCrossEntropy(logits: z, labels: labels).losses
    let weights = (labels .> 0).cast(to: .float32) * 0.5
    let loss = isWeighted ? (losses * weights).sum() / maximum(weights.sum(), 1e-30) : losses.mean()
    graph.output("loss", loss)
    graph.output("gradient", try gradients(loss, x))
    let names = Pass.all.map(\.name)
    let result = try run(names, on: graph)
    #expect(count(result, "fusedSoftmaxCrossEntropy") == 1, "\(result.text)")
    #expect(count(result, "oneHot") == 0 && count(result, "softmaxCrossEntropy") == 0)
    let inputs = [
      "x": ShapedArray<Double>(shape: [4, 3], unchecked: (0..<12).map { Double($0 % 5) - 2 }),
      "labels": ShapedArray<Double>([0, 2, 1, 2]),
    ]
    let (a, e) = try (value(result, inputs), value(graph, inputs))
    for name in ["loss", "gradient"] {
      for (x, y) in zip(a[name]?.scalars ?? [], e[name]?.scalars ?? [0]) { #expect(abs(x - y) < 1e-12) }
    }
  }

  @Test func aCotangentThatDependsOnLossesIsNoPartOfTheirPass() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([4, 3]))
    let labels = graph.constant(ShapedArray([0, 2, 1, 2]), .int32)
    let losses = softmaxCrossEntropy(logits: x, labels: labels).losses
    let others = softmaxCrossEntropy(logits: -x, labels: labels).losses
    graph.output("gradient", try gradients((losses * losses * others).mean(), x))
    let result = try run(Pass.all.map(\.name), on: graph)
    let inputs = ["x": ShapedArray<Double>(shape: [4, 3], unchecked: (0..<12).map { Double($0 % 5) - 2 })]
    let (a, e) = try (value(result, inputs)["gradient"], value(graph, inputs)["gradient"])
    #expect(zip(a?.scalars ?? [], e?.scalars ?? [0]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  /// Batch normalisation with fixed statistics, after a product and a convolution of groups with biases.
  @Test func fixedScalesBecomePartOfTheWeights() throws {
    for isConvolution in [false, true] {
      let graph = Graph()
      let x = graph.input("x", TensorType(isConvolution ? [2, 5, 4, 6] : [5, 6]))
      let w = graph.variable("w", TensorType(isConvolution ? [3, 3, 3, 4] : [6, 4]))
      let product =
        isConvolution ? x.convolved(with: w, SlidingWindow(strides: [1, 1]), groups: 2) : matrixMultiply(x, w)
      let rows = ["bias", "mean", "variance", "scale", "shift"].map { graph.variable($0, TensorType([4])) }
      let normalized = (product + rows[0] - rows[1]) * (rows[3] / sqrt(rows[2] + 1e-5)) + rows[4]
      graph.output("y", normalized)
      let result = try run(Pass.all.map(\.name), on: graph)
      let fixed = result.nodes.filter { !result.operands(of: $0).isEmpty && !follows($0, from: "x", in: result) }
      let rest = result.nodes.filter { follows($0, from: "x", in: result) }
      #expect(!fixed.isEmpty && rest.count == 1 && rest[0].operation.name.hasPrefix("fused"), "\(result.text)")
      var values: [String: ShapedArray<Double>] = [:]
      for (index, tensor) in ([x, w] + rows).enumerated() {
        let name = ["x", "w", "bias", "mean", "variance", "scale", "shift"][index]
        values[name] = ShapedArray(
          shape: tensor.shape, unchecked: (0..<tensor.shape.count).map { Double(($0 + index) * 7 % 11) / 8 + 0.1 })
      }
      let (a, e) = try (value(result, values)["y"], value(graph, values)["y"])
      #expect(zip(a?.scalars ?? [], e?.scalars ?? [0]).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    // Weights that the program updates, and a product that something else reads, stay as they are.
    let graph = Graph()
    let (x, w) = (graph.input("x", TensorType([5, 6])), graph.variable("w", TensorType([6, 4])))
    let (v, scale) = (graph.variable("v", TensorType([6, 4])), graph.variable("scale", TensorType([4])))
    graph.update(w, to: w * 2)
    graph.output("y", matrixMultiply(x, w) * scale)
    let product = matrixMultiply(x, v)
    graph.output("z", product * scale + product)
    #expect(try run(["fixed scales", "dead code"], on: graph).nodes.count == graph.nodes.count)
  }

  /// Whether a node depends on an input.
  private func follows(_ node: Graph.Node, from name: String, in graph: Graph) -> Bool {
    graph.operands(of: node).contains { operand in
      let maker = graph.definingNode(of: operand)
      return (maker.operation as? Input)?.inputName == name || follows(maker, from: name, in: graph)
    }
  }

  private func gradients(_ loss: Tensor, _ x: Tensor) throws -> Tensor {
    try Differentiation.gradients(of: loss, withRespectTo: [x])[0]
  }

  /// A dense layer over looked-up rows, with all of its gradients: every product is with the table of 3 rows rather
  /// than with the 8 looked-up ones.
  @Test func productsOfLookedUpRowsAreProductsOfTheTable() throws {
    func graph(rows: Int) throws -> Graph {
      let graph = Graph()
      let table = graph.input("table", TensorType([3, 4])), weights = graph.input("weights", TensorType([4, 5]))
      let bias = graph.input("bias", TensorType([5]))
      let indices = graph.constant(
        ShapedArray(shape: [2, rows / 2], unchecked: (0..<rows).map { Double(($0 * 2 + $0 / 3) % 3) }), .int32)
      let sums = matrixMultiply(table.gathering(indices).reshaped(to: [rows, 4]), weights) + bias
      let output = (tanh(sums) * tanh(sums)).sum()
      let found = try Differentiation.gradients(of: output, withRespectTo: [table, weights, bias])
      for (index, gradient) in found.enumerated() { graph.output("g\(index)", gradient) }
      return graph
    }
    let source = try graph(rows: 8)
    let names = ["algebraic identities", "common subexpressions", "dead code", "product fusion", "dead code"]
    let result = try run(names + ["products of looked-up rows", "common subexpressions", "dead code"], on: source)
    let shapes = result.nodes.filter { $0.operation is MatrixMultiply || $0.operation is FusedMatrixMultiply }.map {
      result.operands(of: $0).map { result.type(of: $0).shape.dimensions }
    }
    #expect(shapes.map { $0.prefix(2).map { $0 } } == [[[3, 4], [4, 5]], [[3, 4], [3, 5]], [[3, 5], [4, 5]]]
      || shapes.map { $0.prefix(2).map { $0 } } == [[[3, 4], [4, 5]], [[3, 5], [4, 5]], [[3, 4], [3, 5]]])
    // The other counts how often each row was looked up.
    #expect(count(result, "scatterAdd") == 2 && count(result, "gather") == 1)
    func numbers(_ shape: Shape) -> ShapedArray<Double> {
      ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Double(($0 * 7) % 11) / 8 - 0.6 })
    }
    let inputs = ["table": numbers([3, 4]), "weights": numbers([4, 5]), "bias": numbers([5])]
    let (expected, actual) = (try value(source, inputs), try value(result, inputs))
    for (name, array) in expected {
      #expect(zip(array.scalars, actual[name]?.scalars ?? []).allSatisfy { abs($0 - $1) < 1e-12 })
      #expect(array.shape == actual[name]?.shape)
    }
    // A row that is never looked up counts for nothing, not even where it is infinite.
    let masked = Graph()
    let table = masked.input("table", TensorType([3, 2])), weights = masked.input("weights", TensorType([2, 2]))
    let indices = masked.constant(ShapedArray([0, 2, 0, 2, 2, 0]), .int32)
    let sums = matrixMultiply(table.gathering(indices), weights)
    masked.output("g", try gradients((sums * sums).sum(), weights))
    let multiplied = try run(["products of looked-up rows", "dead code"], on: masked)
    #expect(multiplied.nodes.contains { $0.operation is ScatterAdd })
    let values = [
      "table": ShapedArray(shape: [3, 2], unchecked: [1, 2, .infinity, -.infinity, 3, 4]), "weights": numbers([2, 2]),
    ]
    let slopes = try (value(masked, values)["g"], value(multiplied, values)["g"])
    #expect(zip(slopes.0?.scalars ?? [], slopes.1?.scalars ?? [.nan]).allSatisfy { abs($0 - $1) < 1e-12 })
    // Few look-ups of a large table stay as they are.
    let few = try graph(rows: 4)
    #expect(try run(["products of looked-up rows"], on: few).nodes.count == few.nodes.count)
  }
}

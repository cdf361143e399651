import CPUBackend
import Datasets
import Optimizers
import Testing
import Training

struct ObjectiveTests {
  /// Points of three clouds, and which cloud each is of.
  private func clouds(_ count: Int, seed: UInt64) -> (points: [[Float]], labels: [Int]) {
    var generator = PhiloxGenerator(seed: seed, stream: 7)
    let middles: [[Float]] = [[1, 0, 0, -1], [0, 1, 0, 1], [-1, -1, 1, 0]]
    let labels = (0..<count).map { $0 % 3 }
    let points = labels.map { label in
      middles[label].map { $0 + Float(unitInterval(UInt32(truncatingIfNeeded: generator.next()))) - 0.5 }
    }
    return (points, labels)
  }

  private func array(_ rows: [[Float]]) throws -> ShapedArray<Float> {
    try ShapedArray(shape: [rows.count, rows[0].count], scalars: rows.flatMap { $0 })
  }

  @Test func `a slope that stays the same has no variance, and no step of RMSProp is without bounds`() throws {
    let objective = try Objective(
      inputs: ["x": [1, 1]], optimizer: .rmsProp(learningRate: 0.001, isCentered: true), threads: 1
    ) { context, inputs in try context.apply(Dense(1), to: inputs["x"]).mean() }
    let x = try array([[0.1]])
    for _ in 0..<2500 { try objective.step(["x": x]) }
    // Each step is at most 2¹¹ times the learning rate.
    for parameter in objective.parameters {
      #expect(try abs(objective.value(of: parameter.path).scalars[0]) < 2500 * 2.048)
    }
  }

  @Test func `a Siamese network learns to tell clouds apart by triplets`() throws {
    let encoder = Sequential {
      Dense(8, activation: .tanh)
      Dense(2)
    }
    let inputs: [String: Shape] = ["anchor": [30, 4], "same": [30, 4], "other": [30, 4]]
    let objective = try Objective(inputs: inputs, optimizer: .adam(learningRate: 0.02), threads: 1) { context, inputs in
      func encode(_ name: String) throws -> Tensor {
        try context.apply(encoder, to: [inputs[name]], sharedAs: "encoder")[0]
      }
      let (anchor, same, other) = (try encode("anchor"), try encode("same"), try encode("other"))
      func distance(_ point: Tensor) -> Tensor { ((anchor - point) * (anchor - point)).sum(alongAxes: [1]) }
      context.graph.output("order", distance(same) - distance(other))
      return try tripletLoss(anchor: anchor, positive: same, negative: other)
    }
    #expect(
      objective.parameters.map(\.path) == [
        "encoder/dense1/weight", "encoder/dense1/bias", "encoder/dense2/weight", "encoder/dense2/bias",
      ])
    func batch(_ seed: UInt64) throws -> [String: ShapedArray<Float>] {
      let (anchors, same) = (clouds(30, seed: seed), clouds(30, seed: seed + 1000))
      let other = clouds(31, seed: seed + 2000).points.dropFirst()
      return ["anchor": try array(anchors.points), "same": try array(same.points), "other": try array(Array(other))]
    }
    let first = try objective.step(batch(0))
    for seed in 1..<150 { try objective.step(batch(UInt64(seed))) }
    let results = try objective.evaluate(batch(5000))
    let loss = try #require(results["loss"]?.scalars.first)
    #expect(loss < Float(first) / 10)
    #expect(results["order"]?.scalars.allSatisfy { $0 < 0 } == true)
  }

  @Test func `two heads learn from weighted losses`() throws {
    let types = ["x": TensorType([30, 4]), "label": TensorType([30], .int32), "length": TensorType([30, 1])]
    let objective = try Objective(
      inputTypes: types, optimizer: .adam(learningRate: 0.02), threads: 1
    ) { context, inputs in
      let network = NetworkGraph(
        inputs: ["x"],
        nodes: [
          .init(Dense(16, activation: .tanh, name: "trunk"), inputs: ["x"]),
          .init(Dense(3, name: "class"), inputs: ["trunk"]), .init(Dense(1, name: "norm"), inputs: ["trunk"]),
        ], outputs: ["class", "norm"])
      let heads = try context.trace(network, [inputs["x"]])
      let classLoss = try Loss.softmaxCrossEntropy(outputs: heads[0], targets: inputs["label"])
      let normLoss = try Loss.meanSquaredError(outputs: heads[1], targets: inputs["length"])
      context.graph.output("class", heads[0].argmax(alongAxis: 1))
      context.graph.output("norm", heads[1])
      return classLoss + 0.5 * normLoss
    }
    func batch(_ seed: UInt64) throws -> [String: ShapedArray<Float>] {
      let (points, labels) = clouds(30, seed: seed)
      let lengths = points.map { [$0.reduce(0) { $0 + $1 * $1 } / 4] }
      return [
        "x": try array(points), "label": ShapedArray(labels.map { Float($0) }), "length": try array(lengths),
      ]
    }
    for seed in 0..<400 { try objective.step(batch(UInt64(seed))) }
    let test = try batch(9999)
    let results = try objective.evaluate(test)
    #expect(results["class"]?.scalars == test["label"]?.scalars)
    let errors = zip(results["norm"]?.scalars ?? [], test["length"]?.scalars ?? []).map { abs($0 - $1) }
    #expect(errors.count == 30 && errors.reduce(0, +) / 30 < 0.15)
    #expect(try objective.value(of: "trunk/weight").shape == [4, 16])
  }

  @Test func `mistakes are told`() throws {
    func objective(_ formula: @escaping Objective.Formula) throws -> Objective {
      try Objective(inputs: ["x": [2, 3]], optimizer: .sgd(learningRate: 0.1), threads: 1, formula)
    }
    #expect(throws: TrainingError.self) { try objective { context, inputs in try inputs["y"] } }
    #expect(throws: TrainingError.self) { try objective { context, inputs in try inputs["x"] } }
    #expect(throws: OptimizerError.self) { try objective { context, inputs in try inputs["x"].sum() } }
    let usable = try objective { context, inputs in try context.apply(Dense(1), to: inputs["x"]).mean() }
    #expect(throws: TrainingError.self) { try usable.step([:]) }
    #expect(throws: ProgramError.self) { try usable.step(["x": ShapedArray(repeating: 1, shape: [3, 3])]) }
  }

  @Test func `weights are shared only between equal layers`() throws {
    let context = LayerContext(Graph(), mode: .training)
    let x = context.graph.input("x", TensorType([2, 3]))
    _ = try context.apply(Dense(4), to: [x], sharedAs: "a")
    _ = try context.apply(Dense(4), to: [x], sharedAs: "a")
    #expect(context.parameters.map(\.path) == ["a/weight", "a/bias"])
    #expect(context.layers.map(\.path) == ["a"])
    #expect(throws: LayerError.self) { try context.apply(Dense(5), to: [x], sharedAs: "a") }
    #expect(throws: LayerError.self) {
      try context.apply(Dense(4), to: [context.graph.input("z", TensorType([2, 5]))], sharedAs: "a")
    }
    #expect(throws: LayerError.self) { try context.apply(Dense(4, name: "a"), to: [x]) }
  }
}

import FixtureSupport
import NeuralNetworks
import ReferenceBackend
import Testing

struct LossTests {
  struct Cases: Decodable {
    struct Case: Decodable {
      let outputs, targets, gradient: FixtureArray
      let loss: Double
    }

    struct Triplet: Decodable {
      let points, gradients: [FixtureArray]
      let loss: Double
    }

    let cases: [String: Case]
    let triplet: Triplet
  }

  static let losses: [(String, Loss)] = [
    ("meanSquaredError", .meanSquaredError),
    ("halfSumSquaredError", .halfSumSquaredError),
    ("halfSumSquaredError of labels", .halfSumSquaredError),
    ("meanAbsoluteError", .meanAbsoluteError),
    ("huber", .huber(delta: 0.7)),
    ("binaryCrossEntropy", .binaryCrossEntropy),
    ("binaryCrossEntropy of large logits", .binaryCrossEntropy),
    ("binaryCrossEntropy of a column", .binaryCrossEntropy),
    ("sumBinaryCrossEntropy", .sumBinaryCrossEntropy),
    ("softmaxCrossEntropy", .softmaxCrossEntropy),
    ("hinge", .hinge),
    ("hinge of signs", .hinge),
    ("smoothed", .softmaxCrossEntropy(labelSmoothing: 0.2)),
    ("weighted classes", .softmaxCrossEntropy(classWeights: [0.5, 2, 1, 0.25])),
    ("smoothed and weighted", .softmaxCrossEntropy(labelSmoothing: 0.2, classWeights: [0.5, 2, 1, 0.25])),
    ("focal", .focal(focusing: 2)),
    ("focal, half", .focal(focusing: 0.5)),
    ("klDivergence", .klDivergence),
    ("klDivergence of labels", .klDivergence),
    ("cosine", .cosine),
  ]

  @Test(arguments: losses.indices)
  func `losses and their gradients match PyTorch's`(index: Int) throws {
    let (name, loss) = Self.losses[index]
    let example = try #require(try Fixture.load("losses", as: Cases.self).cases[name])
    let isLabels = example.targets.array.shape.rank == 1
    let graph = Graph()
    let outputs = graph.input("outputs", TensorType(example.outputs.array.shape))
    let targets = graph.input("targets", TensorType(example.targets.array.shape, isLabels ? .int32 : .float32))
    let value = try loss(outputs: outputs, targets: targets)
    #expect(value.type == TensorType(.scalar))
    let gradient = try gradients(of: value, withRespectTo: [outputs])
    let interpreter = Interpreter(values: ["outputs": example.outputs.array, "targets": example.targets.array])
    let results = try interpreter.evaluate([value] + gradient)
    #expect(worstDifference(results[0].scalars, [example.loss]) < 1e-12)
    #expect(results[1].shape == example.gradient.array.shape)
    #expect(worstDifference(results[1].scalars, example.gradient.array.scalars) < 1e-12)
  }

  @Test func `the triplet loss and its gradients match PyTorch's`() throws {
    let example = try Fixture.load("losses", as: Cases.self).triplet
    let graph = Graph()
    let points = example.points.enumerated().map { graph.input("x\($0)", TensorType($1.array.shape)) }
    let loss = try tripletLoss(anchor: points[0], positive: points[1], negative: points[2], margin: 0.8)
    let gradients = try gradients(of: loss, withRespectTo: points)
    let interpreter = Interpreter(
      values: Dictionary(uniqueKeysWithValues: example.points.enumerated().map { ("x\($0)", $1.array) }))
    let results = try interpreter.evaluate([loss] + gradients)
    #expect(worstDifference(results[0].scalars, [example.loss]) < 1e-12)
    for (actual, expected) in zip(results.dropFirst(), example.gradients) {
      #expect(worstDifference(actual.scalars, expected.array.scalars) < 1e-10)
    }
    #expect(throws: LossError.self) {
      try tripletLoss(anchor: points[0], positive: points[1], negative: points[2], margin: 0)
    }
    #expect(throws: LossError.self) {
      try tripletLoss(anchor: points[0], positive: loss, negative: points[2])
    }
  }

  @Test(arguments: losses.indices)
  func `an example of weight 2 counts as two, and one of weight 0 not at all`(index: Int) throws {
    let (name, loss) = Self.losses[index]
    let example = try #require(try Fixture.load("losses", as: Cases.self).cases[name])
    let (outputs, targets) = (example.outputs.array, example.targets.array)
    let count = outputs.shape[0]
    let weights = (0..<count).map { Double($0 == 0 ? 2 : $0 % 2) }
    func rows(_ array: ShapedArray<Double>) -> ShapedArray<Double> {
      let width = array.scalars.count / count
      let chosen = (0..<count).flatMap { row in Array(repeating: row, count: Int(weights[row])) }
      let dimensions = [chosen.count] + array.shape.dimensions.dropFirst()
      return ShapedArray(
        shape: Shape(dimensions), unchecked: chosen.flatMap { array.scalars[($0 * width)..<(($0 + 1) * width)] })
    }
    let type: ElementType = targets.shape.rank == 1 ? .int32 : .float32
    let graph = Graph()
    let weighted = try loss(
      outputs: graph.constant(outputs), targets: graph.constant(targets, type),
      weights: graph.constant(ShapedArray(weights)))
    let repeated = try value(loss, rows(outputs), rows(targets), type)
    #expect(worstDifference(try Interpreter().evaluate([weighted])[0].scalars, [repeated]) < 1e-12)
    let without = try loss(
      outputs: graph.constant(outputs), targets: graph.constant(targets, type),
      weights: graph.constant(ShapedArray(repeating: 0, shape: [count])))
    #expect(try Interpreter().evaluate([without])[0].scalars == [0])
    #expect(throws: LossError.self) {
      try loss(outputs: graph.constant(outputs), targets: graph.constant(targets, type), weights: graph.constant(1))
    }
  }

  @Test func `losses keep their slopes finite where examples are certain or alike`() throws {
    let certain = ShapedArray<Double>(shape: [2, 3], unchecked: [1e4, 0, 0, 0, -1e4, 0])
    for loss in [Loss.focal(focusing: 0.5), .focal(focusing: 0), .klDivergence, .cosine] {
      for outputs in [certain, ShapedArray(repeating: 0, shape: [2, 3])] {
        let graph = Graph()
        let tensor = graph.constant(outputs)
        let value = try loss(outputs: tensor, targets: graph.constant(ShapedArray([0, 1]), .int32))
        let slopes = try gradients(of: value, withRespectTo: [tensor])
        let results = try Interpreter().evaluate([value] + slopes).flatMap(\.scalars)
        #expect(results.allSatisfy { $0.isFinite }, "\(loss) \(outputs.scalars)")
      }
    }
  }

  @Test(arguments: [
    (Loss.softmaxCrossEntropy(labelSmoothing: 1), "labelSmoothing must be at least 0 and less than 1, not 1.0"),
    (.softmaxCrossEntropy(classWeights: [1, -1]), "classWeights must be finite"),
    (.softmaxCrossEntropy(classWeights: [0, 0]), "not all 0"),
    (.softmaxCrossEntropy(classWeights: [1, 1, 1]), "there are 3 class weights for 2 classes"),
    (.focal(focusing: -1), "the focusing must be finite and not negative, not -1.0"),
  ])
  func `settings of losses that cannot be used are told`(loss: Loss, message: String) {
    let error = #expect(throws: LossError.self) {
      try value(loss, ShapedArray(shape: [1, 2], unchecked: [1, 2]), ShapedArray([0]), .int32)
    }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  private func value(
    _ loss: Loss, _ outputs: ShapedArray<Double>, _ targets: ShapedArray<Double>, _ type: ElementType
  ) throws -> Double {
    let graph = Graph()
    let tensor = try loss(outputs: graph.constant(outputs), targets: graph.constant(targets, type))
    return try Interpreter().evaluate([tensor])[0].scalars[0]
  }

  @Test func `a single output takes targets as a list and labels as numbers`() throws {
    let outputs = ShapedArray<Double>(shape: [3, 1], unchecked: [0.5, -2, 3])
    let list = ShapedArray<Double>([1, 0, 1])
    for loss in [Loss.meanSquaredError, .binaryCrossEntropy, .sumBinaryCrossEntropy, .halfSumSquaredError] {
      let column = try value(loss, outputs, ShapedArray(shape: [3, 1], unchecked: list.scalars), .float32)
      #expect(try value(loss, outputs, list, .float32) == column, "\(loss)")
      #expect(try value(loss, outputs, list, .int32) == column, "\(loss)")
    }
    // Labels 0 and 1 stand for -1 and 1.
    #expect(try value(.hinge, outputs, list, .int32) == value(.hinge, outputs, ShapedArray([1, -1, 1]), .float32))
    #expect(try value(.hinge, outputs, list, .int32) == 0.5 / 3)
  }

  @Test func `targets that do not fit are refused and never repeated`() throws {
    let graph = Graph()
    let outputs = graph.input("outputs", TensorType([32, 10]))
    let labels = graph.input("labels", TensorType([31], .int32))
    let row = graph.input("row", TensorType([10]))
    #expect(throws: LossError(
      "softmaxCrossEntropy: targets must be class labels, int32[32] for outputs [32, 10], but are int32[31]")
    ) { try Loss.softmaxCrossEntropy(outputs: outputs, targets: labels) }
    #expect(throws: LossError(
      "meanSquaredError: targets float32[10] do not fit outputs float32[32, 10]; give real numbers of the outputs' "
        + "shape, or class labels, int32 with one label an example")
    ) { try Loss.meanSquaredError(outputs: outputs, targets: row) }
    #expect(throws: LossError(
      "hinge: targets must be class labels, int32[32] for outputs [32, 10], but are int32[31]")
    ) { try Loss.hinge(outputs: outputs, targets: labels) }
    #expect(throws: LossError("softmaxCrossEntropy: outputs must be float32 [batch, classes], but are float32[10]")) {
      try Loss.softmaxCrossEntropy(outputs: row, targets: labels)
    }
    #expect(throws: LossError(
      "softmaxCrossEntropy: the loss takes logits and applies softmax itself; leave the network's last activation out")
    ) { try Loss.softmaxCrossEntropy(outputs: softmax(outputs), targets: labels) }
    #expect(throws: LossError(
      "binaryCrossEntropy: the loss takes logits and applies sigmoid itself; leave the network's last activation out")
    ) { try Loss.binaryCrossEntropy(outputs: sigmoid(outputs), targets: outputs) }
    #expect(throws: LossError("huber: delta must be positive and finite, not nan")) {
      try Loss.huber(delta: .nan)(outputs: row, targets: row)
    }
  }

  @Test func `accuracy counts classes that are right`() throws {
    func count(
      _ outputs: ShapedArray<Double>, _ targets: ShapedArray<Double>, _ type: ElementType, _ loss: Loss
    ) throws -> Double {
      let graph = Graph()
      let tensor = try correctCount(
        outputs: graph.constant(outputs), targets: graph.constant(targets, type), loss: loss)
      return try Interpreter().evaluate([tensor])[0].scalars[0]
    }
    let outputs = ShapedArray<Double>(shape: [3, 3], unchecked: [1, 5, 2, 0, -1, -2, 3, 3, 4])
    #expect(try count(outputs, ShapedArray([1, 2, 2]), .int32, .softmaxCrossEntropy) == 2)
    let hot = ShapedArray<Double>(shape: [3, 3], unchecked: [0, 1, 0, 1, 0, 0, 1, 0, 0])
    #expect(try count(outputs, hot, .float32, .halfSumSquaredError) == 2)
    let column = ShapedArray<Double>(shape: [4, 1], unchecked: [0.2, -0.2, 0.7, -3])
    let truth = ShapedArray<Double>([1, 1, 0, 0])
    #expect(try count(column, truth, .int32, .binaryCrossEntropy) == 2)
    #expect(try count(column, truth, .float32, .binaryCrossEntropy) == 2)
    #expect(try count(column, ShapedArray([1, 1, -1, -1]), .float32, .hinge) == 2)
    // Fitted to 0 and 1, an output of 0.2 speaks for 0.
    #expect(try count(column, ShapedArray([0, 1, 1, 0]), .int32, .meanSquaredError) == 3)

    let graph = Graph()
    let (o, t) = (graph.constant(outputs), graph.constant(ShapedArray([1, 2, 2]), .int32))
    let accuracy = try Metric.accuracy(outputs: o, targets: t, loss: .softmaxCrossEntropy)
    let error = try Metric.meanAbsoluteError(outputs: o, targets: graph.constant(hot), loss: .meanSquaredError)
    let squared = try Metric.meanSquaredError(outputs: o, targets: graph.constant(hot), loss: .meanSquaredError)
    let values = try Interpreter().evaluate([accuracy, error, squared]).map { $0.scalars[0] }
    // The errors are 1, 4, 2, -1, -1, -2, 2, 3 and 4.
    #expect(worstDifference(values, [2.0 / 3, 20.0 / 9, 56.0 / 9]) < 1e-15)
    #expect(throws: LossError.self) { try Metric.accuracy(outputs: t, targets: t, loss: .hinge) }
    let short = graph.constant(ShapedArray([1.0]))
    #expect(throws: LossError.self) { try Metric.accuracy(outputs: o, targets: short, loss: .hinge) }
  }

  @Test func `predictions are what outputs mean`() throws {
    let graph = Graph()
    let outputs = graph.constant(ShapedArray<Double>(shape: [1, 2], unchecked: [0, 0]))
    let losses: [Loss] = [.softmaxCrossEntropy, .binaryCrossEntropy, .meanSquaredError]
    let values = try Interpreter().evaluate(losses.map { $0.predictions(from: outputs) }).map(\.scalars)
    #expect(values == [[0.5, 0.5], [0.5, 0.5], [0, 0]])
  }
}

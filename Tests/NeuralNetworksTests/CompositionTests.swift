import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

/// Layers made of layers.
struct CompositionTests {
  private func run(
    _ layer: some Layer, _ inputs: [ShapedArray<Double>], parameter: Double = 1, mode: LayerContext.Mode = .inference
  ) throws -> [Double] {
    let graph = Graph()
    let context = LayerContext(graph, mode: mode)
    let tensors = inputs.enumerated().map { graph.input("x\($0)", TensorType($1.shape)) }
    let outputs = try context.trace(layer, tensors)
    var values = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ("x\($0)", $1) })
    for path in context.parameters { values[path.path] = ShapedArray(repeating: parameter, shape: path.shape) }
    values["step"] = ShapedArray(scalar: 0)
    return try Interpreter(values: values).evaluate(outputs).flatMap(\.scalars)
  }

  private let row = ShapedArray<Double>(shape: [1, 2], unchecked: [1, -3])

  @Test func `a residual layer adds its input, or what a shortcut makes of it`() throws {
    let plain = Residual(activation: .relu) { Dense(2, usesBias: false) }
    #expect(try run(plain, [row]) == [0, 0])
    #expect(try run(Residual([Dense(2, usesBias: false)]), [row]) == [-1, -5])
    let projected = Residual {
      Dense(3, usesBias: false)
    } shortcut: {
      Dense(3)
    }
    #expect(try run(projected, [row]) == [-3, -3, -3])
    #expect(try projected.parameters(for: TensorType([1, 2])).map(\.path) == [
      "body/dense1/weight", "shortcut/dense1/weight", "shortcut/dense1/bias",
    ])
    let unfit = Residual { Dense(3) }
    let error = #expect(throws: LayerError.self) { try run(unfit, [row]) }
    #expect(error?.message.contains("let a shortcut change the input") == true)
  }

  @Test(arguments: [
    (Combination.add, [2.0, -6]), (.multiply, [1, 9]), (.average, [1, -3]), (.maximum, [1, -3]),
    (.concatenate, [1, -3, 1, -3]),
  ])
  func `branches and inputs are combined`(combination: Combination, expected: [Double]) throws {
    let identity = Activation(.identity)
    #expect(try run(Parallel(combination, [identity, identity]), [row]) == expected)
    #expect(try run(Merge(combination), [row, row]) == expected)
    #expect(try run(Merge(combination), [row]) == row.scalars)
    #expect(throws: LayerError.self) { try run(Parallel(combination, []), [row]) }
  }

  @Test func `maxout takes the greatest of its pieces`() throws {
    #expect(try Maxout(3, pieces: 4).parameters(for: TensorType([5, 2])).map(\.shape) == [[2, 12], [12]])
    let graph = Graph()
    let output = try LayerContext(graph, mode: .inference).trace(
      Maxout(2, pieces: 2), graph.input("x", TensorType([1, 1])))
    let interpreter = Interpreter(values: [
      "x": ShapedArray(shape: [1, 1], unchecked: [2]),
      "weight": ShapedArray(shape: [1, 4], unchecked: [1, -1, 3, 4]), "bias": ShapedArray([0, 5, 1, 0]),
    ])
    #expect(try interpreter.evaluate([output])[0].scalars == [3, 8])
  }

  @Test func `spatial dropout drops whole channels of an example while training`() throws {
    let images = ShapedArray<Double>(repeating: 1, shape: [6, 3, 2, 20])
    let kept = try run(SpatialDropout(0.4), [images], mode: .training)
    for example in 0..<6 {
      for channel in 0..<20 {
        let places = Set((0..<6).map { kept[(example * 6 + $0) * 20 + channel] })
        #expect(places == [0] || places == [1 / 0.6])
      }
    }
    let dropped = kept.filter { $0 == 0 }.count / 6
    #expect((24...72).contains(dropped), "of 120, 48 are expected, with a deviation of 5.4")
    #expect(try run(SpatialDropout(0.4), [images]) == images.scalars)
  }

  @Test(arguments: [
    AnyLayer(BatchNormalization()),
    AnyLayer(BatchNormalization(momentum: 0.2, epsilon: 1e-3, isAffine: false, name: "n")),
    AnyLayer(LayerNormalization()),
    AnyLayer(LayerNormalization(axisCount: 2, epsilon: 1, usesScale: false, usesBias: false)),
    AnyLayer(RMSNormalization()), AnyLayer(RMSNormalization(epsilon: 1, usesScale: false)),
    AnyLayer(GroupNormalization(3)), AnyLayer(GroupNormalization(3, epsilon: 1, isAffine: false)),
    AnyLayer(InstanceNormalization()), AnyLayer(InstanceNormalization(epsilon: 1, isAffine: true)),
    AnyLayer(SpatialDropout(0.3, name: "s")), AnyLayer(LeakyReLU(slope: 0.2)), AnyLayer(PReLU()),
    AnyLayer(PReLU(initialSlope: 0.1, isShared: true)), AnyLayer(Maxout(3)), AnyLayer(Maxout(3, pieces: 5)),
    AnyLayer(Merge(.average)), AnyLayer(Parallel(.maximum) { Dense(2); Dropout(0.5) }), AnyLayer(Residual { Dense(2) }),
    AnyLayer(Residual([Dense(2)], shortcut: [Dense(2)], activation: .gelu, name: "r")),
    AnyLayer(Recomputed([Dense(3), Dropout(0.5)], name: "part")),
  ])
  func `descriptions survive JSON`(layer: AnyLayer) throws {
    let data = try JSONEncoder().encode([layer])
    #expect(try JSONDecoder().decode([AnyLayer].self, from: data) == [layer])
  }
}

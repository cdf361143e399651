import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

/// The layers for tables.
struct TabularLayerTests {
  /// The values of a layer's output.
  private func output(
    _ layer: some Layer, _ input: ShapedArray<Double>, _ weights: [String: ShapedArray<Double>],
    mode: LayerContext.Mode = .inference
  ) throws -> ShapedArray<Double> {
    let graph = Graph()
    let context = LayerContext(graph, mode: mode)
    let output = try context.trace(layer, graph.input("input", TensorType(input.shape)))
    #expect(context.parameters.map(\.path).sorted() == weights.keys.sorted())
    return try Interpreter(values: weights.merging(["input": input]) { $1 }).evaluate([output])[0]
  }

  private func array(_ shape: Shape, _ scalars: [Double]) throws -> ShapedArray<Double> {
    try ShapedArray(shape: shape, scalars: scalars)
  }

  @Test func `codes become rows of their tables`() throws {
    let layer = ColumnEmbeddings(counts: [3, 2], sizes: [2, 1])
    let tables = ["table1": try array([3, 2], [0, 1, 2, 3, 4, 5]), "table2": try array([2, 1], [10, 20])]
    #expect(
      try output(layer, array([2, 3], [0.5, 2, 0, -1, 0, 1]), tables) == array([2, 4], [0.5, 4, 5, 10, -1, 0, 1, 20]))
    #expect(try output(layer, array([1, 2], [1, 1]), tables) == array([1, 3], [2, 3, 20]))
  }

  @Test func `codes become a feature for each category`() throws {
    #expect(
      try output(ColumnOneHot(counts: [3, 2]), array([2, 3], [0.5, 2, 0, -1, 0, 1]), [:])
        == array([2, 6], [0.5, 0, 0, 1, 1, 0, -1, 1, 0, 0, 0, 1]))
  }

  @Test func `column embeddings say what they need`() throws {
    #expect(throws: LayerError.self) {
      try ColumnEmbeddings(counts: [3, 2], sizes: [2]).outputType(for: TensorType([1, 4]))
    }
    #expect(throws: LayerError.self) {
      try ColumnEmbeddings(counts: [3, 2], sizes: [2, 0]).outputType(for: TensorType([1, 4]))
    }
    #expect(throws: LayerError.self) {
      try ColumnEmbeddings(counts: [3, 2], sizes: [2, 2]).outputType(for: TensorType([1, 1]))
    }
    for layer in [ColumnOneHot(counts: [200_000_000]), ColumnEmbeddings(counts: [0], sizes: [1])] as [any Layer] {
      let error = #expect(throws: LayerError.self) { try Sequential([layer]).outputType(for: TensorType([1, 4])) }
      #expect(error?.message.contains("a count from 1 to 100,000,000") == true, "\(error?.message ?? "")")
    }
    #expect(throws: LayerError.self) { try ColumnOneHot(counts: [3, 0]).outputType(for: TensorType([1, 4])) }
    #expect(throws: LayerError.self) { try ColumnOneHot(counts: [3, 2]).outputType(for: TensorType([1, 1])) }
  }

  private let ensemble = Ensemble([Dense(1, usesBias: false), Dense(1, usesBias: false)])
  private var weights: [String: ShapedArray<Double>] {
    get throws { ["dense1/weight": try array([1, 1], [10]), "dense2/weight": try array([1, 1], [100])] }
  }

  @Test func `members learn from parts of a batch and are averaged in use`() throws {
    let input = try array([3, 1], [1, 2, 3])
    #expect(try output(ensemble, input, weights, mode: .training) == array([3, 1], [10, 200, 300]))
    #expect(try output(ensemble, input, weights) == array([3, 1], [55, 110, 165]))
    #expect(try output(ensemble, array([1, 1], [1]), weights, mode: .training) == array([1, 1], [55]))
  }

  @Test func `ensembles say what they need`() throws {
    #expect(throws: LayerError.self) { try Ensemble([]).outputType(for: TensorType([2, 3])) }
    #expect(throws: LayerError.self) { try Ensemble([Dense(1), Dense(2)]).outputType(for: TensorType([2, 3])) }
  }

  @Test func `layers for tables survive JSON`() throws {
    let network = Sequential {
      ColumnEmbeddings(counts: [3], sizes: [2], name: "words")
      ColumnOneHot(counts: [2])
      Ensemble([Sequential { Dense(4, activation: .relu) }, Dense(4)], name: "both")
    }
    let text = try JSONEncoder().encode(AnyLayer(network))
    #expect(try JSONDecoder().decode(AnyLayer.self, from: text) == AnyLayer(network))
  }
}

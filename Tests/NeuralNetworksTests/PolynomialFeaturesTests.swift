import NeuralNetworks
import ReferenceBackend
import Testing

/// Products of features.
struct PolynomialFeaturesTests {
  @Test func `all products up to the degree are made`() throws {
    let graph = Graph()
    let input = graph.input("input", TensorType([1, 2]))
    let output = try LayerContext(graph, mode: .inference).trace(PolynomialFeatures(degree: 3), input)
    let values = ["input": ShapedArray<Double>(shape: [1, 2], unchecked: [2, 5])]
    let made = try Interpreter(values: values).evaluate([output])[0]
    #expect(made == ShapedArray(shape: [1, 9], unchecked: [2, 5, 4, 10, 25, 8, 20, 50, 125]))
  }

  @Test(arguments: [(0, 0, 3), (1, 4, 4), (2, 3, 9), (4, 2, 14), (0, Int.max, 0)])
  func `there are as many as the formula says`(features: Int, degree: Int, terms: Int) throws {
    guard degree >= 1 else {
      #expect(throws: LayerError.self) {
        try PolynomialFeatures(degree: degree).outputType(for: TensorType([2, features]))
      }
      return
    }
    #expect(
      try PolynomialFeatures(degree: degree).outputType(for: TensorType([2, features])) == TensorType([2, terms]))
  }

  @Test(arguments: [(1, Int.max), (3, Int.max), (1000, 3), (100_000, Int.max)])
  func `too many are refused`(features: Int, degree: Int) {
    let error = #expect(throws: LayerError.self) {
      try PolynomialFeatures(degree: degree).outputType(for: TensorType([2, features]))
    }
    #expect(error?.message.contains("more than 100000 terms") == true)
  }
}

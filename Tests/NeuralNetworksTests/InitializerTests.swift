import NeuralNetworks
import Testing

struct InitializerTests {
  /// The initializer, and the mean, deviation and bound of what it draws for 300 inputs and 100 outputs.
  static let distributions: [(Initializer, Double, Double, Double)] = {
    func uniform(_ initializer: Initializer, _ variance: Double) -> (Initializer, Double, Double, Double) {
      (initializer, 0, variance.squareRoot(), (3 * variance).squareRoot())
    }
    func normal(_ initializer: Initializer, _ variance: Double) -> (Initializer, Double, Double, Double) {
      (initializer, 0, variance.squareRoot(), .infinity)
    }
    return [
      uniform(.glorotUniform, 1.0 / 200), normal(.glorotNormal, 1.0 / 200), uniform(.heUniform, 2.0 / 300),
      normal(.heNormal, 2.0 / 300), uniform(.leCunUniform, 1.0 / 300), normal(.leCunNormal, 1.0 / 300),
      uniform(.uniform(lower: -2, upper: 2), 16.0 / 12), (.standardNormal, 0, 1, .infinity),
      (.normal(mean: 5, deviation: 0.5), 5, 0.5, .infinity),
    ]
  }()

  private func values(
    _ initializer: Initializer, seed: UInt64 = 0, path: String = "dense1/weight", count: Int = 30_000
  ) -> [Double] {
    initializer.values(shape: [count], fanIn: 300, fanOut: 100, seed: seed, path: path).scalars.map(Double.init)
  }

  @Test(arguments: distributions.indices)
  func `draws have the mean, deviation and bound that are stated`(index: Int) {
    let (initializer, mean, deviation, bound) = Self.distributions[index]
    let draws = values(initializer)
    let count = Double(draws.count)
    let actualMean = draws.reduce(0, +) / count
    let variance = draws.reduce(0) { $0 + ($1 - actualMean) * ($1 - actualMean) } / count
    // Five standard errors: of the mean, and of the variance of a normal distribution (a uniform one's is smaller).
    #expect(abs(actualMean - mean) < 5 * deviation / count.squareRoot())
    #expect(abs(variance / (deviation * deviation) - 1) < 5 * (2 / count).squareRoot())
    #expect(draws.allSatisfy { abs($0) <= bound * (1 + 1e-6) })
    if bound.isFinite { #expect(draws.contains { $0 > 0.99 * bound } && draws.contains { $0 < -0.99 * bound }) }
    // Neighbours are not correlated.
    let correlation = zip(draws, draws.dropFirst()).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) } / count / variance
    #expect(abs(correlation) < 5 / count.squareRoot())
  }

  @Test func `normal draws have normal tails`() {
    let draws = values(.standardNormal)
    for (limit, share) in [(1.0, 0.317311), (2.0, 0.045500), (3.0, 0.002700)] {
      let outside = Double(draws.filter { abs($0) > limit }.count) / Double(draws.count)
      #expect(abs(outside - share) < 5 * (share * (1 - share) / Double(draws.count)).squareRoot())
    }
  }

  @Test func `draws depend on seed and path alone`() {
    let draws = values(.heUniform, count: 101)
    #expect(values(.heUniform, count: 101) == draws)
    #expect(values(.heUniform, seed: 1, count: 101) != draws)
    #expect(values(.heUniform, path: "dense2/weight", count: 101) != draws)
    // A longer parameter starts with the same draws.
    #expect(Array(values(.heUniform, count: 202).prefix(101)) == draws)
    #expect(values(.heUniform, count: 0).isEmpty)
  }

  @Test func `weights and biases of convolutions sum over what a window sees of its group`() throws {
    func fans(_ layer: some Layer, channels: Int) throws -> [[Int]] {
      let context = LayerContext(Graph(), mode: .training)
      _ = try context.trace(layer, context.graph.input("x", TensorType([1, 9, 9, channels])))
      return context.parameters.map { [$0.fanIn, $0.fanOut] }
    }
    #expect(try fans(Convolution(8, kernel: 5), channels: 1) == [[25, 200], [25, 200]])
    #expect(try fans(Convolution(8, kernel: [3, 1], groups: 2), channels: 4) == [[6, 12], [6, 12]])
    // Depthwise.
    #expect(try fans(Convolution(32, kernel: 3, groups: 32), channels: 32) == [[9, 9], [9, 9]])
    #expect(try fans(TransposedConvolution(6, kernel: 3, groups: 2), channels: 4) == [[18, 27], [18, 27]])
  }

  @Test func `a parameter's first values do not depend on other layers`() throws {
    let small = try Sequential { Dense(3, activation: .relu) }.parameters(for: TensorType([1, 4]))
    let large = try Sequential {
      Activation(.tanh)
      Dense(3, activation: .relu)
      Dense(2)
    }.parameters(for: TensorType([8, 4]))
    #expect(small[0].initialValue(seed: 7) == large[0].initialValue(seed: 7))
    #expect(small[0].initialValue(seed: 7) != small[0].initialValue(seed: 8))
    #expect(small[1].initialValue(seed: 7) == ShapedArray([0, 0, 0]))
    #expect(Initializer.constant(0.5).values(shape: [2], fanIn: 1, fanOut: 1, seed: 0, path: "a").scalars == [0.5, 0.5])
    // Nothing to scale by is no reason to divide by zero.
    let none = Initializer.heNormal.values(shape: [0, 3], fanIn: 0, fanOut: 3, seed: 0, path: "a")
    #expect(none.shape == [0, 3])
  }
}

import CPUBackend
import Differentiation
import Testing

/// Max pooling follows the reference for every number of channels, with positions and without, which are other kernels.
@Suite struct PoolingTests {
  private static let windows: [(extents: [Int], window: SlidingWindow, spatial: [Int])] = [
    ([2, 2], SlidingWindow(strides: [2, 2]), [6, 8]),
    ([3, 3], SlidingWindow(strides: [2, 2], low: [1, 1], high: [1, 1]), [7, 9]),
    ([2, 3], SlidingWindow(strides: [1, 3], low: [0, 2], high: [1, 0], dilations: [2, 2]), [5, 11]),
    ([1, 1], SlidingWindow(strides: [3, 3]), [7, 7]),
    ([4], SlidingWindow(strides: [1], low: [2], high: [3]), [13]),
    ([2, 1, 2], SlidingWindow(strides: [1, 2, 2], low: [1, 0, 1], high: [0, 0, 0]), [3, 4, 5]),
  ]

  @Test(arguments: [1, 3, 5, 6, 15, 16, 17, 24, 31, 32, 40])
  func everyNumberOfChannelsIsPooled(_ channels: Int) throws {
    for (extents, window, spatial) in Self.windows {
      let shape = Shape([3] + spatial + [channels])
      var generator = PhiloxGenerator(seed: UInt64(channels))
      let input = ShapedArray<Double>(shape: shape, unchecked: (0..<shape.count).map { index in
        index % 41 == 40 ? .nan : index % 37 < 2 ? -.infinity : Double(Float.random(in: -1...1, using: &generator))
      })
      for isTraining in [false, true] {
        let graph = Graph()
        let x = graph.input("x", TensorType(shape))
        let pooled = x.maxPooled(extents, window)
        graph.output("y", pooled)
        if isTraining { graph.output("gradient", try gradients(of: pooled.sum(), withRespectTo: [x])[0]) }
        try expectParity(graph, ["x": input], threads: 2)
      }
    }
  }
}

import FixtureSupport
import Foundation
import NeuralNetworks
import ReferenceBackend
import Testing

struct ConvolutionLayerTests {
  struct Cases: Decodable {
    let cases: [String: LayerFixture]
  }

  static let names: [String] = {
    ((try? Fixture.load("convolution", as: Cases.self).cases) ?? [:]).keys.sorted()
  }()

  @Test(arguments: names, [LayerContext.Mode.training, .inference])
  func `layers and all their gradients match PyTorch's`(name: String, mode: LayerContext.Mode) throws {
    try #require(try Fixture.load("convolution", as: Cases.self).cases[name]).check(mode)
  }

  @Test func `there is a case for every kind of layer`() throws {
    let kinds = Set(try Fixture.load("convolution", as: Cases.self).cases.values.map { $0.layer.layer.kind })
    #expect(kinds == [
      "convolution", "transposedConvolution", "maxPooling", "averagePooling", "globalAveragePooling",
      "globalMaxPooling", "adaptiveAveragePooling", "adaptiveMaxPooling", "upsampling",
    ])
  }

  @Test func `grayscale images need no channel axis`() throws {
    let network = Sequential {
      Convolution(6, kernel: 5, padding: .same, activation: .relu)
      MaxPooling(2)
      Convolution(16, kernel: [5, 5])
      MaxPooling(2)
      Flatten()
      Dense(10)
    }
    #expect(try network.outputType(for: TensorType([3, 28, 28])) == TensorType([3, 10]))
    let parameters = try network.parameters(for: TensorType([3, 28, 28]))
    #expect(try parameters == network.parameters(for: TensorType([3, 28, 28, 1])))
    #expect(parameters.map(\.shape) == [[5, 5, 1, 6], [6], [5, 5, 6, 16], [16], [400, 10], [10]])
    #expect(parameters.map(\.fanIn) == [25, 25, 150, 150, 400, 400])
    #expect(parameters.map(\.fanOut) == [150, 150, 400, 400, 10, 10])
    // Windows over one axis take what two axes cannot: the last axis has the channels.
    #expect(try Convolution(4, kernel: [3]).outputType(for: TensorType([2, 9, 5])) == TensorType([2, 7, 4]))
    #expect(try MaxPooling([3]).outputType(for: TensorType([2, 9])) == TensorType([2, 3, 1]))
  }

  @Test func `a transposed convolution brings back the extents`() throws {
    for (extent, stride, extra) in [(9, 2, 0), (10, 2, 1), (6, 3, 0), (8, 3, 2)] {
      let small = try Convolution(3, kernel: 3, stride: AxisNumbers(stride)).outputType(
        for: TensorType([1, extent, extent, 2]))
      let layer = TransposedConvolution(2, kernel: 3, stride: AxisNumbers(stride), outputPadding: AxisNumbers(extra))
      #expect(try layer.outputType(for: small) == TensorType([1, extent, extent, 2]))
    }
    let same = TransposedConvolution(5, kernel: [3, 4], stride: [2, 3], padding: .same)
    #expect(try same.outputType(for: TensorType([1, 4, 5, 2])) == TensorType([1, 8, 15, 5]))
    #expect(try same.parameters(for: TensorType([1, 4, 5, 2])).map(\.shape) == [[3, 4, 5, 2], [5]])
  }

  static let layers: [any Layer] = [
    Convolution(
      8, kernel: [3, 5], stride: [2, 1], padding: .explicit([1, 2]), dilation: 2, groups: 4, activation: .relu,
      usesBias: false, weightInitializer: .heNormal, name: "first"),
    Convolution(8, kernel: 3, padding: .same), Convolution(8, kernel: [3], padding: .explicit(low: [2], high: 0)),
    TransposedConvolution(8, kernel: 4, stride: 2, padding: .explicit(1), outputPadding: [1, 0]),
    MaxPooling([2, 3], stride: 1, padding: .same), AveragePooling(2, countsPadding: true, name: "mean"),
    GlobalAveragePooling(), GlobalMaxPooling(name: "top"), AdaptiveAveragePooling([4, 5]), AdaptiveMaxPooling(3),
    Upsampling(), Upsampling([2, 3], method: .linear),
  ]

  @Test(arguments: layers.indices)
  func `descriptions survive JSON`(index: Int) throws {
    let layer = AnyLayer(Self.layers[index])
    let text = try JSONEncoder().encode(layer)
    #expect(try JSONDecoder().decode(AnyLayer.self, from: text) == layer)
  }

  @Test func `descriptions are short`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let network = Sequential {
      Convolution(6, kernel: 5, padding: .explicit(2), activation: .relu)
      MaxPooling(2)
      GlobalAveragePooling()
    }
    let expected = #"{"kind":"sequential","layers":["#
      + #"{"activation":"relu","filters":6,"kernel":5,"kind":"convolution","padding":2},"#
      + #"{"kind":"maxPooling","size":2},{"kind":"globalAveragePooling"}]}"#
    #expect(String(decoding: try encoder.encode(network), as: UTF8.self) == expected)
  }

  static let mistakes: [(any Layer, Shape, String)] = [
    (Convolution(0, kernel: 3), [1, 8, 8, 1], "a convolution layer needs at least 1 filter, not 0"),
    (
      Convolution(4, kernel: 3, groups: 3), [1, 8, 8, 2],
      "2 channels and 4 filters cannot be divided into 3 groups; choose a number that divides both"
    ),
    (
      Convolution(4, kernel: 3), [1, 64],
      "a convolution layer takes float32 [batch, height, width, channels], but its input is float32[1, 64]"
    ),
    (Convolution(4, kernel: 0), [1, 8, 8, 1], "the window must be from 1 to 2^30, not 0, 0"),
    (Convolution(4, kernel: [3, 3], stride: [1]), [1, 8, 8, 1], "stride has 1 numbers, but there are 2 spatial axes"),
    (Convolution(4, kernel: [1, 1, 1, 1]), [1, 8, 8, 1], "windows slide over 1, 2 or 3 axes, not 4"),
    (MaxPooling(2, padding: .explicit(-1)), [1, 8, 8, 1], "padding must be from 0 to 2^30, not -1, -1"),
    (
      TransposedConvolution(1, kernel: 2, outputPadding: 1), [1, 8, 8, 1],
      "outputPadding must be less than the stride, and is not for same padding"
    ),
    (
      TransposedConvolution(1, kernel: 2, padding: .explicit(9)), [1, 8, 8, 1],
      "nothing would be left of the output: it would be of extents [-9, -9]"
    ),
    (
      AdaptiveMaxPooling(1_073_741_824), [1, 8, 8, 1],
      "an input of extents [8, 8] cannot be pooled to [1073741824, 1073741824]"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func `mistakes say what is wrong`(index: Int) {
    let (layer, shape, message) = Self.mistakes[index]
    let error = #expect(throws: LayerError.self) { try layer.parameters(for: TensorType(shape)) }
    #expect(error?.message == message)
  }

  @Test func `windows that do not fit name the layer`() {
    let network = Sequential { Sequential(name: "body") { Convolution(4, kernel: 9) } }
    let error = #expect(throws: GraphError.self) { try network.parameters(for: TensorType([1, 8, 8])) }
    #expect(error?.scope == "body/convolution1")
    #expect(error?.message == "a window of 9 does not fit the extent 8 with 0 before and 0 after it")
    #expect(throws: GraphError.self) {
      try MaxPooling(2, padding: .explicit(2)).parameters(for: TensorType([1, 8, 8]))
    }
  }
}

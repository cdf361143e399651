/// The three arrays that a convolution relates.
public enum ConvolutionPart: Int, Sendable, CaseIterable {
  /// `[batch, spatial..., inputChannels]`
  case input
  /// `[kernel..., inputChannels / groups, outputChannels]`
  case weights
  /// `[batch, positions..., outputChannels]`
  case output
}

/// A convolution, or a derivative of one.
///
/// The three are one sum of products `Σ input · weights · output` over all places where a window sees an element, with
/// one factor left out: the convolution itself leaves out the output, its derivatives the input or the weights. So each
/// is linear in both operands, and the chain rule of each is the other two.
public protocol ConvolutionOperation: Operation {
  /// What the operation computes from the two others, which are its operands in their order.
  static var result: ConvolutionPart { get }
  /// How the kernel slides over the input.
  var window: SlidingWindow { get }
  /// Into how many parts channels are divided, each of which is convolved by itself.
  var groups: Int { get }

  /// The extents of all three arrays.
  /// - Throws: `ShapeError` when operands do not fit.
  func extents(_ operands: [Shape]) throws -> ConvolutionExtents
}

/// The extents of a convolution that fits.
public struct ConvolutionExtents: Hashable, Sendable {
  /// The number of examples.
  public let batch: Int
  /// Of the input, along the spatial axes.
  public let inputs: [Int]
  /// Of the kernel.
  public let kernel: [Int]
  /// Of the output, along the spatial axes.
  public let outputs: [Int]
  /// Channels of the input, of all groups together.
  public let inputChannels: Int
  /// Channels of the output, of all groups together.
  public let outputChannels: Int
  /// The number of groups.
  public let groups: Int

  /// The shape of one of the three arrays.
  public func shape(of part: ConvolutionPart) -> Shape {
    switch part {
    case .input: Shape([batch] + inputs + [inputChannels])
    case .weights: Shape(kernel + [inputChannels / groups, outputChannels])
    case .output: Shape([batch] + outputs + [outputChannels])
    }
  }

  /// How many multiplications a convolution takes, those with padding included.
  public var multiplications: Int {
    (outputs + kernel).reduce(batch * (inputChannels / groups) * outputChannels, *)
  }

  /// - Throws: `ShapeError` when channels do not fall into groups.
  init(
    batch: Int, inputs: [Int], kernel: [Int], outputs: [Int], inputChannels: Int, outputChannels: Int, groups: Int
  ) throws {
    guard groups >= 1, inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw ShapeError(
        "\(inputChannels) input and \(outputChannels) output channels cannot be divided into \(groups) groups")
    }
    (self.batch, self.inputs, self.kernel, self.outputs) = (batch, inputs, kernel, outputs)
    (self.inputChannels, self.outputChannels, self.groups) = (inputChannels, outputChannels, groups)
  }

  /// Calls `body` with the offsets of the three factors of each product.
  func forEachProduct(_ window: SlidingWindow, _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void) {
    let (ins, outs) = (inputChannels / groups, outputChannels / groups)
    for example in 0..<batch {
      window.forEachTap(inputs, window: kernel, results: outputs) { place, tap, result in
        let input = (example * inputs.reduce(1, *) + place) * inputChannels
        let output = (example * outputs.reduce(1, *) + result) * outputChannels
        for out in 0..<outputChannels {
          let group = out / outs
          for channel in 0..<ins {
            body(input + group * ins + channel, (tap * ins + channel) * outputChannels + out, output + out)
          }
        }
      }
    }
  }
}

extension ConvolutionOperation {
  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try requireFactors(operands)
    return [TensorType(try extents(operands.map(\.shape)).shape(of: Self.result))]
  }

  /// Each operand's cotangent is the derivative that leaves it out.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let parts = ConvolutionPart.allCases.filter { $0 != Self.result }
    let extents = try extents(step.operands.map(\.shape))
    var known: [ConvolutionPart: Tensor] = [Self.result: step.cotangent]
    for (part, operand) in zip(parts, step.operands) { known[part] = operand }
    return zip(parts, step.isNeeded).map { part, isNeeded in
      guard isNeeded else { return nil }
      let operands = ConvolutionPart.allCases.filter { $0 != part }.compactMap { known[$0] }
      let graph = step.cotangent.graph
      return switch part {
      case .output: graph.apply(Convolve(window, groups: groups), to: operands)[0]
      case .input:
        graph.apply(ConvolutionInputGradient(window, groups: groups, extents: extents.inputs), to: operands)[0]
      case .weights:
        graph.apply(ConvolutionWeightGradient(window, groups: groups, kernel: extents.kernel), to: operands)[0]
      }
    }
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let extents = try extents(operands.map(\.shape))
    let (first, second) = (operands[0].scalars, operands[1].scalars)
    let shape = extents.shape(of: Self.result)
    var sums = [Double](repeating: 0, count: shape.count)
    extents.forEachProduct(window) { input, weight, output in
      switch Self.result {
      case .input: sums[input] += first[weight] * second[output]
      case .weights: sums[weight] += first[input] * second[output]
      case .output: sums[output] += first[input] * second[weight]
      }
    }
    return [ShapedArray(shape: shape, unchecked: sums)]
  }

  public static var samples: [OperationSample] {
    convolutionSamples.compactMap { window, groups, input, weights in
      let convolution = Convolve(window, groups: groups)
      guard let extents = try? convolution.extents([input, weights]) else { return nil }
      let operation: any ConvolutionOperation =
        switch result {
        case .output: convolution
        case .input: ConvolutionInputGradient(window, groups: groups, extents: extents.inputs)
        case .weights: ConvolutionWeightGradient(window, groups: groups, kernel: extents.kernel)
        }
      let parts = ConvolutionPart.allCases.filter { $0 != result }
      return OperationSample(operation, parts.map { sampleValues(extents.shape(of: $0), seed: $0.rawValue) })
    }
  }
}

/// Every number of axes, odd extents, and each of stride, padding, dilation and groups by itself and together.
private let convolutionSamples: [(SlidingWindow, groups: Int, input: Shape, weights: Shape)] = [
  (SlidingWindow(strides: [1]), 1, [2, 5, 3], [3, 3, 2]),
  (SlidingWindow(strides: [2], low: [2], high: [1], dilations: [2]), 2, [1, 7, 4], [3, 2, 2]),
  (SlidingWindow(strides: [1, 1]), 1, [2, 5, 4, 1], [3, 2, 1, 3]),
  (SlidingWindow(strides: [1, 1], low: [1, 1], high: [1, 1]), 1, [1, 3, 5, 2], [3, 3, 2, 2]),
  (SlidingWindow(strides: [2, 3], low: [1, 0], high: [0, 2]), 1, [2, 5, 4, 2], [2, 3, 2, 1]),
  (SlidingWindow(strides: [1, 2], dilations: [2, 1]), 1, [1, 6, 5, 2], [2, 2, 2, 3]),
  (SlidingWindow(strides: [1, 1], low: [1, 1], high: [1, 1]), 3, [1, 4, 3, 3], [3, 3, 1, 3]),
  (SlidingWindow(strides: [2, 1]), 2, [1, 5, 3, 4], [2, 2, 2, 6]),
  (SlidingWindow(strides: [1, 1]), 1, [3, 1, 1, 5], [1, 1, 5, 2]),
  (SlidingWindow(strides: [1, 2, 1], low: [1, 0, 0], high: [0, 1, 0]), 1, [1, 3, 4, 3, 2], [2, 2, 2, 2, 2]),
  (SlidingWindow(strides: [1, 1]), 1, [0, 3, 3, 2], [2, 2, 2, 1]),
]

/// The sum of an input's elements within a window, each times its weight, for every place of the window and every
/// output channel: what is called a convolution in neural networks, a cross-correlation elsewhere.
///
/// `[batch, spatial..., inputChannels]` and `[kernel..., inputChannels / groups, outputChannels]` give `[batch,
/// positions..., outputChannels]`, for 1 to 3 spatial axes. With as many groups as channels it is depthwise.
public struct Convolve: ConvolutionOperation {
  public static let name = "convolve"
  public static let result = ConvolutionPart.output
  public let window: SlidingWindow
  public let groups: Int

  /// Takes the input and the weights, both float32; that they fit is checked when it is appended.
  public init(_ window: SlidingWindow, groups: Int = 1) {
    self.window = window
    self.groups = groups
  }

  public func extents(_ operands: [Shape]) throws -> ConvolutionExtents {
    let (input, weights) = (operands[0], operands[1])
    let (inputs, kernel) = (try spatialExtents(input), Array(weights.dimensions.dropLast(2)))
    guard weights.rank == input.rank else {
      throw ShapeError(
        "an input of shape \(input) needs weights of \(input.rank) axes, [kernel..., channels, outputs], not "
          + "\(weights)")
    }
    let channels = input[input.rank - 1]
    let (all, overflow) = weights[weights.rank - 2].multipliedReportingOverflow(by: groups)
    guard !overflow, all == channels else {
      throw ShapeError("weights of shape \(weights) do not fit \(channels) channels in \(groups) groups")
    }
    return try ConvolutionExtents(
      batch: input[0], inputs: inputs, kernel: kernel, outputs: window.resultExtents(inputs, window: kernel),
      inputChannels: channels, outputChannels: weights[weights.rank - 1], groups: groups)
  }
}

extension Tensor {
  /// This tensor, `[batch, spatial..., channels]`, convolved with weights `[kernel..., channels / groups, outputs]`.
  public func convolved(with weights: Tensor, _ window: SlidingWindow, groups: Int = 1) -> Tensor {
    .apply(Convolve(window, groups: groups), to: self, weights)
  }
}

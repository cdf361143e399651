/// The derivative of a convolution by its input; also called transposed convolution, which spreads each element over
/// the window that it would be the sum of.
///
/// Weights `[kernel..., inputChannels / groups, outputChannels]` and the output's cotangent `[batch, positions...,
/// outputChannels]` give the input's cotangent `[batch, spatial..., inputChannels]`.
public struct ConvolutionInputGradient: ConvolutionOperation {
  public static let name = "convolutionInputGradient"
  public static let result = ConvolutionPart.input
  public let window: SlidingWindow
  public let groups: Int
  /// Of the input, along the spatial axes: a stride leaves open what they were.
  public let extents: [Int]

  /// Takes the weights and the cotangent, both float32; that they fit is checked when it is appended.
  public init(_ window: SlidingWindow, groups: Int = 1, extents: [Int]) {
    self.window = window
    self.groups = groups
    self.extents = extents
  }

  public func extents(_ operands: [Shape]) throws -> ConvolutionExtents {
    let (weights, cotangent) = (operands[0], operands[1])
    let (outputs, kernel) = (try spatialExtents(cotangent), Array(weights.dimensions.dropLast(2)))
    guard weights.rank == cotangent.rank, weights[weights.rank - 1] == cotangent[cotangent.rank - 1] else {
      throw ShapeError("weights of shape \(weights) do not fit a cotangent of shape \(cotangent)")
    }
    guard try extents.allSatisfy({ $0 >= 0 }) && window.resultExtents(extents, window: kernel) == outputs else {
      throw ShapeError("an input of extents \(extents) would not have the output extents \(outputs)")
    }
    let (channels, overflow) = weights[weights.rank - 2].multipliedReportingOverflow(by: groups)
    guard !overflow else { throw ShapeError("\(groups) groups are too many") }
    return try ConvolutionExtents(
      batch: cotangent[0], inputs: extents, kernel: kernel, outputs: outputs, inputChannels: channels,
      outputChannels: weights[weights.rank - 1], groups: groups)
  }
}

extension Tensor {
  /// This tensor, `[batch, positions..., outputs]`, convolved backwards: what had to be convolved has the spatial
  /// `extents`. Weights are `[kernel..., channels / groups, outputs]`, the result `[batch, extents..., channels]`.
  public func convolvedBackwards(
    with weights: Tensor, _ window: SlidingWindow, groups: Int = 1, extents: [Int]
  ) -> Tensor {
    .apply(ConvolutionInputGradient(window, groups: groups, extents: extents), to: weights, self)
  }
}

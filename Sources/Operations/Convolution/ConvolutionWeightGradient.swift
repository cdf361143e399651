/// The derivative of a convolution by its weights.
///
/// The input `[batch, spatial..., inputChannels]` and the output's cotangent `[batch, positions..., outputChannels]`
/// give the weights' cotangent `[kernel..., inputChannels / groups, outputChannels]`.
public struct ConvolutionWeightGradient: ConvolutionOperation {
  public static let name = "convolutionWeightGradient"
  public static let result = ConvolutionPart.weights
  public let window: SlidingWindow
  public let groups: Int
  /// The kernel's extents: a stride leaves open what they were.
  public let kernel: [Int]

  /// Takes the input and the cotangent, both float32; that they fit is checked when it is appended.
  public init(_ window: SlidingWindow, groups: Int = 1, kernel: [Int]) {
    self.window = window
    self.groups = groups
    self.kernel = kernel
  }

  public func extents(_ operands: [Shape]) throws -> ConvolutionExtents {
    let (input, cotangent) = (operands[0], operands[1])
    let (inputs, outputs) = (try spatialExtents(input), try spatialExtents(cotangent))
    guard input[0] == cotangent[0], try window.resultExtents(inputs, window: kernel) == outputs else {
      throw ShapeError("an input of shape \(input) does not fit a cotangent of shape \(cotangent)")
    }
    return try ConvolutionExtents(
      batch: input[0], inputs: inputs, kernel: kernel, outputs: outputs, inputChannels: input[input.rank - 1],
      outputChannels: cotangent[cotangent.rank - 1], groups: groups)
  }
}

/// A convolution run backwards: spreads every input, weighted, over the window that a convolution would have summed, so
/// that a stride enlarges.
///
/// Input `[batch, spatial..., channels]`, output `[batch, positions..., filters]` with
/// `(input - 1) stride + (kernel - 1) dilation + 1 - padding + outputPadding` positions along each axis, or
/// `input · stride` with same padding; parameters `weight` `[kernel..., filters / groups, channels]` and `bias`
/// `[filters]`.
public struct TransposedConvolution: UnaryLayer {
  public static let kind = "transposedConvolution"
  /// What it is described by; the padding is cut off the output.
  public let settings: ConvolutionSettings
  /// How many places are added after the output, less than the stride: which of the sizes that a convolution would have
  /// brought to the input's is meant. Not with same padding.
  public let outputPadding: AxisNumbers
  public var name: String? { settings.name }

  /// A transposed convolution; see `ConvolutionSettings` for what each setting means. What cannot be used is an error
  /// when it is traced.
  public init(
    _ filters: Int, kernel: AxisNumbers, stride: AxisNumbers = 1, padding: Padding = .valid,
    outputPadding: AxisNumbers = 0, dilation: AxisNumbers = 1, groups: Int = 1,
    activation: ActivationFunction = .identity, usesBias: Bool = true, weightInitializer: Initializer? = nil,
    biasInitializer: Initializer = .zeros, name: String? = nil
  ) {
    let forward = Convolution(
      filters, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups,
      activation: activation, usesBias: usesBias, weightInitializer: weightInitializer,
      biasInitializer: biasInitializer, name: name)
    self.init(forward.settings, outputPadding: outputPadding)
  }

  /// A transposed convolution from its settings.
  public init(_ settings: ConvolutionSettings, outputPadding: AxisNumbers = 0) {
    self.settings = settings
    self.outputPadding = outputPadding
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let input = try settings.checked(input, kind: kind, in: context)
    let channels = input.shape[input.rank - 1]
    let (extents, window, outputs) = try layout(input.spatialExtents, context)
    let weight = try settings.weight(
      extents, settings.filters / settings.groups, channels, channels: channels, in: context)
    let sums = context.weightedSum(input, weight, fanIn: settings.fan(extents, channels)) {
      $0.convolvedBackwards(with: $1, window, groups: settings.groups, extents: outputs)
    }
    return try settings.finish(sums, extents, channels: channels, in: context)
  }

  /// The window's extents, how it slides over the output, and the output's extents.
  private func layout(_ inputs: [Int], _ context: LayerContext) throws -> ([Int], SlidingWindow, [Int]) {
    let (rank, isSame) = (inputs.count, settings.padding == .same)
    let strides = try settings.stride.resolved("stride", rank: rank, least: 1, in: context)
    let extra = try outputPadding.resolved("outputPadding", rank: rank, least: 0, in: context)
    guard zip(extra, strides).allSatisfy({ $0 < $1 }), !isSame || extra.allSatisfy({ $0 == 0 }) else {
      throw context.error("outputPadding must be less than the stride, and is not for same padding")
    }
    let enlarged = zip(inputs, strides).map { $0.multipliedReportingOverflow(by: $1) }
    guard enlarged.allSatisfy({ !$0.overflow && $0.partialValue <= 1 << 40 }) else {
      throw context.error("the output would be too large")
    }
    let most = enlarged.map(\.partialValue)
    let (extents, window) = try context.slidingWindow(
      settings.kernel, stride: settings.stride, padding: settings.padding, dilation: settings.dilation, over: most)
    let outputs = isSame ? most : inputs.indices.map { axis in
      most[axis] - strides[axis] + (extents[axis] - 1) * window.dilations[axis] + 1 - window.low[axis]
        - window.high[axis] + extra[axis]
    }
    guard outputs.allSatisfy({ $0 > 0 }) else {
      throw context.error("nothing would be left of the output: it would be of extents \(outputs)")
    }
    return (extents, window, outputs)
  }

  public init(from decoder: any Decoder) throws {
    let keys = ConvolutionSettings.keys + ["outputPadding"]
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: keys])
    self.init(
      try ConvolutionSettings(description), outputPadding: try description.value("outputPadding", default: 0))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    settings.write(to: &description)
    description.set("outputPadding", outputPadding == 0 ? nil : outputPadding)
    try description.write(to: encoder)
  }
}

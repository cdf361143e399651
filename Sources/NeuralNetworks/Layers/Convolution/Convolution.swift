/// Slides a window over sequences, images or volumes: every output is a weighted sum of what the window sees, plus a
/// bias, through an activation.
///
/// Input `[batch, spatial..., channels]` with 1 to 3 spatial axes, as many as the kernel has numbers; an input without
/// channel axis gets one of a single channel. Output `[batch, positions..., filters]`; parameters `weight` `[kernel...,
/// channels / groups, filters]` and `bias` `[filters]`.
public struct Convolution: UnaryLayer {
  public static let kind = "convolution"
  /// What it is described by.
  public let settings: ConvolutionSettings
  public var name: String? { settings.name }

  /// A convolution; see `ConvolutionSettings` for what each setting means. What cannot be used is an error when it is
  /// traced.
  public init(
    _ filters: Int, kernel: AxisNumbers, stride: AxisNumbers = 1, padding: Padding = .valid, dilation: AxisNumbers = 1,
    groups: Int = 1, activation: ActivationFunction = .identity, usesBias: Bool = true,
    weightInitializer: Initializer? = nil, biasInitializer: Initializer = .zeros, name: String? = nil
  ) {
    var settings = ConvolutionSettings(filters: filters, kernel: kernel)
    (settings.stride, settings.padding, settings.dilation) = (stride, padding, dilation)
    (settings.groups, settings.activation, settings.usesBias) = (groups, activation, usesBias)
    (settings.weightInitializer, settings.biasInitializer) = (weightInitializer, biasInitializer)
    settings.name = name
    self.init(settings)
  }

  /// A convolution from its settings.
  public init(_ settings: ConvolutionSettings) { self.settings = settings }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let input = try settings.checked(input, kind: kind, in: context)
    let channels = input.shape[input.rank - 1]
    let (extents, window) = try context.slidingWindow(
      settings.kernel, stride: settings.stride, padding: settings.padding, dilation: settings.dilation,
      over: input.spatialExtents)
    let weight = try settings.weight(
      extents, channels / settings.groups, settings.filters, channels: channels, in: context)
    let sums = context.weightedSum(input, weight, fanIn: settings.fan(extents, channels)) {
      $0.convolved(with: $1, window, groups: settings.groups)
    }
    return try settings.finish(sums, extents, channels: channels, in: context)
  }

  public init(from decoder: any Decoder) throws {
    self.init(try ConvolutionSettings(
      DescriptionReader(decoder, of: "layer", keys: [Self.kind: ConvolutionSettings.keys])))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    settings.write(to: &description)
    try description.write(to: encoder)
  }
}

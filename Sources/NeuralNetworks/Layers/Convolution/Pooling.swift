/// What pooling layers are described by: the window and how it slides.
public struct PoolingSettings: Hashable, Sendable {
  /// The extents of the window; a single number is a square window over images.
  public var size: AxisNumbers
  /// By how much the window moves from one result to the next; nil for its own extents, so that windows lie side by
  /// side.
  public var stride: AxisNumbers?
  /// What stands around the input.
  public var padding = Padding.valid
  /// The distance between neighbours of the window.
  public var dilation: AxisNumbers = 1
  /// nil for an automatic name.
  public var name: String?

  static let keys = ["size", "stride", "padding", "dilation", "name"]

  init(size: AxisNumbers, stride: AxisNumbers?, padding: Padding, dilation: AxisNumbers, name: String?) {
    (self.size, self.stride, self.padding, self.dilation, self.name) = (size, stride, padding, dilation, name)
  }

  init(_ description: DescriptionReader) throws {
    self.init(
      size: try description.value("size"), stride: try description.optional("stride"),
      padding: try description.value("padding", default: .valid),
      dilation: try description.value("dilation", default: 1), name: try description.optional("name"))
  }

  func write(to description: inout DescriptionWriter) {
    description.set("size", size)
    description.set("stride", stride)
    description.set("padding", padding == .valid ? nil : padding)
    description.set("dilation", dilation == 1 ? nil : dilation)
    description.set("name", name)
  }

  /// Pools an input with the window that fits it.
  func pool(
    _ input: Tensor, kind: String, in context: LayerContext, _ body: (Tensor, [Int], SlidingWindow) -> Tensor
  ) throws -> Tensor {
    let input = try context.spatialInput(input, rank: windowRank(size), kind: kind)
    let (extents, window) = try context.slidingWindow(
      size, stride: stride ?? size, padding: padding, dilation: dilation, over: input.spatialExtents)
    return body(input, extents, window)
  }
}

/// The largest element of each window, by channel.
///
/// Input `[batch, spatial..., channels]` with 1 to 3 spatial axes, as many as the size has numbers; an input without
/// channel axis gets one of a single channel. Output `[batch, positions..., channels]`. Padding is never the largest.
public struct MaxPooling: UnaryLayer {
  public static let kind = "maxPooling"
  /// The window and how it slides.
  public let settings: PoolingSettings
  public var name: String? { settings.name }

  /// A layer without parameters; what cannot be used is an error when it is traced.
  public init(
    _ size: AxisNumbers, stride: AxisNumbers? = nil, padding: Padding = .valid, dilation: AxisNumbers = 1,
    name: String? = nil
  ) {
    settings = PoolingSettings(size: size, stride: stride, padding: padding, dilation: dilation, name: name)
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try settings.pool(input, kind: kind, in: context) { $0.maxPooled($1, $2) }
  }

  public init(from decoder: any Decoder) throws {
    settings = try PoolingSettings(DescriptionReader(decoder, of: "layer", keys: [Self.kind: PoolingSettings.keys]))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    settings.write(to: &description)
    try description.write(to: encoder)
  }
}

/// The mean of each window, by channel.
///
/// Input `[batch, spatial..., channels]` with 1 to 3 spatial axes, as many as the size has numbers; an input without
/// channel axis gets one of a single channel. Output `[batch, positions..., channels]`.
public struct AveragePooling: UnaryLayer {
  public static let kind = "averagePooling"
  /// The window and how it slides.
  public let settings: PoolingSettings
  /// Whether padding counts as zeros; else means are over what the window sees of the input.
  public let countsPadding: Bool
  public var name: String? { settings.name }

  /// A layer without parameters; what cannot be used is an error when it is traced.
  public init(
    _ size: AxisNumbers, stride: AxisNumbers? = nil, padding: Padding = .valid, dilation: AxisNumbers = 1,
    countsPadding: Bool = false, name: String? = nil
  ) {
    settings = PoolingSettings(size: size, stride: stride, padding: padding, dilation: dilation, name: name)
    self.countsPadding = countsPadding
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try settings.pool(input, kind: kind, in: context) { $0.averagePooled($1, $2, countsPadding: countsPadding) }
  }

  public init(from decoder: any Decoder) throws {
    let keys = PoolingSettings.keys + ["countsPadding"]
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: keys])
    settings = try PoolingSettings(description)
    countsPadding = try description.value("countsPadding", default: false)
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    settings.write(to: &description)
    description.set("countsPadding", countsPadding ? true : nil)
    try description.write(to: encoder)
  }
}

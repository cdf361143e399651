/// What a convolution and a transposed one are described by.
public struct ConvolutionSettings: Hashable, Sendable {
  /// The number of output channels.
  public var filters: Int
  /// The extents of the window; a single number is a square window over images.
  public var kernel: AxisNumbers
  /// By how much the window moves from one place to the next.
  public var stride: AxisNumbers = 1
  /// What stands around the larger of input and output: zeros.
  public var padding = Padding.valid
  /// The distance between neighbours of the window.
  public var dilation: AxisNumbers = 1
  /// Into how many parts channels are divided, each convolved by itself; as many as channels is depthwise.
  public var groups = 1
  /// What is applied to the weighted sums.
  public var activation = ActivationFunction.identity
  /// Whether each filter adds a number of its own.
  public var usesBias = true
  /// nil for the one that suits the activation; see `ActivationFunction.standardInitializer`.
  public var weightInitializer: Initializer?
  /// How the first biases are chosen.
  public var biasInitializer = Initializer.zeros
  /// nil for an automatic name.
  public var name: String?

  /// A convolution with usual values for all else.
  public init(filters: Int, kernel: AxisNumbers) {
    self.filters = filters
    self.kernel = kernel
  }

  static let keys = [
    "filters", "kernel", "stride", "padding", "dilation", "groups", "activation", "usesBias", "weightInitializer",
    "biasInitializer", "name",
  ]

  init(_ description: DescriptionReader) throws {
    self.init(filters: try description.value("filters"), kernel: try description.value("kernel"))
    stride = try description.value("stride", default: stride)
    padding = try description.value("padding", default: padding)
    dilation = try description.value("dilation", default: dilation)
    groups = try description.value("groups", default: groups)
    activation = try description.choice("activation", default: activation)
    usesBias = try description.value("usesBias", default: usesBias)
    weightInitializer = try description.optional("weightInitializer")
    biasInitializer = try description.value("biasInitializer", default: biasInitializer)
    name = try description.optional("name")
  }

  func write(to description: inout DescriptionWriter) {
    description.set("filters", filters)
    description.set("kernel", kernel)
    description.set("stride", stride == 1 ? nil : stride)
    description.set("padding", padding == .valid ? nil : padding)
    description.set("dilation", dilation == 1 ? nil : dilation)
    description.set("groups", groups == 1 ? nil : groups)
    description.set("activation", activation == .identity ? nil : activation.rawValue)
    description.set("usesBias", usesBias ? nil : false)
    description.set("weightInitializer", weightInitializer)
    description.set("biasInitializer", biasInitializer == .zeros ? nil : biasInitializer)
    description.set("name", name)
  }

  /// The input as the window takes it, once it is clear that channels can be divided into groups.
  /// - Throws: `LayerError`.
  func checked(_ input: Tensor, kind: String, in context: LayerContext) throws -> Tensor {
    let input = try context.spatialInput(input, rank: windowRank(kernel), kind: kind)
    let channels = input.shape[input.rank - 1]
    guard filters > 0 else { throw context.error("a \(kind) layer needs at least 1 filter, not \(filters)") }
    guard groups > 0, channels % groups == 0, filters % groups == 0 else {
      throw context.error(
        "\(channels) channels and \(filters) filters cannot be divided into \(groups) groups; choose a number that "
          + "divides both")
    }
    return input
  }

  /// The parameter `weight`, `[kernel..., inputs, outputs]`, for an input of so many channels.
  func weight(
    _ extents: [Int], _ inputs: Int, _ outputs: Int, channels: Int, in context: LayerContext
  ) throws -> Tensor {
    let shape = Shape(extents + [inputs, outputs])
    guard shape.isValid else { throw context.error("weights of shape \(shape) are too large") }
    return try context.parameter(
      "weight", shape: shape, role: .weight, initializer: weightInitializer ?? activation.standardInitializer,
      fanIn: fan(extents, channels), fanOut: fan(extents, filters))
  }

  /// How many numbers a window sees of so many channels, of which each group sees its own.
  func fan(_ extents: [Int], _ channels: Int) -> Int { extents.reduce(1, *) * (channels / groups) }

  /// What follows the weighted sums: the parameter `bias` and the activation.
  func finish(_ sums: Tensor, _ extents: [Int], channels: Int, in context: LayerContext) throws -> Tensor {
    guard usesBias else { return activation(sums) }
    return activation(
      sums + (try context.parameter(
        "bias", shape: [filters], role: .bias, initializer: biasInitializer, fanIn: fan(extents, channels),
        fanOut: fan(extents, filters))))
  }
}

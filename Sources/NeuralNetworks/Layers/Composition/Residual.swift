/// What its layers compute, added to their input: `f(layers(x) + shortcut(x))`.
///
/// ```swift
/// Residual(activation: .relu) {
///   Dense(16, activation: .relu)
///   Dense(16)
/// }
/// ```
///
/// Where the layers change the shape, a shortcut of layers changes that of the input too. Its parts are called `body`
/// and `shortcut`. Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2016).
public struct Residual: UnaryLayer {
  public static let kind = "residual"
  /// What computes the difference to the input.
  public var layers: [any Layer] { boxes.map(\.layer) }
  /// What the input passes on its way to the sum; empty where it is added as it is.
  public var shortcut: [any Layer] { shortcutBoxes.map(\.layer) }
  /// What is applied to the sum.
  public let activation: ActivationFunction
  /// nil for an automatic name.
  public let name: String?
  private let boxes: [AnyLayer]
  private let shortcutBoxes: [AnyLayer]

  /// The layers that the closures list, in order, whose output must be of the shape of the shortcut's.
  public init(
    activation: ActivationFunction = .identity, name: String? = nil, @LayerBuilder layers: () -> [any Layer],
    @LayerBuilder shortcut: () -> [any Layer] = { [] }
  ) {
    self.init(layers(), shortcut: shortcut(), activation: activation, name: name)
  }

  /// The layers of lists, for networks that are put together by a program.
  public init(
    _ layers: [any Layer], shortcut: [any Layer] = [], activation: ActivationFunction = .identity,
    name: String? = nil
  ) {
    boxes = layers.map { AnyLayer($0) }
    shortcutBoxes = shortcut.map { AnyLayer($0) }
    self.activation = activation
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let difference = try context.apply(Sequential(layers, name: "body"), to: input)
    let base = shortcut.isEmpty ? input : try context.apply(Sequential(shortcut, name: "shortcut"), to: input)
    guard difference.shape == base.shape else {
      throw context.error(
        "the layers give \(difference.type), which cannot be added to \(base.type); "
          + "let a shortcut change the input to the same shape")
    }
    return activation(difference + base)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["layers", "shortcut", "activation", "name"]])
    boxes = try description.value("layers")
    shortcutBoxes = try description.value("shortcut", default: [])
    activation = try description.choice("activation", default: .identity)
    name = try description.optional("name")
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("layers", boxes)
    description.set("shortcut", shortcutBoxes.isEmpty ? nil : shortcutBoxes)
    description.set("activation", activation == .identity ? nil : activation.rawValue)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

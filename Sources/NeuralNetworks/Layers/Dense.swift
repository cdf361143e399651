/// Every output is a weighted sum of every input, plus a bias, through an activation: `f(x W + b)`.
///
/// Input `[batch, features]`, output `[batch, units]`; with axes between them, such as time, the same for each place
/// along them. Parameters `weight` `[features, units]` and `bias` `[units]`.
public struct Dense: UnaryLayer {
  public static let kind = "dense"
  /// The number of outputs.
  public let units: Int
  /// What is applied to the weighted sums.
  public let activation: ActivationFunction
  /// Whether each unit adds a number of its own.
  public let usesBias: Bool
  /// nil for the one that suits the activation; see `ActivationFunction.standardInitializer`.
  public let weightInitializer: Initializer?
  /// How the first biases are chosen.
  public let biasInitializer: Initializer
  /// nil for an automatic name.
  public let name: String?

  /// A layer of so many units, at least 1, which is checked when it is traced, as is the input's shape.
  public init(
    _ units: Int, activation: ActivationFunction = .identity, usesBias: Bool = true,
    weightInitializer: Initializer? = nil, biasInitializer: Initializer = .zeros, name: String? = nil
  ) {
    self.units = units
    self.activation = activation
    self.usesBias = usesBias
    self.weightInitializer = weightInitializer
    self.biasInitializer = biasInitializer
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard units > 0 else { throw context.error("a dense layer needs at least 1 unit, not \(units)") }
    guard input.rank >= 2, input.elementType == .float32 else {
      throw context.error(
        "a dense layer takes float32 [batch, ..., features], but its input is \(input.type); give it real numbers with "
          + "two axes or more")
    }
    let features = input.shape[input.rank - 1]
    let places = Array(input.shape.dimensions.dropLast())
    let weight = try context.parameter(
      "weight", shape: [features, units], role: .weight,
      initializer: weightInitializer ?? activation.standardInitializer, fanIn: features, fanOut: units)
    var sum = context.weightedSum(input.reshaped(to: [places.reduce(1, *), features]), weight)
    if usesBias {
      sum += try context.parameter(
        "bias", shape: [units], role: .bias, initializer: biasInitializer, fanIn: features, fanOut: units)
    }
    return activation(sum).reshaped(to: Shape(places + [units]))
  }

  private static let keys = ["units", "activation", "usesBias", "weightInitializer", "biasInitializer", "name"]

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: Self.keys])
    self.init(
      try description.value("units"),
      activation: try description.choice("activation", default: .identity),
      usesBias: try description.value("usesBias", default: true),
      weightInitializer: try description.optional("weightInitializer"),
      biasInitializer: try description.value("biasInitializer", default: .zeros),
      name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("units", units)
    description.set("activation", activation == .identity ? nil : activation.rawValue)
    description.set("usesBias", usesBias ? nil : false)
    description.set("weightInitializer", weightInitializer)
    description.set("biasInitializer", biasInitializer == .zeros ? nil : biasInitializer)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

/// Sets each element to zero with probability `rate` while training, and divides the others by `1 - rate` so that their
/// expectation stays; passes its input on in use.
///
/// Which elements are dropped is a function of the seed, the layer's path and the step counter, so that a resumed run
/// draws the same. Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout" (2014), in its
/// inverted form.
public struct Dropout: UnaryLayer {
  public static let kind = "dropout"
  /// The probability with which an element is dropped, in [0, 1).
  public let rate: Double
  /// nil for an automatic name.
  public let name: String?

  /// A layer that drops elements at a rate in [0, 1), which is checked when it is traced.
  public init(_ rate: Double, name: String? = nil) {
    self.rate = rate
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try context.dropout(input, rate: rate, maskShape: input.shape)
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["rate", "name"]])
    self.init(try description.value("rate"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("rate", rate)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

extension LayerContext {
  /// The input times a mask of a shape that repeats to the input's, while training.
  /// - Throws: `LayerError` when the rate is out of range.
  func dropout(_ input: Tensor, rate: Double, maskShape: Shape) throws -> Tensor {
    guard rate >= 0, rate < 1 else {
      throw error("the dropout rate must be at least 0 and less than 1, not \(rate)")
    }
    guard mode == .training, rate > 0 else { return input }
    return input * dropoutMask(maskShape, rate: rate, step: step, seed: seed, stream: randomStream)
  }
}

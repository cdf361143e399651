import RealModule

/// Adds to each place of a sequence a vector that says where it is; `[batch, time, features]`, the shape stays.
public struct PositionalEmbedding: UnaryLayer {
  public static let kind = "positionalEmbedding"

  /// Where the vectors come from.
  public enum Form: String, Hashable, Codable, Sendable, CaseIterable {
    /// The parameter `weight`, `[length, features]`.
    case learned
    /// Sines and cosines of the place divided by powers of 10,000; see `sinusoids`.
    case sinusoidal
  }

  /// The greatest number of places.
  public let length: Int
  /// Where the vectors come from.
  public let form: Form
  /// How learned vectors start.
  public let initializer: Initializer
  /// nil for an automatic name.
  public let name: String?

  /// The first positions of GPT-2.
  public static let standardInitializer = Initializer.normal(mean: 0, deviation: 0.02)

  /// A layer for sequences of at most `length` places.
  public init(
    length: Int, _ form: Form = .learned, initializer: Initializer = PositionalEmbedding.standardInitializer,
    name: String? = nil
  ) {
    self.length = length
    self.form = form
    self.initializer = initializer
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard input.rank == 3, input.elementType == .float32 else {
      throw context.error("a positional embedding takes float32 [batch, time, features], not \(input.type)")
    }
    let (time, features) = (context.place?.length ?? input.shape[1], input.shape[2])
    guard time <= length else {
      throw context.error("a sequence of \(time) places is longer than the \(length) that there are positions for")
    }
    switch form {
    case .sinusoidal:
      return input + context.rowsOfPlaces(context.graph.constant(Self.sinusoids(time, features)))
    case .learned:
      let table = try context.parameter(
        "weight", shape: [length, features], role: .weight, initializer: initializer, fanIn: length, fanOut: features)
      return input + context.rowsOfPlaces(table.sliced(0..<time, alongAxis: 0))
    }
  }

  /// `[time, features]`: `sin(t / 10000^(2i / features))` at feature `2i`, the cosine of the same at `2i + 1`.
  /// Source: Vaswani et al., "Attention is all you need" (2017).
  public static func sinusoids(_ time: Int, _ features: Int) -> ShapedArray<Double> {
    ShapedArray(shape: [time, features], unchecked: (0..<time).flatMap { place in
      (0..<features).map { feature in
        let angle = Double(place) * Double.exp(-Double.log(10_000) * Double(feature / 2 * 2) / Double(features))
        return feature.isMultiple(of: 2) ? Double.sin(angle) : Double.cos(angle)
      }
    })
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(
      decoder, of: "layer", keys: [Self.kind: ["length", "form", "initializer", "name"]])
    self.init(
      length: try description.value("length"), try description.choice("form", default: .learned),
      initializer: try description.value("initializer", default: Self.standardInitializer),
      name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("length", length)
    description.set("form", form == .learned ? nil : form.rawValue)
    description.set("initializer", initializer == Self.standardInitializer ? nil : initializer)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

/// All products of up to `degree` features: a dense layer behind it is polynomial regression.
///
/// Input `[batch, features]`, output `[batch, terms]`: of degree 1, then 2 and so on,
/// `C(features + degree, degree) - 1` terms in all, for the constant one is the dense layer's bias. It has no
/// parameters.
public struct PolynomialFeatures: UnaryLayer {
  public static let kind = "polynomialFeatures"
  /// The greatest number of terms, beyond which a layer is refused.
  public static let greatestTermCount = 100_000
  /// How many features a product has at most.
  public let degree: Int
  /// nil for an automatic name.
  public let name: String?

  /// A layer of products of up to `degree` features, at least 1, which is checked when it is traced.
  public init(degree: Int, name: String? = nil) {
    self.degree = degree
    self.name = name
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    guard degree >= 1 else { throw context.error("the degree of a polynomial must be at least 1, not \(degree)") }
    guard input.rank == 2, input.elementType == .float32 else {
      throw context.error("polynomial features take float32 [batch, features], but the input is \(input.type)")
    }
    guard Self.termCount(features: input.shape[1], degree: degree) <= Double(Self.greatestTermCount) else {
      throw context.error(
        "a polynomial of degree \(degree) in \(input.shape[1]) features has more than \(Self.greatestTermCount) terms; "
          + "use a lower degree or fewer features")
    }
    guard input.shape[1] > 0 else { return input }
    var levels = [input]
    // Products are in blocks by their last feature; block i of a level ends at `ends[i]`.
    var ends = Array(1...input.shape[1])
    for _ in 1..<degree {
      let previous = levels[levels.count - 1]
      let blocks = ends.indices.map { feature in
        input.sliced(feature..<feature + 1, alongAxis: 1) * previous.sliced(0..<ends[feature], alongAxis: 1)
      }
      levels.append(blocks[0].concatenated(with: Array(blocks.dropFirst()), alongAxis: 1))
      ends = ends.indices.map { feature in ends[0...feature].reduce(0, +) }
    }
    return levels[0].concatenated(with: Array(levels.dropFirst()), alongAxis: 1)
  }

  /// `C(features + degree, degree) - 1`.
  static func termCount(features: Int, degree: Int) -> Double {
    var count = 1.0
    for step in 0..<min(features, degree) {
      count *= (Double(features) + Double(degree) - Double(step)) / Double(step + 1)
      if count > 1e12 { return count }
    }
    return count.rounded() - 1
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["degree", "name"]])
    self.init(degree: try description.value("degree"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    var description = DescriptionWriter(Self.kind)
    description.set("degree", degree)
    description.set("name", name)
    try description.write(to: encoder)
  }
}

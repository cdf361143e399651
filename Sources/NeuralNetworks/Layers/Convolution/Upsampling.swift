/// Enlarges by whole factors: `[batch, spatial..., channels]` becomes `[batch, factor · spatial..., channels]`.
public struct Upsampling: UnaryLayer {
  /// What stands between the elements of the input.
  public enum Method: String, Hashable, Codable, Sendable, CaseIterable {
    /// Each element is repeated.
    case nearest
    /// Straight lines between the centres of elements, and beyond the outermost ones their own values. They are
    /// products with a matrix of shares, of which most are 0: an infinite element or a NaN makes a NaN of all of its
    /// line.
    case linear
  }

  public static let kind = "upsampling"
  /// How much longer each axis becomes; a single number is for both axes of images.
  public let factor: AxisNumbers
  /// What stands between the elements of the input.
  public let method: Method
  /// nil for an automatic name.
  public let name: String?

  /// A layer without parameters; what cannot be used is an error when it is traced.
  public init(_ factor: AxisNumbers = 2, method: Method = .nearest, name: String? = nil) {
    (self.factor, self.method, self.name) = (factor, method, name)
  }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    let input = try context.spatialInput(input, rank: windowRank(factor), kind: kind)
    let factors = try factor.resolved("factor", rank: input.rank - 2, least: 1, in: context)
    let results = zip(input.spatialExtents, factors).map { $0.multipliedReportingOverflow(by: $1) }
    guard results.allSatisfy({ !$0.overflow && $0.partialValue <= 1 << 26 }) else {
      throw context.error("an input of extents \(input.spatialExtents) cannot become \(factors) times as long")
    }
    switch method {
    case .nearest: return repeated(input, factors)
    case .linear:
      guard zip(results, input.spatialExtents).allSatisfy({ $0.partialValue * $1 <= 1 << 26 }) else {
        throw context.error("an input of extents \(input.spatialExtents) is too large for linear upsampling")
      }
      return input.spatialAxes.reduce(input) { tensor, axis in
        let (extent, factor) = (tensor.shape[axis], factors[axis - 1])
        return factor == 1 || extent == 0 ? tensor
          : tensor.multiplied(by: interpolation(extent, factor), alongAxis: axis)
      }
    }
  }

  /// Each element repeated along axes of its own, which are then joined with those before them.
  private func repeated(_ input: Tensor, _ factors: [Int]) -> Tensor {
    let (batch, channels) = (input.shape[0], input.shape[input.rank - 1])
    let extents = input.spatialExtents
    let apart = Shape([batch] + extents.flatMap { [$0, 1] } + [channels])
    let spread = Shape([batch] + zip(extents, factors).flatMap { [$0, $1] } + [channels])
    return input.reshaped(to: apart).broadcast(to: spread)
      .reshaped(to: Shape([batch] + zip(extents, factors).map { $0 * $1 } + [channels]))
  }

  /// The shares of the input's elements in each of the result's: element `k` stands at `(k + ½) / factor - ½`.
  private func interpolation(_ extent: Int, _ factor: Int) -> [[Double]] {
    (0..<extent * factor).map { result in
      let place = max(0, (Double(result) + 0.5) / Double(factor) - 0.5)
      let first = min(Int(place), extent - 1)
      let share = place - Double(first)
      var shares = [Double](repeating: 0, count: extent)
      shares[first] += 1 - share
      shares[min(first + 1, extent - 1)] += share
      return shares
    }
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["factor", "method", "name"]])
    self.init(
      try description.value("factor", default: 2), method: try description.choice("method", default: .nearest),
      name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws {
    try describe(to: encoder) { description in
      description.set("factor", factor)
      description.set("method", method == .nearest ? nil : method.rawValue)
    }
  }
}

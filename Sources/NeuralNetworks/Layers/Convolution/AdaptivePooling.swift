/// Means over windows that are chosen so that there are as many as asked for, whatever the input's extents.
///
/// Input `[batch, spatial..., channels]`, output `[batch, size..., channels]`. Window `k` of `size` along an axis of
/// `extent` elements goes from `k · extent / size`, rounded down, to before `(k + 1) · extent / size`, rounded up.
///
/// Where extents are no multiples of the sizes, means are products with a matrix of shares, of which most are 0: an
/// infinite element or a NaN then makes a NaN of all means of its line, rather than of those of its windows.
public struct AdaptiveAveragePooling: UnaryLayer {
  public static let kind = "adaptiveAveragePooling"
  /// The output's extents; a single number is a square of an image.
  public let size: AxisNumbers
  /// nil for an automatic name.
  public let name: String?

  /// A layer without parameters; what cannot be used is an error when it is traced.
  public init(_ size: AxisNumbers, name: String? = nil) { (self.size, self.name) = (size, name) }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try adapt(input, size, context) { input, extents, window in
      input.averagePooled(extents, window)
    } uneven: { input, windows in
      windows.enumerated().reduce(input) { tensor, axis in
        let extent = tensor.shape[axis.offset + 1]
        let matrix = axis.element.map { window in
          (0..<extent).map { window.contains($0) ? 1 / Double(window.count) : 0 }
        }
        return tensor.multiplied(by: matrix, alongAxis: axis.offset + 1)
      }
    }
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["size", "name"]])
    self.init(try description.value("size"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws { try describe(to: encoder) { $0.set("size", size) } }
}

/// The largest elements of windows that are chosen so that there are as many as asked for, whatever the input's
/// extents; see `AdaptiveAveragePooling` for the windows.
public struct AdaptiveMaxPooling: UnaryLayer {
  public static let kind = "adaptiveMaxPooling"
  /// The output's extents; a single number is a square of an image.
  public let size: AxisNumbers
  /// nil for an automatic name.
  public let name: String?

  /// A layer without parameters; what cannot be used is an error when it is traced.
  public init(_ size: AxisNumbers, name: String? = nil) { (self.size, self.name) = (size, name) }

  public func apply(_ input: Tensor, in context: LayerContext) throws -> Tensor {
    try adapt(input, size, context) { input, extents, window in
      input.maxPooled(extents, window)
    } uneven: { input, windows in
      // Windows are laid side by side and made equally long by naming their last element again, which does not change
      // the largest.
      let lengths = windows.map { axis in axis.map(\.count).max() ?? 1 }
      let apart = windows.indices.reduce(input) { tensor, axis in
        let places = windows[axis].flatMap { window in
          (0..<lengths[axis]).map { Double(min(window.lowerBound + $0, window.upperBound - 1)) }
        }
        return tensor.gathering(tensor.graph.constant(ShapedArray(places), .int32), alongAxis: axis + 1)
      }
      return apart.maxPooled(lengths, SlidingWindow(strides: lengths))
    }
  }

  public init(from decoder: any Decoder) throws {
    let description = try DescriptionReader(decoder, of: "layer", keys: [Self.kind: ["size", "name"]])
    self.init(try description.value("size"), name: try description.optional("name"))
  }

  public func encode(to encoder: any Encoder) throws { try describe(to: encoder) { $0.set("size", size) } }
}

extension Layer {
  /// Pools to given extents: as usual where they divide the input's, else by the windows along each axis.
  fileprivate func adapt(
    _ input: Tensor, _ size: AxisNumbers, _ context: LayerContext,
    even: (Tensor, [Int], SlidingWindow) -> Tensor, uneven: (Tensor, [[Range<Int>]]) -> Tensor
  ) throws -> Tensor {
    let input = try context.spatialInput(input, rank: windowRank(size), kind: kind)
    let inputs = input.spatialExtents
    let results = try size.resolved("size", rank: inputs.count, least: 1, in: context)
    guard inputs.allSatisfy({ (1...1 << 30).contains($0) }), zip(inputs, results).allSatisfy({ $0 * $1 <= 1 << 26 })
    else { throw context.error("an input of extents \(inputs) cannot be pooled to \(results)") }
    if zip(inputs, results).allSatisfy({ $0 % $1 == 0 }) {
      let extents = zip(inputs, results).map { $0 / $1 }
      return even(input, extents, SlidingWindow(strides: extents))
    }
    return uneven(input, zip(inputs, results).map { extent, count in
      (0..<count).map { $0 * extent / count..<(($0 + 1) * extent + count - 1) / count }
    })
  }
}

/// The extents of an array along each of its axes, outermost first; `[]` is a scalar.
public struct Shape: Hashable, Codable, Sendable {
  /// The extents, outermost axis first.
  public let dimensions: [Int]

  /// A shape of any extents; `isValid` says whether an array can have it.
  public init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  /// The shape without axes, of one element.
  public static let scalar = Shape([])

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The number of elements: the product of the extents, 1 for a scalar.
  public var count: Int { dimensions.reduce(1, *) }

  /// Whether every extent is non-negative and the number of elements fits what can be addressed, empty axes left aside
  /// (so that strides fit too).
  public var isValid: Bool {
    var count = 1
    for extent in dimensions {
      guard extent >= 0 else { return false }
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, product <= 1 << 48 else { return false }
      count = product
    }
    return true
  }

  /// The extent along an axis, which must exist; see `axis(_:)` for one that may not.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The distance in elements between neighbours along each axis of a row-major array.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// The axis counted from the front, for one that may be counted from the back (-1 is the last); nil when there is
  /// none.
  public func axis(_ axis: Int) -> Int? {
    let resolved = axis < 0 ? axis + rank : axis
    return dimensions.indices.contains(resolved) ? resolved : nil
  }

  /// Without one of the axes, which must exist.
  public func removing(axis: Int) -> Shape {
    var remaining = dimensions
    remaining.remove(at: axis)
    return Shape(remaining)
  }

  /// Whether an array of this shape can be repeated to `target`: axes are aligned at the end, and each extent is equal
  /// or 1.
  public func canBroadcast(to target: Shape) -> Bool {
    guard rank <= target.rank else { return false }
    let offset = target.rank - rank
    return dimensions.indices.allSatisfy {
      dimensions[$0] == target[$0 + offset] || dimensions[$0] == 1
    }
  }

  /// The smallest shape that both can be repeated to, or nil when extents disagree.
  public func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let (long, short) = rank >= other.rank ? (self, other) : (other, self)
    let offset = long.rank - short.rank
    var result = long.dimensions
    for axis in short.dimensions.indices {
      let (a, b) = (long[axis + offset], short[axis])
      guard a == b || a == 1 || b == 1 else { return nil }
      result[axis + offset] = a == 1 ? b : a
    }
    return Shape(result)
  }

  /// The strides with which an array of this shape is read as if it were of shape `target`: 0 along repeated axes.
  public func broadcastStrides(to target: Shape) -> [Int] {
    let own = strides
    let offset = target.rank - rank
    return target.dimensions.indices.map { axis in
      axis < offset || dimensions[axis - offset] == 1 ? 0 : own[axis - offset]
    }
  }
}

/// A shape is written as the plain list of its extents.
extension Shape {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode([Int].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(dimensions)
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// The extents as a literal, `[2, 3]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  public var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }
}

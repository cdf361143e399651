/// Concrete values: a row-major array with a shape.
public struct ShapedArray<Scalar: Sendable>: Sendable {
  /// The extents along each axis.
  public let shape: Shape
  /// The elements, the last axis running fastest; as many as `shape.count`, which is why other packages change them
  /// one by one, by `subscript(element:)`.
  public package(set) var scalars: [Scalar]

  /// - Throws: `ShapedArrayError` when the number of scalars is not the number of elements of the shape.
  public init(shape: Shape, scalars: [Scalar]) throws {
    guard shape.isValid, scalars.count == shape.count else {
      throw ShapedArrayError(shape: shape, scalarCount: scalars.count)
    }
    self.init(shape: shape, unchecked: scalars)
  }

  /// For callers that have just made `scalars` to fit `shape`.
  package init(shape: Shape, unchecked scalars: [Scalar]) {
    assert(scalars.count == shape.count)
    self.shape = shape
    self.scalars = scalars
  }

  /// An array of one value throughout.
  public init(repeating scalar: Scalar, shape: Shape) {
    self.init(shape: shape, unchecked: Array(repeating: scalar, count: shape.count))
  }

  /// An array of rank 0.
  public init(scalar: Scalar) {
    self.init(shape: .scalar, unchecked: [scalar])
  }

  /// An array of rank 1.
  public init(_ scalars: [Scalar]) {
    self.init(shape: [scalars.count], unchecked: scalars)
  }

  /// An element, counted in row-major order; as with an array's, there must be one.
  public subscript(element index: Int) -> Scalar {
    get { scalars[index] }
    set { scalars[index] = newValue }
  }

  /// An array of the same shape with every element transformed.
  public func map<T>(_ transform: (Scalar) throws -> T) rethrows -> ShapedArray<T> {
    ShapedArray<T>(shape: shape, unchecked: try scalars.map(transform))
  }
}

extension ShapedArray: Equatable where Scalar: Equatable {}
extension ShapedArray: Hashable where Scalar: Hashable {}

extension ShapedArray: Codable where Scalar: Codable {
  private enum Key: CodingKey { case shape, scalars }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    try self.init(
      shape: values.decode(Shape.self, forKey: .shape),
      scalars: values.decode([Scalar].self, forKey: .scalars))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(shape, forKey: .shape)
    try values.encode(scalars, forKey: .scalars)
  }
}

/// The number of scalars is not the number of elements of the shape.
public struct ShapedArrayError: Error, CustomStringConvertible, Equatable {
  /// The shape that was asked for.
  public let shape: Shape
  /// The number of values that were given.
  public let scalarCount: Int

  public var description: String {
    shape.isValid
      ? "shape \(shape) has \(shape.count) elements, but \(scalarCount) values were given"
      : "shape \(shape) is not valid: extents must be non-negative and their product addressable"
  }
}

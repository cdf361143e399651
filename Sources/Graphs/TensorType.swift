@_exported import Tensors

/// What is known of a tensor before any number is: its shape and its element type.
public struct TensorType: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The extents along each axis.
  public let shape: Shape
  /// What the elements are.
  public let elementType: ElementType

  /// A type of float32 elements, unless said otherwise.
  public init(_ shape: Shape, _ elementType: ElementType = .float32) {
    self.shape = shape
    self.elementType = elementType
  }

  /// The number of elements.
  public var count: Int { shape.count }

  /// The size in bytes on the CPU backend.
  public var byteCount: Int { shape.count * elementType.byteCount }

  public var description: String { "\(elementType.rawValue)\(shape)" }
}

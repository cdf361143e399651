/// What one element of a tensor is.
///
/// The reference backend holds every element as a `Double`, which represents each of these exactly.
public enum ElementType: String, Hashable, Codable, Sendable, CaseIterable {
  /// Real numbers: `Float` on the CPU backend, `Double` on the reference.
  case float32
  /// Integers (labels, indices, counters), wrapping at 32 bits.
  case int32
  /// 0 or 1, one byte each.
  case bool
  /// Real numbers of 8 significant bits, two bytes each: the upper half of a `Float`. Only the compiler makes them, of
  /// what products and convolutions multiply.
  case bfloat16

  /// The size of an element in bytes on the CPU backend.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .bfloat16: 2
    case .bool: 1
    }
  }

  /// Whether values of a graph may be given in it.
  public var isGiven: Bool { self != .bfloat16 }

  /// Whether a number is one that elements of this type can be.
  public func canHold(_ scalar: Double) -> Bool {
    switch self {
    case .float32: true
    case .int32: Int32(exactly: scalar) != nil
    case .bool: scalar == 0 || scalar == 1
    case .bfloat16: scalar.isNaN || scalar.roundedToBfloat16 == scalar
    }
  }
}

extension Double {
  /// The number of type bfloat16 that is nearest to that of the nearest `Float`, or of two as near the one that ends
  /// in 0; numbers beyond its range become infinite.
  public var roundedToBfloat16: Double {
    guard !isNaN else { return self }
    let bits = Float(self).bitPattern
    return Double(Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000))
  }
}

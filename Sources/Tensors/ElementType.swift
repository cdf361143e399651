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

  /// The size of an element in bytes on the CPU backend.
  public var byteCount: Int { self == .bool ? 1 : 4 }

  /// Whether a number is one that elements of this type can be.
  public func canHold(_ scalar: Double) -> Bool {
    switch self {
    case .float32: true
    case .int32: Int32(exactly: scalar) != nil
    case .bool: scalar == 0 || scalar == 1
    }
  }
}

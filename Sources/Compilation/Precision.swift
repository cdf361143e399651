/// In which numbers a program multiplies.
public enum Precision: String, Hashable, Codable, Sendable, CaseIterable {
  /// All in Float32.
  case float32
  /// What matrix products and convolutions multiply is rounded to bfloat16 first, in derivatives too; sums, and
  /// everything else, stay in Float32, weights included. For processors with instructions for it.
  case bfloat16
  /// The same roundings on processors without such instructions: to see what they do, not to gain time.
  case emulatedBfloat16

  /// Whether factors are rounded.
  public var isRounded: Bool { self != .float32 }
}

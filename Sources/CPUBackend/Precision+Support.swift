import CKernels
import Compilation

extension Precision {
  /// What this processor lacks to compute so; nil where it lacks nothing.
  public var missingInstructions: String? {
    switch (self, ck_bfloat16_support()) {
    case (.float32, _), (_, CK_SUPPORTED), (.emulatedBfloat16, CK_EMULATED): nil
    case (.bfloat16, _): "AVX512_BF16 or AMX_BF16"
    default: "AVX-512"
    }
  }

  /// What to use where this processor lacks instructions for it, in words; never another one that it lacks them for.
  public var substitute: String {
    self == .bfloat16 && Precision.emulatedBfloat16.missingInstructions == nil
      ? "float32, or emulatedBfloat16 to see what the rounding does to an accuracy, without the speed" : "float32"
  }
}

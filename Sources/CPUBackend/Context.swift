import CKernels

/// Owns the C structures that a kernel's context points to.
final class Context {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// A copy of a value that lives as long as the context.
  func keep<Value>(_ value: Value) -> UnsafeMutablePointer<Value> {
    keep([value])
  }

  /// A copy of an array that lives as long as the context.
  func keep<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
    pointer.initialize(from: values, count: values.count)
    blocks.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }
}

extension BoundKernel {
  /// A kernel whose context is one C structure.
  init<Value>(_ function: @escaping Function, _ value: Value) {
    let context = Context()
    self.init(function: function, context: UnsafeRawPointer(context.keep(value)), owner: context)
  }
}

/// A C array of fixed length, as which Swift sees `int64_t[CK_MAX_RANK]`.
typealias Axes = (Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64)

/// The first eight numbers, with zeros for what is missing.
func axes(_ numbers: [Int]) -> Axes {
  func at(_ index: Int) -> Int64 { index < numbers.count ? Int64(numbers[index]) : 0 }
  return (at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
}

/// The largest rank that kernels take, after axes have been merged.
let largestRank = Int(CK_MAX_RANK)

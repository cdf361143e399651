import CKernels
import Compilation

/// A strided array in memory, in elements.
struct StridedArray {
  var offset = 0
  var strides: [Int]
}

extension Lowering {
  func broadcast() -> PreparedKernel? {
    let target = step.results[0].shape
    let source = StridedArray(strides: step.operands[0].shape.broadcastStrides(to: target))
    return copies([(target, source, StridedArray(strides: target.strides))])
  }

  func transpose(_ transpose: Transpose) -> PreparedKernel? {
    let strides = step.operands[0].shape.strides
    let target = step.results[0].shape
    let source = StridedArray(strides: transpose.permutation.map { strides[$0] })
    return copies([(target, source, StridedArray(strides: target.strides))])
  }

  func slice(_ slice: Slice) -> PreparedKernel? {
    let strides = step.operands[0].shape.strides
    let target = step.results[0].shape
    let source = StridedArray(
      offset: zip(slice.starts, strides).reduce(0) { $0 + $1.0 * $1.1 },
      strides: target.dimensions.indices.map { target[$0] > 1 ? strides[$0] * slice.strides[$0] : 0 })
    return copies([(target, source, StridedArray(strides: target.strides))])
  }

  func pad(_ pad: Pad) -> PreparedKernel? {
    let (source, strides) = (step.operands[0].shape, step.results[0].shape.strides)
    let target = StridedArray(
      offset: zip(pad.low, strides).reduce(0) { $0 + $1.0 * $1.1 },
      strides: source.dimensions.indices.map { source[$0] > 1 ? strides[$0] * (pad.interior[$0] + 1) : 0 })
    return copies([(source, StridedArray(strides: source.strides), target)], fill: pad.value)
  }

  func concatenate(_ concatenate: Concatenate) -> PreparedKernel? {
    let strides = step.results[0].shape.strides
    var start = 0
    return copies(step.operands.map { operand in
      defer { start += operand.shape[concatenate.axis] }
      let target = StridedArray(offset: start * strides[concatenate.axis], strides: strides)
      return (operand.shape, StridedArray(strides: operand.shape.strides), target)
    })
  }

  /// A kernel that copies each operand to its part of the result, after filling the result where that leaves gaps.
  private func copies(
    _ parts: [(shape: Shape, source: StridedArray, destination: StridedArray)], fill: Double? = nil
  ) -> PreparedKernel? {
    let type = step.results[0]
    let merged = parts.map { MergedCopy($0.shape, $0.source, $0.destination) }
    guard merged.allSatisfy({ $0.extents.count <= largestRank }) else { return nil }
    let workers = workers(work: type.count)
    return PreparedKernel(cost: cost(operations: 0), implementation: fill == nil ? "copy" : "fill, copy") { buffers in
      guard let destination = buffers.results[0] else { return [] }
      var kernels: [BoundKernel] = []
      if let fill {
        kernels.append(BoundKernel(ck_run_fill, ck_fill(
          count: Int64(type.count), element_bytes: Int32(type.elementType.byteCount),
          bits: bits(fill, type.elementType), destination: destination)))
      }
      for (index, part) in merged.enumerated() where part.count > 0 {
        let byteCount = type.elementType.byteCount
        kernels.append(BoundKernel(ck_run_copy, ck_copy(
          rank: Int32(part.extents.count), element_bytes: Int32(byteCount), workers: workers,
          extents: axes(part.extents), source_strides: axes(part.source.strides),
          destination_strides: axes(part.destination.strides),
          source: buffers.operands[index] + part.source.offset * byteCount,
          destination: destination + part.destination.offset * byteCount)))
      }
      return kernels
    }
  }

  /// A plain copy of a whole array.
  static func copyKernel(
    from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, _ type: TensorType
  ) -> BoundKernel {
    BoundKernel(ck_run_copy, ck_copy(
      rank: 1, element_bytes: Int32(type.elementType.byteCount), workers: 1, extents: axes([type.count]),
      source_strides: axes([1]), destination_strides: axes([1]), source: source, destination: destination))
  }
}

/// The bits of an element as kernels fill with them.
private func bits(_ scalar: Double, _ type: ElementType) -> UInt32 {
  switch type {
  case .float32: Float(scalar).bitPattern
  case .bfloat16: Float(scalar.roundedToBfloat16).bitPattern >> 16
  case .int32: UInt32(bitPattern: Int32(clamping: Int(scalar)))
  case .bool: scalar == 0 ? 0 : 1
  }
}

/// A strided copy with axes merged where both sides allow it.
struct MergedCopy {
  private(set) var extents: [Int] = []
  private(set) var source: StridedArray
  private(set) var destination: StridedArray
  var count: Int { extents.reduce(1, *) }

  init(_ shape: Shape, _ from: StridedArray, _ to: StridedArray) {
    source = StridedArray(offset: from.offset, strides: [])
    destination = StridedArray(offset: to.offset, strides: [])
    for axis in shape.dimensions.indices where shape[axis] != 1 {
      let last = extents.count - 1
      let (extent, step, stride) = (shape[axis], from.strides[axis], to.strides[axis])
      if last >= 0, source.strides[last] == step * extent, destination.strides[last] == stride * extent {
        extents[last] *= extent
        source.strides[last] = step
        destination.strides[last] = stride
      } else {
        extents.append(extent)
        source.strides.append(step)
        destination.strides.append(stride)
      }
    }
    if extents.isEmpty {
      extents = [1]
      source.strides = [1]
      destination.strides = [1]
    }
  }
}

/// Calls `body` with the offset in elements of each position of `shape` in row-major order, when moving one along axis
/// `k` moves by `strides[k]`. The iteration keeps its own counter, so that no index is divided.
@inlinable
public func forEachOffset(in shape: Shape, strides: [Int], start: Int = 0, _ body: (Int) throws -> Void) rethrows {
  guard shape.count > 0 else { return }
  let rank = shape.rank
  guard rank > 0 else { return try body(start) }
  var position = [Int](repeating: 0, count: rank)
  var offset = start
  while true {
    try body(offset)
    var axis = rank - 1
    while true {
      position[axis] += 1
      offset += strides[axis]
      if position[axis] < shape[axis] { break }
      offset -= strides[axis] * shape[axis]
      position[axis] = 0
      axis -= 1
      if axis < 0 { return }
    }
  }
}

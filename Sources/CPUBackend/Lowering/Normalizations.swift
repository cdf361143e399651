import CKernels
import Compilation

extension Lowering {
  func normalization(_ normalization: Normalization, hasReLU: Bool) -> PreparedKernel? {
    guard var shape = normalizationShape(normalization, columns: step.operands[1].shape) else { return nil }
    shape.has_relu = hasReLU ? 1 : 0
    return prepare(shape, "normalization", hasReLU, ck_run_normalization, inPlace: [(result: 0, operand: 0)]) {
      [shape] buffers in
      var context = shape
      (context.source, context.scale, context.shift) = (
        Self.floats(buffers, 0), Self.floats(buffers, 1), Self.floats(buffers, 2)
      )
      (context.destination, context.mean, context.variance) = (
        Self.result(buffers, 0), Self.result(buffers, 1), Self.result(buffers, 2)
      )
      return context
    }
  }

  func normalizationGradient(_ gradient: NormalizationGradient, hasReLU: Bool) -> PreparedKernel? {
    let normalization = gradient.normalization
    guard let shape = normalizationShape(normalization, columns: step.operands[3].shape) else { return nil }
    return prepare(
      shape, "normalization gradient", hasReLU, ck_run_normalization_gradient, inPlace: [(result: 0, operand: 4)]
    ) { [shape] buffers in
      var context = shape
      context.source = Self.floats(buffers, 0)
      context.mean = UnsafeMutablePointer(mutating: Self.floats(buffers, 1))
      context.variance = UnsafeMutablePointer(mutating: Self.floats(buffers, 2))
      context.scale = Self.floats(buffers, 3)
      context.cotangent = Self.floats(buffers, 4)
      if hasReLU { context.output = Self.floats(buffers, 5) }
      (context.destination, context.scale_cotangent, context.shift_cotangent) = (
        Self.result(buffers, 0), Self.result(buffers, 1), Self.result(buffers, 2)
      )
      return context
    }
  }

  private func prepare(
    _ shape: ck_normalization, _ name: String, _ hasReLU: Bool, _ function: @escaping BoundKernel.Function,
    inPlace: [(result: Int, operand: Int)], context: @escaping (Buffers) -> ck_normalization
  ) -> PreparedKernel {
    let scratchByteCount = Int(withUnsafePointer(to: shape, ck_normalization_scratch)) * 4
    return PreparedKernel(
      scratchByteCount: scratchByteCount, inPlace: inPlace, cost: cost(operations: 8 * step.operands[0].count),
      implementation: hasReLU ? "\(name) with relu" : name
    ) { buffers in
      var context = context(buffers)
      context.scratch = buffers.scratch.assumingMemoryBound(to: Float.self)
      return [BoundKernel(function, context)]
    }
  }

  private static func floats(_ buffers: Buffers, _ index: Int) -> UnsafePointer<Float> {
    buffers.operands[index].assumingMemoryBound(to: Float.self)
  }

  private static func result(_ buffers: Buffers, _ index: Int) -> UnsafeMutablePointer<Float>? {
    buffers.results[index]?.assumingMemoryBound(to: Float.self)
  }

  /// The operand as `[outer, rows, groups, inner]`; nil where the axes do not lie so.
  private func normalizationShape(_ normalization: Normalization, columns: Shape) -> ck_normalization? {
    let x = step.operands[0].shape
    let isReduced = x.dimensions.indices.map { normalization.axes.contains($0) || x[$0] == 1 }
    func divide(_ range: Range<Int>) -> (Int, Int)? {
      let start = range.first { normalization.axes.contains($0) } ?? range.upperBound
      guard isReduced[start..<range.upperBound].allSatisfy({ $0 }) else { return nil }
      return (
        x.dimensions[range.lowerBound..<start].reduce(1, *), x.dimensions[start..<range.upperBound].reduce(1, *)
      )
    }
    let split = x.rank - columns.rank
    guard x.count > 0, let (outer, rows) = divide(0..<split), let (groups, inner) = divide(split..<x.rank) else {
      return nil
    }
    var shape = ck_normalization()
    (shape.outer, shape.rows, shape.groups, shape.inner) = (Int64(outer), Int64(rows), Int64(groups), Int64(inner))
    shape.is_centered = normalization.isCentered ? 1 : 0
    shape.workers = workers(work: x.count / 2)
    shape.epsilon = Float(normalization.epsilon)
    return shape
  }
}

/// The derivative of average pooling: spreads each element in equal parts over its window.
///
/// The cotangent `[batch, positions..., channels]` gives `[batch, spatial..., channels]`.
public struct AveragePoolGradient: Operation {
  public static let name = "averagePoolGradient"
  /// What it is the derivative of.
  public let pool: AveragePool
  /// Of the input, along the spatial axes: a stride leaves open what they were.
  public let extents: [Int]

  /// Takes one float32 operand of the pooled shape, which is checked when it is appended.
  public init(_ pool: AveragePool, extents: [Int]) {
    self.pool = pool
    self.extents = extents
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 1 else { throw ShapeError("takes 1 operand, not \(operands.count)") }
    let shape = operands[0].shape
    let spatial = try spatialExtents(shape)
    guard extents.allSatisfy({ $0 >= 0 }) else { throw ShapeError("the extents \(extents) are negative") }
    let input = TensorType(inputShape(shape), operands[0].elementType)
    guard try pooledShape([input], pool.extents, pool.window).spatial == spatial else {
      throw ShapeError("an input of extents \(extents) would not be pooled to \(spatial)")
    }
    return [input]
  }

  private func inputShape(_ shape: Shape) -> Shape { Shape([shape[0]] + extents + [shape[shape.rank - 1]]) }

  public func pullback(_ step: PullbackStep) throws -> [Tensor?] { [.apply(pool, to: step.cotangent)] }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let cotangent = operands[0]
    var result = ShapedArray<Double>(repeating: 0, shape: inputShape(cotangent.shape))
    pool.forEachShare(result.shape, cotangent.shape) { from, to, share in
      result.scalars[to] += share * cotangent.scalars[from]
    }
    return [result]
  }

  public static var samples: [OperationSample] {
    AveragePool.samples.compactMap { sample in
      guard let pool = sample.operation as? AveragePool, let extents = sample.operands[0].shape.spatial,
        let type = try? pool.resultTypes(for: sample.operandTypes).first
      else { return nil }
      return OperationSample(AveragePoolGradient(pool, extents: extents), [sampleValues(type.shape)])
    }
  }
}

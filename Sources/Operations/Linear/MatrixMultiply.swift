/// The matrix product of the last two axes, either operand transposed first if asked; axes before them are a batch and
/// are repeated to each other as `Broadcast` does.
///
/// `[..., m, k] x [..., k, n] -> [..., m, n]`
public struct MatrixMultiply: Operation {
  public static let name = "matrixMultiply"
  /// Whether the left matrices are given as `[k, m]`.
  public let transposesLeft: Bool
  /// Whether the right matrices are given as `[n, k]`.
  public let transposesRight: Bool

  /// Takes two float32 operands of rank 2 or more; `matrixMultiply` appends it.
  public init(transposesLeft: Bool = false, transposesRight: Bool = false) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
  }

  /// The extents of a product that fits.
  public struct Extents: Hashable, Sendable {
    /// The axes before the matrices.
    public let batch: Shape
    /// m
    public let rows: Int
    /// k, which is summed over.
    public let inner: Int
    /// n
    public let columns: Int
  }

  /// - Throws: `ShapeError` when the operands do not fit.
  public func extents(_ left: Shape, _ right: Shape) throws -> Extents {
    guard left.rank >= 2, right.rank >= 2 else {
      throw ShapeError("operands need at least two axes, but are \(left) and \(right)")
    }
    let (m, k) = lastTwo(left, transposed: transposesLeft)
    let (inner, n) = lastTwo(right, transposed: transposesRight)
    guard k == inner else {
      let product = "\(describe(left, transposesLeft)) times \(describe(right, transposesRight))"
      throw ShapeError("the inner extents differ: \(product) has \(k) and \(inner)")
    }
    let (a, b) = (Shape(Array(left.dimensions.dropLast(2))), Shape(Array(right.dimensions.dropLast(2))))
    guard let batch = a.broadcast(with: b) else {
      throw ShapeError("the batch axes \(a) and \(b) cannot be repeated to each other")
    }
    return Extents(batch: batch, rows: m, inner: k, columns: n)
  }

  private func lastTwo(_ shape: Shape, transposed: Bool) -> (Int, Int) {
    let (a, b) = (shape[shape.rank - 2], shape[shape.rank - 1])
    return transposed ? (b, a) : (a, b)
  }

  private func describe(_ shape: Shape, _ transposed: Bool) -> String {
    transposed ? "\(shape) transposed" : "\(shape)"
  }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    try requireFactors(operands)
    let extents = try extents(operands[0].shape, operands[1].shape)
    return [TensorType(Shape(extents.batch.dimensions + [extents.rows, extents.columns]))]
  }

  /// For `c = a b`: `ā = c̄ bᵀ` and `b̄ = aᵀ c̄`, each transposed again where the operand was, and summed over a batch
  /// that it was repeated along.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (a, b, c) = (step.operands[0], step.operands[1], step.cotangent)
    func gradient(_ needed: Bool, like operand: Tensor, _ product: () -> Tensor) -> Tensor? {
      needed ? product().summed(toBatchOf: operand) : nil
    }
    let left = gradient(step.isNeeded[0], like: a) {
      transposesLeft
        ? matrixMultiply(b, c, transposesLeft: transposesRight, transposesRight: true)
        : matrixMultiply(c, b, transposesRight: !transposesRight)
    }
    let right = gradient(step.isNeeded[1], like: b) {
      transposesRight
        ? matrixMultiply(c, a, transposesLeft: true, transposesRight: transposesLeft)
        : matrixMultiply(a, c, transposesLeft: !transposesLeft)
    }
    return [left, right]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let (left, right) = (operands[0], operands[1])
    let e = try extents(left.shape, right.shape)
    var result = [Double](repeating: 0, count: e.batch.count * e.rows * e.columns)
    let (ls, rs) = (transposesLeft ? (1, e.rows) : (e.inner, 1), transposesRight ? (1, e.inner) : (e.columns, 1))
    let batchStrides = { (shape: Shape) -> [Int] in
      Shape(Array(shape.dimensions.dropLast(2))).broadcastStrides(to: e.batch)
    }
    var leftMatrices: [Int] = []
    forEachOffset(in: e.batch, strides: batchStrides(left.shape)) { leftMatrices.append($0 * e.rows * e.inner) }
    var rightMatrices: [Int] = []
    forEachOffset(in: e.batch, strides: batchStrides(right.shape)) { rightMatrices.append($0 * e.inner * e.columns) }
    var out = 0
    for (l, r) in zip(leftMatrices, rightMatrices) {
      for i in 0..<e.rows {
        for j in 0..<e.columns {
          var sum = 0.0
          for k in 0..<e.inner {
            sum += left.scalars[l + i * ls.0 + k * ls.1] * right.scalars[r + k * rs.0 + j * rs.1]
          }
          result[out] = sum
          out += 1
        }
      }
    }
    return [ShapedArray(shape: Shape(e.batch.dimensions + [e.rows, e.columns]), unchecked: result)]
  }

  public static var samples: [OperationSample] {
    func array(_ shape: Shape, _ seed: Int) -> ShapedArray<Double> {
      ShapedArray(shape: shape, unchecked: (0..<shape.count).map { Double(($0 * 7 + seed * 5) % 11) / 4 - 1.25 })
    }
    return [
      OperationSample(MatrixMultiply(), [array([2, 3], 1), array([3, 4], 2)]),
      OperationSample(MatrixMultiply(transposesLeft: true), [array([3, 2], 1), array([3, 4], 2)]),
      OperationSample(MatrixMultiply(transposesRight: true), [array([2, 3], 1), array([4, 3], 2)]),
      OperationSample(
        MatrixMultiply(transposesLeft: true, transposesRight: true), [array([3, 2], 1), array([4, 3], 2)]),
      OperationSample(MatrixMultiply(), [array([2, 2, 3], 1), array([2, 3, 2], 2)]),
      OperationSample(MatrixMultiply(transposesRight: true), [array([2, 2, 3], 1), array([5, 3], 2)]),
      OperationSample(MatrixMultiply(transposesLeft: true), [array([3, 1], 1), array([2, 1, 3, 2], 2)]),
      OperationSample(MatrixMultiply(), [array([1, 17], 1), array([17, 1], 2)]),
      OperationSample(MatrixMultiply(), [array([0, 3], 1), array([3, 2], 2)]),
      OperationSample(MatrixMultiply(), [array([2, 0], 1), array([0, 2], 2)]),
    ]
  }
}

/// The matrix product of the last two axes; see `MatrixMultiply`.
public func matrixMultiply(
  _ a: Tensor, _ b: Tensor, transposesLeft: Bool = false, transposesRight: Bool = false
) -> Tensor {
  .apply(MatrixMultiply(transposesLeft: transposesLeft, transposesRight: transposesRight), to: a, b)
}

extension Tensor {
  /// Sums away the batch axes that `operand` was repeated along.
  fileprivate func summed(toBatchOf operand: Tensor) -> Tensor {
    let offset = rank - operand.rank
    let axes = shape.dimensions.indices.dropLast(2).filter {
      $0 < offset || operand.shape[$0 - offset] != shape[$0]
    }
    return axes.isEmpty ? self : sum(alongAxes: axes).reshaped(to: operand.shape)
  }
}

/// - Throws: `ShapeError` unless there are two operands to multiply: both of float32, or both rounded to bfloat16.
func requireFactors(_ operands: [TensorType]) throws {
  guard operands.count == 2 else { throw ShapeError("takes 2 operands, not \(operands.count)") }
  guard operands[0].elementType == operands[1].elementType, [.float32, .bfloat16].contains(operands[0].elementType)
  else { throw ShapeError("the operands must be float32") }
}

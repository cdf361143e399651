/// What attention and its gradient have in common: which operands there are, and which keys a query may attend to.
///
/// Queries, keys and values are `[batch, time, width]`, where `width` is `heads` times the channels of a head; or they
/// come packed, one after the other along the last axis, `[batch, time, 3 width]`, as one product makes them.
public struct AttentionForm: Hashable, Codable, Sendable {
  /// The number of heads, into which the last axis is divided.
  public let heads: Int
  /// What products of queries and keys are multiplied by.
  public let scale: Double
  /// Whether query `i` attends to the keys `0...i` only.
  public let isCausal: Bool
  /// Whether queries, keys and values are one operand.
  public let isPacked: Bool
  /// Whether a further operand, bool `[batch, keys]`, says which keys may be attended to.
  public let hasMask: Bool

  /// Nothing is checked before an operation of this form is appended.
  public init(heads: Int, scale: Double, isCausal: Bool = false, isPacked: Bool = false, hasMask: Bool = false) {
    self.heads = heads
    self.scale = scale
    self.isCausal = isCausal
    self.isPacked = isPacked
    self.hasMask = hasMask
  }

  /// How many operands hold queries, keys and values.
  public var sourceCount: Int { isPacked ? 1 : 3 }
  /// How many operands there are, the mask included.
  public var operandCount: Int { sourceCount + (hasMask ? 1 : 0) }

  /// The extents of operands that fit.
  public struct Extents: Hashable, Sendable {
    /// The number of examples.
    public let batch: Int
    /// The number of queries of an example.
    public let queries: Int
    /// The number of keys, and of values, of an example.
    public let keys: Int
    /// The number of channels of a query and of a key, in one head.
    public let channels: Int
    /// The number of channels of a value, in one head.
    public let valueChannels: Int
  }

  /// - Throws: `ShapeError` when the operands do not fit.
  public func extents(_ operands: [TensorType]) throws -> Extents {
    guard operands.count == operandCount else {
      throw ShapeError("takes \(operandCount) operands, not \(operands.count)")
    }
    let sources = operands[..<sourceCount]
    guard sources.allSatisfy({ $0.elementType == .float32 && $0.shape.rank == 3 }) else {
      throw ShapeError("queries, keys and values must be float32 [batch, time, width]")
    }
    guard heads > 0 else { throw ShapeError("the number of heads is \(heads)") }
    let shapes = isPacked ? [sources[0].shape, sources[0].shape, sources[0].shape] : sources.map(\.shape)
    guard shapes.allSatisfy({ $0[0] == shapes[0][0] }), shapes[1][1] == shapes[2][1], shapes[0][2] == shapes[1][2]
    else {
      throw ShapeError(
        "queries \(shapes[0]), keys \(shapes[1]) and values \(shapes[2]) must have one batch; queries and keys one "
          + "width, keys and values one time")
    }
    let parts = isPacked ? 3 * heads : heads
    for shape in shapes where !shape[2].isMultiple(of: parts) {
      throw ShapeError("a width of \(shape[2]) cannot be divided into \(isPacked ? "3 times " : "")\(heads) heads")
    }
    let extents = Extents(
      batch: shapes[0][0], queries: shapes[0][1], keys: shapes[1][1], channels: shapes[0][2] / parts,
      valueChannels: shapes[2][2] / parts)
    if hasMask {
      guard operands[sourceCount] == TensorType([extents.batch, extents.keys], .bool) else {
        throw ShapeError(
          "the mask must be bool[\(extents.batch), \(extents.keys)], but is \(operands[sourceCount])")
      }
    }
    return extents
  }

  /// Calls `body` for each example and head with the places in the operands of its first query, key and value, and
  /// with whether a query may attend to a key.
  func forEachHead(
    _ e: Extents, mask: [Double], _ body: (Head) -> Void
  ) {
    for batch in 0..<e.batch {
      for head in 0..<heads {
        body(Head(form: self, extents: e, mask: mask, batch: batch, head: head))
      }
    }
  }

  /// One head of one example: where its numbers lie.
  struct Head {
    let form: AttentionForm
    let extents: Extents
    let mask: [Double]
    let batch, head: Int

    func query(_ time: Int, _ channel: Int) -> Int { place(0, time, extents.queries, channel, extents.channels) }
    func key(_ time: Int, _ channel: Int) -> Int { place(1, time, extents.keys, channel, extents.channels) }
    func value(_ time: Int, _ channel: Int) -> Int { place(2, time, extents.keys, channel, extents.valueChannels) }

    /// In the result, which is never packed.
    func output(_ time: Int, _ channel: Int) -> Int {
      ((batch * extents.queries + time) * form.heads + head) * extents.valueChannels + channel
    }

    /// In numbers a query, `[batch, heads, queries]`.
    func row(_ time: Int) -> Int { (batch * form.heads + head) * extents.queries + time }

    func mayAttend(_ query: Int, _ key: Int) -> Bool {
      (!form.isCausal || key <= query) && (!form.hasMask || mask[batch * extents.keys + key] != 0)
    }

    private func place(_ part: Int, _ time: Int, _ times: Int, _ channel: Int, _ channels: Int) -> Int {
      let row = batch * times + time
      let parts = form.isPacked ? 3 * row + part : row
      return (parts * form.heads + head) * channels + channel
    }
  }
}

// MARK: In tensors, for derivatives of second order and for weights that are changed

extension AttentionForm {
  /// Queries, keys and values as `[batch, heads, time, channels]`.
  func split(_ operands: [Tensor]) -> [Tensor] {
    let sources =
      isPacked
      ? (0..<3).map { part in
        let width = operands[0].shape[2] / 3
        return operands[0].sliced((part * width)..<((part + 1) * width), alongAxis: 2)
      } : Array(operands[..<sourceCount])
    return sources.map(divided)
  }

  /// `[batch, time, width]` as `[batch, heads, time, channels]`.
  func divided(_ tensor: Tensor) -> Tensor {
    let shape = tensor.shape
    return tensor.reshaped(to: [shape[0], shape[1], heads, shape[2] / heads]).transposed(permutation: [0, 2, 1, 3])
  }

  /// The reverse of `split`.
  func joined(_ parts: [Tensor]) -> [Tensor] {
    let whole = parts.map { part in
      let shape = part.shape
      return part.transposed(permutation: [0, 2, 1, 3]).reshaped(to: [shape[0], shape[2], shape[1] * shape[3]])
    }
    return isPacked ? [whole[0].concatenated(with: Array(whole[1...]), alongAxis: 2)] : whole
  }

  /// The weights of values, `exp(scale q kᵀ - lse)` where a query may attend and 0 elsewhere: `[batch, heads, queries,
  /// keys]`; the softmax of the products where no logarithms are given.
  func weights(_ q: Tensor, _ k: Tensor, mask: Tensor?, logSumExp: Tensor?) -> Tensor {
    let shape: Shape = [q.shape[0], heads, q.shape[2], k.shape[2]]
    let products = matrixMultiply(q, k, transposesRight: true) * scale
    let allowed = allowed(shape, mask: mask, in: q.graph)
    // The exponential of so much less than nothing is 0.
    func masked(_ tensor: Tensor, _ other: Double) -> Tensor { allowed.map { select($0, tensor, other) } ?? tensor }
    if let logSumExp {
      return exp(masked(products - logSumExp.reshaped(to: Shape(logSumExp.shape.dimensions + [1])), -1e30))
    }
    // Where nothing may be attended to, the softmax is not 0 by itself.
    return masked(softmax(masked(products, -1e30)), 0)
  }

  /// Which query may attend to which key, bool of a shape `[batch, heads, queries, keys]`; nil where every one may.
  private func allowed(_ shape: Shape, mask: Tensor?, in graph: Graph) -> Tensor? {
    let (queries, keys) = (shape[2], shape[3])
    let isUnmasked = mask?.reshaped(to: [shape[0], 1, 1, keys]).broadcast(to: shape)
    guard isCausal else { return isUnmasked }
    let order = (0..<queries).flatMap { i in (0..<keys).map { $0 <= i ? 1.0 : 0.0 } }
    let isBefore = graph.constant(ShapedArray(shape: [queries, keys], unchecked: order), .bool).broadcast(to: shape)
    return isUnmasked.map { select(isBefore, $0, $0.constantLike(0)) } ?? isBefore
  }
}

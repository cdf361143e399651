import RealModule

/// Each query's mean of the values, weighted by the softmax of its products with the keys, in several heads:
/// `softmax(scale q kᵀ) v`.
///
/// Operands: queries, keys and values, or all three packed, and the mask that the form may have. Results: the means,
/// `[batch, queries, width of the values]`, and the logarithm of each softmax's denominator, `[batch, heads, queries]`.
/// A query that may attend to no key gets zeros, for both.
///
/// Source: Vaswani et al., "Attention is all you need" (2017).
public struct ScaledDotProductAttention: Operation {
  public static let name = "scaledDotProductAttention"
  /// Which operands there are, and which keys a query may attend to.
  public let form: AttentionForm

  /// `scaledDotProductAttention` appends it.
  public init(_ form: AttentionForm) { self.form = form }

  public var resultCount: Int { 2 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    let e = try form.extents(operands)
    return [
      TensorType([e.batch, e.queries, form.heads * e.valueChannels]), TensorType([e.batch, form.heads, e.queries]),
    ]
  }

  /// See `AttentionGradient`, which computes the weights anew from the logarithms of the denominators. A cotangent of
  /// those adds a multiple of the weights to that of the products, as does the sum of each output times its cotangent.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (output, logSumExp) = (step.results[0], step.results[1])
    let cotangent = step.cotangents[0] ?? output.constantLike(0)
    let heads: Shape = [output.shape[0], output.shape[1], form.heads, output.shape[2] / max(form.heads, 1)]
    var offset = (output * cotangent).reshaped(to: heads).sum(alongAxes: [3]).transposed(permutation: [0, 2, 1])
    if let ofLogarithm = step.cotangents[1] { offset = offset - ofLogarithm }
    let gradients = output.graph.apply(AttentionGradient(form), to: step.operands + [logSumExp, cotangent, offset])
    return gradients + (form.hasMask ? [nil] : [])
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let types = try resultTypes(for: form.types(of: operands))
    let e = try form.extents(form.types(of: operands))
    var output = ShapedArray<Double>(repeating: 0, shape: types[0].shape)
    var logarithms = ShapedArray<Double>(repeating: 0, shape: types[1].shape)
    let sources = form.sources(operands)
    form.forEachHead(e, mask: form.hasMask ? operands[form.sourceCount].scalars : []) { head in
      for query in 0..<e.queries {
        let keys = (0..<e.keys).filter { head.mayAttend(query, $0) }
        guard !keys.isEmpty else { continue }
        let products = keys.map { key in
          form.scale
            * (0..<e.channels).reduce(0) { $0 + sources[0][head.query(query, $1)] * sources[1][head.key(key, $1)] }
        }
        let largest = products.max() ?? 0
        let exponentials = products.map { Double.exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        logarithms.scalars[head.row(query)] = largest + .log(sum)
        for (key, exponential) in zip(keys, exponentials) {
          for channel in 0..<e.valueChannels {
            output.scalars[head.output(query, channel)] += exponential / sum * sources[2][head.value(key, channel)]
          }
        }
      }
    }
    return [output, logarithms]
  }

  public static var samples: [OperationSample] { attentionSamples { ScaledDotProductAttention($0) } }
}

extension AttentionForm {
  func types(of operands: [ShapedArray<Double>]) -> [TensorType] {
    operands.prefix(operandCount).enumerated().map { TensorType($1.shape, $0 == sourceCount ? .bool : .float32) }
  }

  /// The numbers of queries, keys and values.
  func sources(_ operands: [ShapedArray<Double>]) -> [[Double]] {
    isPacked ? Array(repeating: operands[0].scalars, count: 3) : operands[..<3].map(\.scalars)
  }
}

/// Samples of attention in all its forms, at odd sizes.
/// - Parameter more: what follows queries, keys, values and mask, for the extents.
func attentionSamples(
  _ more: (AttentionForm, AttentionForm.Extents) -> [ShapedArray<Double>] = { _, _ in [] },
  _ operation: (AttentionForm) -> any Operation
) -> [OperationSample] {
  func sample(
    _ form: AttentionForm, _ shapes: [Shape], mask: [Double] = [], from lower: Double = -1, isSmooth: Bool = true,
    note: String = ""
  ) -> OperationSample? {
    var operands = shapes.enumerated().map { sampleValues($1, seed: $0, from: lower, to: 1) }
    let keys = shapes.last?[1] ?? 0
    if form.hasMask { operands.append(ShapedArray(shape: [mask.count / max(keys, 1), keys], unchecked: mask)) }
    guard let extents = try? form.extents(form.types(of: operands)) else { return nil }
    operands += more(form, extents)
    return OperationSample(
      operation(form), operands,
      elementTypes: operands.indices.map { form.hasMask && $0 == form.sourceCount ? .bool : .float32 },
      isSmooth: isSmooth, note: note)
  }
  return [
    sample(AttentionForm(heads: 1, scale: 1.1), [[1, 3, 2], [1, 4, 2], [1, 4, 3]], note: "cross"),
    sample(AttentionForm(heads: 2, scale: 0.5, isCausal: true), [[2, 3, 4], [2, 3, 4], [2, 3, 4]]),
    sample(AttentionForm(heads: 2, scale: 0.5, isCausal: true, isPacked: true), [[1, 3, 12]], note: "packed"),
    sample(AttentionForm(heads: 1, scale: 1, isPacked: true), [[2, 1, 3]], note: "thin"),
    sample(
      AttentionForm(heads: 1, scale: 0.7, hasMask: true), [[2, 2, 3], [2, 3, 3], [2, 3, 2]],
      mask: [1, 1, 0, 0, 0, 0], note: "one example has nothing to attend to"),
    sample(
      AttentionForm(heads: 2, scale: 0.7, isCausal: true, isPacked: true, hasMask: true), [[1, 3, 6]], mask: [0, 1, 1]),
    sample(AttentionForm(heads: 1, scale: 1), [[0, 3, 2], [0, 3, 2], [0, 3, 2]], note: "empty"),
    sample(
      AttentionForm(heads: 1, scale: 0.3, isCausal: true), [[1, 37, 17], [1, 37, 17], [1, 37, 17]], from: 0.1,
      isSmooth: false, note: "long; terms of derivatives nearly cancel"),
  ].compactMap { $0 }
}

/// Attention of queries to keys and values; see `ScaledDotProductAttention`.
/// - Parameters:
///   - queries: `[batch, time, width]`; or queries, keys and values one after the other along the last axis, `[batch,
///     time, 3 width]`.
///   - keysAndValues: each `[batch, time, width]`; none where they come with the queries.
///   - heads: into how many parts, of equal widths, queries, keys and values are divided.
///   - scale: what products of queries and keys are multiplied by; one over the root of a head's channels when nil.
///   - isCausal: whether query `i` attends to the keys `0...i` only.
///   - mask: bool `[batch, keys]`: the keys that may be attended to; all when nil.
///   - changingWeights: what is done to the weights `[batch, heads, queries, keys]` before the mean, such as dropout.
///     They are then computed as tensors of that size, which is slower.
/// - Returns: `[batch, queries, width of the values]`.
public func scaledDotProductAttention(
  _ queries: Tensor, _ keysAndValues: [Tensor] = [], heads: Int = 1, scale: Double? = nil, isCausal: Bool = false,
  mask: Tensor? = nil, changingWeights: ((Tensor) -> Tensor)? = nil
) -> Tensor {
  let sources = [queries] + keysAndValues
  let width = (queries.shape.dimensions.last ?? 1) / (sources.count == 1 ? 3 : 1)
  let form = AttentionForm(
    heads: heads, scale: scale ?? 1 / Double(max(1, width / max(heads, 1))).squareRoot(), isCausal: isCausal,
    isPacked: sources.count == 1, hasMask: mask != nil)
  let operands = sources + (mask.map { [$0] } ?? [])
  let output = queries.graph.apply(ScaledDotProductAttention(form), to: operands)[0]
  // The operation has checked the shapes, and is left out where nothing uses it.
  guard let changingWeights, queries.graph.failure == nil else { return output }
  let parts = form.split(sources)
  let weights = changingWeights(form.weights(parts[0], parts[1], mask: mask, logSumExp: nil))
  let means = matrixMultiply(weights, parts[2]).transposed(permutation: [0, 2, 1, 3])
  return means.reshaped(to: output.shape)
}

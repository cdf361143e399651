import RealModule

/// The derivative of `ScaledDotProductAttention`, which computes the weights anew rather than keep them.
///
/// Operands: those of attention, then the logarithms of the denominators `[batch, heads, queries]`, the cotangent of
/// the output `[batch, queries, width]` and an offset `[batch, heads, queries]`. With
/// `P = exp(scale q kᵀ - logarithms)` and `D = P (cotangent vᵀ - offset)`, results are the cotangents of the queries,
/// `scale D k`, of the keys, `scale Dᵀ q`, and of the values, `Pᵀ cotangent`; packed if the operands are.
///
/// Source: Dao, Fu, Ermon, Rudra and Ré, "FlashAttention" (2022), appendix B.
public struct AttentionGradient: Operation {
  public static let name = "attentionGradient"
  /// That of the attention.
  public let form: AttentionForm

  /// The pullback of `ScaledDotProductAttention` appends it.
  public init(_ form: AttentionForm) { self.form = form }

  public var resultCount: Int { form.sourceCount }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == form.operandCount + 3 else {
      throw ShapeError("takes \(form.operandCount + 3) operands, not \(operands.count)")
    }
    let results = try ScaledDotProductAttention(form).resultTypes(for: Array(operands[..<form.operandCount]))
    guard Array(operands[form.operandCount...]) == [results[1], results[0], results[1]] else {
      throw ShapeError(
        "logarithms, cotangent and offset must be \(results[1]), \(results[0]) and \(results[1]), but are "
          + operands[form.operandCount...].map { "\($0)" }.joined(separator: ", "))
    }
    return Array(operands[..<form.sourceCount])
  }

  /// With the cotangents `a`, `b`, `c` of the three results, `U = scale (a kᵀ + q bᵀ)`, `T = P U` and
  /// `V = P (U (cotangent vᵀ - offset) + cotangent cᵀ)`, products of `P` being element by element:
  /// `q̄ = scale (V k + D b)`, `k̄ = scale (Vᵀ q + Dᵀ a)`, `v̄ = Tᵀ cotangent`, and of what follows them minus the row
  /// sums of `V`, `T v + P c`, and minus the row sums of `T`.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let sources = form.split(step.operands)
    let (q, k, v) = (sources[0], sources[1], sources[2])
    let rest = Array(step.operands[form.operandCount...])
    let (logSumExp, cotangent) = (rest[0], form.divided(rest[1]))
    let offset = rest[2].reshaped(to: Shape(rest[2].shape.dimensions + [1]))
    let seeds = zip(step.cotangents, step.results).map { $0 ?? $1.constantLike(0) }
    let cotangents = form.split(seeds)
    let (a, b, c) = (cotangents[0], cotangents[1], cotangents[2])

    let weights = form.weights(
      q, k, mask: form.hasMask ? step.operands[form.sourceCount] : nil, logSumExp: logSumExp)
    let difference = matrixMultiply(cotangent, v, transposesRight: true) - offset
    let ofProducts = weights * difference
    let ofThat =
      form.scale * (matrixMultiply(a, k, transposesRight: true) + matrixMultiply(q, b, transposesRight: true))
    let inner = weights * ofThat
    let ofExponents = weights * (ofThat * difference + matrixMultiply(cotangent, c, transposesRight: true))
    let ofSources = form.joined([
      form.scale * (matrixMultiply(ofExponents, k) + matrixMultiply(ofProducts, b)),
      form.scale
        * (matrixMultiply(ofExponents, q, transposesLeft: true) + matrixMultiply(ofProducts, a, transposesLeft: true)),
      matrixMultiply(inner, cotangent, transposesLeft: true),
    ])
    let ofCotangent = matrixMultiply(inner, v) + matrixMultiply(weights, c)
    return ofSources + (form.hasMask ? [nil] : []) + [
      -ofExponents.sum(alongAxes: [3]),
      ofCotangent.transposed(permutation: [0, 2, 1, 3]).reshaped(to: rest[1].shape),
      -inner.sum(alongAxes: [3]),
    ]
  }

  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let e = try form.extents(form.types(of: operands))
    let sources = form.sources(operands)
    let rest = operands[form.operandCount...].map(\.scalars)
    let (logarithms, cotangent, offset) = (rest[0], rest[1], rest[2])
    var results = operands[..<form.sourceCount].map { ShapedArray<Double>(repeating: 0, shape: $0.shape) }
    let (ofKeys, ofValues) = form.isPacked ? (0, 0) : (1, 2)
    form.forEachHead(e, mask: form.hasMask ? operands[form.sourceCount].scalars : []) { head in
      for query in 0..<e.queries {
        for key in 0..<e.keys where head.mayAttend(query, key) {
          let product = (0..<e.channels).reduce(0) {
            $0 + sources[0][head.query(query, $1)] * sources[1][head.key(key, $1)]
          }
          let weight = Double.exp(form.scale * product - logarithms[head.row(query)])
          let ofWeight = (0..<e.valueChannels).reduce(0) {
            $0 + cotangent[head.output(query, $1)] * sources[2][head.value(key, $1)]
          }
          let ofProduct = form.scale * weight * (ofWeight - offset[head.row(query)])
          for channel in 0..<e.channels {
            results[0].scalars[head.query(query, channel)] += ofProduct * sources[1][head.key(key, channel)]
            results[ofKeys].scalars[head.key(key, channel)] += ofProduct * sources[0][head.query(query, channel)]
          }
          for channel in 0..<e.valueChannels {
            results[ofValues].scalars[head.value(key, channel)] += weight * cotangent[head.output(query, channel)]
          }
        }
      }
    }
    return results
  }

  public static var samples: [OperationSample] {
    func more(_ form: AttentionForm, _ e: AttentionForm.Extents) -> [ShapedArray<Double>] {
      let rows: Shape = [e.batch, form.heads, e.queries]
      return [
        sampleValues(rows, seed: 4, from: 0.5, to: 1.5),
        sampleValues([e.batch, e.queries, form.heads * e.valueChannels], seed: 5, from: 0.3, to: 1),
        sampleValues(rows, seed: 6, from: -1, to: -0.2),
      ]
    }
    return attentionSamples(more) { AttentionGradient($0) }
  }
}

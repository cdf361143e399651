/// The cosine of the angle between two vectors, along the last axis, which goes: -1 to 1, and 0 where one of them is 0.
///
/// Norms below 1e-8 count as 1e-8, as in PyTorch.
public func cosineSimilarity(_ a: Tensor, _ b: Tensor) -> Tensor {
  func norm(_ vector: Tensor) -> Tensor { sqrt(maximum((vector * vector).sum(alongAxes: [-1]), 1e-16)) }
  return (a * b).sum(alongAxes: [-1]) / (norm(a) * norm(b))
}

/// How much nearer an anchor is to an example of another class than to one of its own, up to a margin: the mean over
/// the batch of `max(0, |a - p| - |a - n| + margin)`, for networks that map examples to points, `[batch, features]`
/// each.
///
/// ```swift
/// let objective = try Objective(
///   inputs: ["anchor": [30, 4], "same": [30, 4], "other": [30, 4]], optimizer: .adam(learningRate: 0.02)
/// ) { context, inputs in
///   func encode(_ name: String) throws -> Tensor {
///     try context.apply(encoder, to: [inputs[name]], sharedAs: "encoder")[0]
///   }
///   return try tripletLoss(anchor: encode("anchor"), positive: encode("same"), negative: encode("other"))
/// }
/// ```
///
/// Source: Schroff, Kalenichenko and Philbin, "FaceNet" (2015), with the distances of PyTorch's `TripletMarginLoss`.
/// - Throws: `LossError` when shapes differ or the margin is not positive.
public func tripletLoss(
  anchor: Tensor, positive: Tensor, negative: Tensor, margin: Double = 1
) throws -> Tensor {
  try anchor.graph.checkFailure()
  guard margin > 0, margin.isFinite else {
    throw LossError("triplet: the margin must be positive and finite, not \(margin)")
  }
  guard anchor.rank == 2, positive.type == anchor.type, negative.type == anchor.type else {
    throw LossError(
      "triplet: anchors, positives and negatives must be [batch, features] alike, but are \(anchor.type), "
        + "\(positive.type) and \(negative.type)")
  }
  // Two points at the same place have no direction from one to the other.
  func distance(_ other: Tensor) -> Tensor {
    let difference = anchor - other + 1e-6
    return sqrt(maximum((difference * difference).sum(alongAxes: [1]), 1e-30))
  }
  return relu(distance(positive) - distance(negative) + margin).mean()
}

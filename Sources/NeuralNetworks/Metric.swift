/// What tells a person how good a network is, as an expression of the graph; unlike a loss it need not have a
/// derivative.
public enum Metric: String, Hashable, Codable, Sendable, CaseIterable {
  /// The share of examples whose class is right, from 0 to 1.
  case accuracy
  /// The mean of `|o - t|` over all elements.
  case meanAbsoluteError
  /// The mean of `(o - t)²` over all elements.
  case meanSquaredError

  /// The metric as a scalar: a mean over the batch, so means of batches are to be weighted with their sizes.
  /// - Parameters:
  ///   - outputs: what the network computes, `[batch, outputs]`.
  ///   - targets: as the loss takes them.
  ///   - loss: what the outputs were trained with, for the threshold of a single output.
  /// - Throws: `LossError` when targets do not fit outputs.
  public func callAsFunction(outputs: Tensor, targets: Tensor, loss: Loss) throws -> Tensor {
    switch self {
    case .accuracy:
      let count = try correctCount(outputs: outputs, targets: targets, loss: loss)
      if isSequence(outputs, targets) { return count / maximum(targetMask(targets).sum(), 1) }
      return count / Double(Swift.max(outputs.shape[0], 1))
    case .meanAbsoluteError: return try Loss.meanAbsoluteError(outputs: outputs, targets: targets)
    case .meanSquaredError: return try Loss.meanSquaredError(outputs: outputs, targets: targets)
    }
  }
}

/// The number of examples whose class is right, as a float32 scalar.
///
/// The class of an example is its greatest output, or with a single output whether it is above the loss's threshold.
/// Targets are class labels, int32 `[batch]` (`[batch, time]` for outputs `[batch, time, classes]`), or real numbers of
/// the outputs' shape that are read in the same way.
/// - Throws: `LossError` when targets do not fit outputs.
public func correctCount(outputs: Tensor, targets: Tensor, loss: Loss) throws -> Tensor {
  try outputs.graph.checkFailure()
  if isSequence(outputs, targets) {
    return (outputs.argmax(alongAxis: -1) .== targets).cast(to: .float32).sum()
  }
  guard outputs.rank == 2 else {
    throw LossError("accuracy: outputs must be [batch, outputs], but are \(outputs.type)")
  }
  let labels = [outputs.shape[0]] as Shape
  let misfit = LossError(
    "accuracy: targets \(targets.type) do not fit outputs \(outputs.type); give class labels int32\(labels)")
  guard targets.shape == outputs.shape || targets.shape == labels else {
    throw misfit
  }
  let isRight: Tensor
  if outputs.shape[1] == 1 {
    let threshold = targets.elementType == .float32 && loss == .hinge ? 0 : 0.5
    let truth = targets.cast(to: .float32).reshaped(to: labels) .> threshold
    let chosen = outputs.reshaped(to: labels) .> loss.decisionThreshold
    isRight = chosen.cast(to: .float32) .== truth.cast(to: .float32)
  } else if targets.elementType == .int32, targets.shape == labels {
    isRight = outputs.argmax(alongAxis: 1) .== targets
  } else if targets.shape == outputs.shape, targets.elementType == .float32 {
    isRight = outputs.argmax(alongAxis: 1) .== targets.argmax(alongAxis: 1)
  } else {
    throw misfit
  }
  return isRight.cast(to: .float32).sum()
}

/// Whether targets are class labels, one for each place of sequences: int32 `[batch, time]` for outputs
/// `[batch, time, classes]`, with any number of axes in the place of time.
func isSequence(_ outputs: Tensor, _ targets: Tensor) -> Bool {
  targets.elementType == .int32 && outputs.rank >= 3
    && outputs.shape.dimensions.dropLast() == targets.shape.dimensions[...]
}

/// 1 where a label of a sequence counts and 0 where it is negative, float32 of the labels' shape.
public func targetMask(_ labels: Tensor) -> Tensor {
  (labels .>= 0).cast(to: .float32)
}

/// The places of sequences as if they were examples of a batch.
struct SequencePlaces {
  /// `[batch * time, classes]`
  let outputs: Tensor
  /// int32 `[batch * time]`, 0 where there is none.
  let labels: Tensor
  /// Whether there is one, bool `[batch * time]`.
  let isCounted: Tensor
  /// `[batch, time]`
  private let shape: Shape

  init(_ outputs: Tensor, _ labels: Tensor) {
    let count = labels.shape.count
    let flat = labels.reshaped(to: [count])
    self.outputs = outputs.reshaped(to: [count, outputs.shape[outputs.rank - 1]])
    self.labels = maximum(flat, flat.constantLike(0))
    isCounted = flat .>= 0
    shape = labels.shape
  }

  /// What is known of each example, `[batch]`, for each place, `[batch * time]`.
  func spread(_ examples: Tensor?) throws -> Tensor? {
    guard let examples else { return nil }
    guard examples.type == TensorType([shape[0]]) else {
      throw LossError("the weights of the examples must be float32 [batch], but are \(examples.type)")
    }
    let column = Shape([shape[0]] + Array(repeating: 1, count: shape.rank - 1))
    return examples.reshaped(to: column).broadcast(to: shape).reshaped(to: labels.shape)
  }
}

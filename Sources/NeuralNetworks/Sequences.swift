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

/// The mean over the labels that count of `-log softmax(o)[label]`; 0 where none does.
func sequenceCrossEntropy(_ outputs: Tensor, _ labels: Tensor) -> Tensor {
  let classes = outputs.shape[outputs.rank - 1]
  let flat = labels.reshaped(to: [labels.shape.count])
  let mask = targetMask(flat)
  let share = mask / maximum(mask.sum(), 1).broadcast(to: flat.shape)
  let losses = softmaxCrossEntropy(
    logits: outputs.reshaped(to: [labels.shape.count, classes]), labels: maximum(flat, flat.constantLike(0))
  ).losses
  return (losses * share).sum()
}

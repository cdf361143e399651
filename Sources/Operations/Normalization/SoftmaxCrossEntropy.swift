import RealModule

/// The cross-entropy of class labels under the softmax of logits, `-ln softmax(x)[label]`, with the probabilities that
/// it passes on its way.
///
/// Operands: logits `[batch, classes]` (float32) and labels `[batch]` (int32). Results: losses `[batch]` and
/// probabilities `[batch, classes]`.
public struct SoftmaxCrossEntropy: Operation {
  public static let name = "softmaxCrossEntropy"

  /// `softmaxCrossEntropy(logits:labels:)` appends it and names its two results.
  public init() {}

  public var resultCount: Int { 2 }

  public func resultTypes(for operands: [TensorType]) throws -> [TensorType] {
    guard operands.count == 2 else { throw ShapeError("takes 2 operands, not \(operands.count)") }
    let (logits, labels) = (operands[0], operands[1])
    guard logits.elementType == .float32, labels.elementType == .int32 else {
      throw ShapeError("the logits must be float32 and the labels int32")
    }
    guard logits.shape.rank == 2, labels.shape.dimensions == [logits.shape[0]] else {
      throw ShapeError(
        "the logits must be [batch, classes] and the labels [batch], but are \(logits.shape) and \(labels.shape)")
    }
    return [TensorType(labels.shape), logits]
  }

  /// Of the losses: `probabilities - oneHot(labels)`, each row times the cotangent of its loss.
  public func pullback(_ step: PullbackStep) throws -> [Tensor?] {
    let (labels, probabilities) = (step.operands[1], step.results[1])
    let (batch, classes) = (probabilities.shape[0], probabilities.shape[1])
    let ofLosses = step.cotangents[0].map { cotangent in
      (probabilities - oneHot(labels, depth: classes)) * cotangent.reshaped(to: [batch, 1])
    }
    let ofProbabilities = step.cotangents[1].map {
      softmaxCotangent(probabilities: probabilities, cotangent: $0, axis: 1)
    }
    guard let ofLosses, let ofProbabilities else { return [ofLosses ?? ofProbabilities, nil] }
    return [ofLosses + ofProbabilities, nil]
  }

  /// - Throws: `ShapeError` when a label is not the number of a class.
  public func evaluate(_ operands: [ShapedArray<Double>]) throws -> [ShapedArray<Double>] {
    let (logits, labels) = (operands[0], operands[1])
    let classes = logits.shape[1]
    var losses: [Double] = []
    for (row, label) in labels.scalars.enumerated() {
      guard let column = Int(exactly: label), (0..<classes).contains(column) else {
        let name = Int(exactly: label).map(String.init) ?? "\(label)"
        throw ShapeError("label \(name) of example \(row) is none of the \(classes) classes")
      }
      let group = logits.scalars[row * classes..<(row + 1) * classes]
      let largest = group.max() ?? 0
      let logarithm = Double.log(group.reduce(0) { $0 + .exp($1 - largest) })
      losses.append(logarithm - (logits.scalars[row * classes + column] - largest))
    }
    return [ShapedArray(losses), mapGroups(of: logits, axis: 1, softmax)]
  }

  public static var samples: [OperationSample] {
    func sample(
      _ logits: ShapedArray<Double>, isSmooth: Bool = true, note: String = ""
    ) -> OperationSample {
      let labels = sampleIndices([logits.shape[0]], below: logits.shape[1], seed: 1)
      return OperationSample(
        SoftmaxCrossEntropy(), [logits, labels], elementTypes: [.float32, .int32], isSmooth: isSmooth, note: note)
    }
    return [
      sample(sampleValues([3, 7])), sample(sampleValues([5, 3])), sample(sampleValues([1, 2])),
      sample(sampleValues([3, 1])), sample(sampleValues([0, 4])),
      sample(ShapedArray(shape: [2, 3], unchecked: [1000, 999, 998, -1000, -999, -1001]), note: "large"),
      sample(
        ShapedArray(shape: [2, 3], unchecked: [0, -.infinity, 1, .nan, 0, 1]), isSmooth: false, note: "special values"),
    ]
  }
}

/// The cross-entropy of `labels` (int32 `[batch]`) under the softmax of `logits` (`[batch, classes]`): the loss of each
/// example `[batch]`, and the probabilities `[batch, classes]`.
public func softmaxCrossEntropy(logits: Tensor, labels: Tensor) -> (losses: Tensor, probabilities: Tensor) {
  let results = logits.graph.apply(SoftmaxCrossEntropy(), to: [logits, labels])
  return (results[0], results[1])
}

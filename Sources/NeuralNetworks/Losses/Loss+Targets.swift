extension Loss {
  /// A network that ends in the function that the loss applies itself would learn badly, without a word.
  func checkLogits(_ outputs: Tensor) throws {
    let last = outputs.graph.definingNode(of: outputs.value).operation
    let isApplied =
      switch self {
      case _ where takesSoftmaxLogits: last is Softmax
      case .binaryCrossEntropy, .sumBinaryCrossEntropy: last is Sigmoid
      default: false
      }
    guard !isApplied else {
      throw LossError(
        "\(kind): the loss takes logits and applies \(last.name) itself; leave the network's last activation out")
    }
  }

  func checkLabels(_ outputs: Tensor, _ labels: Tensor) throws {
    guard outputs.rank == 2, outputs.elementType == .float32 else {
      throw LossError("\(kind): outputs must be float32 [batch, classes], but are \(outputs.type)")
    }
    guard labels.elementType == .int32, labels.shape == [outputs.shape[0]] else {
      throw LossError(
        "\(kind): targets must be class labels, int32[\(outputs.shape[0])] for outputs \(outputs.shape), "
          + "but are \(labels.type)")
    }
  }

  /// Targets as real numbers of the outputs' shape. Nothing else is repeated to fit: outputs `[batch, 1]` with targets
  /// `[batch]` would otherwise silently become `[batch, batch]`.
  func realTargets(_ targets: Tensor, for outputs: Tensor) throws -> Tensor {
    let isColumn = outputs.rank == 2 && outputs.shape[1] == 1 && targets.shape == [outputs.shape[0]]
    switch targets.elementType {
    case .float32 where targets.shape == outputs.shape: return targets
    case .float32 where isColumn: return targets.reshaped(to: outputs.shape)
    case .int32 where isColumn || (targets.shape == outputs.shape && outputs.shape.dimensions.last == 1):
      let numbers = targets.cast(to: .float32).reshaped(to: outputs.shape)
      return self == .hinge ? 2 * numbers - 1 : numbers
    case .int32 where outputs.rank == 2 && targets.shape == [outputs.shape[0]]:
      return oneHot(targets, depth: outputs.shape[1])
    default:
      throw LossError(
        "\(kind): targets \(targets.type) do not fit outputs \(outputs.type); give real numbers of the outputs' shape, "
          + "or class labels, int32 with one label an example")
    }
  }
}

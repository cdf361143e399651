import CPUBackend
import Datasets
import NeuralNetworks

/// What is learned, and from what form of data: all that decides a program but the size of its batches.
struct LearningTask: Sendable, Equatable {
  static let featuresName = "features"
  static let targetsName = "targets"
  static let weightsName = "weights"

  let network: AnyLayer
  var loss: Loss
  /// The shape of one example's features, as the data have it.
  let featureShape: Shape
  /// float32, or int32 for tokens and categories.
  var featureType = ElementType.float32
  /// The shape of one example's numbers to predict; nil where classes are.
  let targetShape: Shape?
  /// Empty where numbers are predicted.
  let classNames: [String]
  /// `[]` where an example belongs to a class, `[time]` where each place of a sequence does.
  var classShape = Shape.scalar
  /// Whether examples count differently in the loss, as those of the training data say. No part of a model.
  var isWeighted = false

  var predictsClasses: Bool { targetShape == nil }

  /// A network that begins with a dense layer takes each example as one row of numbers, whatever its shape.
  private var exampleShape: Shape { beginsWithDense(network.layer) ? [featureShape.count] : featureShape }

  func inputType(batchSize: Int) -> TensorType {
    TensorType(Shape([batchSize] + exampleShape.dimensions), featureType)
  }

  func targetType(batchSize: Int) -> TensorType {
    targetShape.map { TensorType(Shape([batchSize] + $0.dimensions)) }
      ?? TensorType(Shape([batchSize] + classShape.dimensions), .int32)
  }

  /// The network's parameters, once it is clear that outputs fit the targets.
  /// - Throws: `LayerError`, `GraphError`, `LossError` or `TrainingError`.
  func parameters() throws -> [Parameter] {
    let graph = Graph()
    let context = LayerContext(graph, mode: .inference)
    let outputs = try trace(graph, context, batchSize: 1)
    try check(outputs)
    _ = try loss(outputs: outputs, targets: targets(in: graph, batchSize: 1))
    try graph.checkFailure()
    return context.parameters
  }

  /// Appends the network.
  /// - Returns: its outputs, `[batch, ...]`.
  func trace(_ graph: Graph, _ context: LayerContext, batchSize: Int) throws -> Tensor {
    try context.trace(network.layer, graph.input(Self.featuresName, inputType(batchSize: batchSize)))
  }

  /// Appends the network and what a step of learning needs to know of a batch.
  /// - Parameter exampleCount: the number of training examples, to which the prior is in proportion.
  func measures(
    _ graph: Graph, _ context: LayerContext, _ options: TrainingOptions, batchSize: Int, exampleCount: Int
  ) throws -> BatchMeasures {
    let outputs = try trace(graph, context, batchSize: batchSize)
    let targets = targets(in: graph, batchSize: batchSize)
    let (loss, weight) = try meanLoss(outputs: outputs, targets: targets, context)
    let objective = try options.prior.objective(loss, weights: context.weightTensors, exampleCount: exampleCount)
    let correct = hasAccuracy(outputs)
      ? try correctCount(outputs: outputs, targets: targets, loss: self.loss) : nil
    return BatchMeasures(
      loss: loss, lossWeight: weight, objective: objective, correct: correct, counted: countedTargets(targets))
  }

  /// The mean over the examples of their losses, each times its weight, with what layers add to it; and what it is a
  /// mean over.
  func meanLoss(
    outputs: Tensor, targets: Tensor, _ context: LayerContext
  ) throws -> (loss: Tensor, weight: Tensor) {
    let weights = isWeighted ? outputs.graph.input(Self.weightsName, TensorType([outputs.shape[0]])) : nil
    let mean = try loss.mean(outputs: outputs, targets: targets, factors: weights)
    return (context.addedLosses.reduce(mean.loss, +), mean.weight)
  }

  func targets(in graph: Graph, batchSize: Int) -> Tensor {
    graph.input(Self.targetsName, targetType(batchSize: batchSize))
  }

  /// Whether a share of right answers means anything: for classes, and for numbers that stand for two classes.
  func hasAccuracy(_ outputs: Tensor) -> Bool {
    predictsClasses || (loss.isForClasses && outputs.rank == 2 && outputs.shape[1] == 1)
  }

  /// Whether it is worth counting which classes are taken for which: not in sequences, whose vocabulary may be large.
  var hasConfusionMatrix: Bool { predictsClasses && classShape.rank == 0 }

  /// How many targets of a batch count, which is not all where a sequence has places without one; nil where it is the
  /// number of examples.
  func countedTargets(_ targets: Tensor) -> Tensor? {
    predictsClasses && classShape.rank > 0 ? targetMask(targets).sum() : nil
  }

  /// The index of the class that outputs speak for, int32 `[batch]`.
  func chosenClasses(_ outputs: Tensor) -> Tensor {
    outputs.shape[1] == 1
      ? (outputs.reshaped(to: [outputs.shape[0]]) .> loss.decisionThreshold).cast(to: .int32)
      : outputs.argmax(alongAxis: 1)
  }

  private func check(_ outputs: Tensor) throws {
    guard outputs.rank >= 1, outputs.shape[0] == 1, outputs.elementType == .float32 else {
      throw TrainingError(
        .mismatch, "the network's output is \(outputs.type) for a batch of 1",
        advice: "let it give a row of numbers for each example")
    }
    guard predictsClasses else { return }
    let example = Array(outputs.shape.dimensions.dropFirst())
    guard let units = example.last, Array(example.dropLast()) == classShape.dimensions else {
      let places = classShape.rank == 0 ? "" : " at each place of the sequence"
      throw TrainingError(
        .mismatch, "the network's output for an example is of shape \(example)",
        advice: "end it with a dense layer of \(classNames.count) units, one for each class\(places)")
    }
    let isBinary = units == 1 && classNames.count == 2 && classShape.rank == 0
    guard units == classNames.count || isBinary else {
      throw TrainingError(
        .mismatch, "the network has \(units) outputs, but there are \(classNames.count) classes",
        advice: "give its last layer \(classNames.count) units")
    }
    guard !isBinary || !loss.takesSoftmaxLogits else {
      throw TrainingError(
        .mismatch, "the network has 1 output, but \(loss.kind) compares those of 2 classes",
        advice: "give its last layer 2 units, or use the loss binaryCrossEntropy")
    }
  }

  /// - Throws: `TrainingError` when data are of another form than the task's; of classes, there may be fewer.
  func check(_ data: Dataset, called name: String) throws {
    guard data.count > 0 else {
      throw TrainingError(.empty, "there are no \(name) examples", advice: "give at least one")
    }
    guard data.featureShape == featureShape else {
      throw TrainingError(
        .mismatch,
        "an example of the \(name) data is of shape \(data.featureShape), but the network takes \(featureShape)",
        advice: "use data of the form that the network was trained on")
    }
    guard data.featureType == featureType else {
      throw TrainingError(
        .mismatch, "the features of the \(name) data are \(data.featureType), but the network takes \(featureType)",
        advice: "use data of the form that the network was trained on")
    }
    switch (data.targets, targetShape) {
    case (.classes, nil) where data.targetShape == classShape, (.nextTokens, nil) where data.targetShape == classShape:
      guard classNames.starts(with: data.classNames) else {
        throw TrainingError(
          .mismatch, "the classes of the \(name) data are \(list(data.classNames)), not \(list(classNames))",
          advice: "use data with the same classes in the same order")
      }
    case (.values, let shape?) where shape == data.targetShape: break
    default:
      func form(_ shape: Shape, _ isClass: Bool) -> String {
        isClass ? shape.rank == 0 ? "classes" : "classes of shape \(shape)" : "numbers of shape \(shape)"
      }
      throw TrainingError(
        .mismatch, "the \(name) data have \(form(data.targetShape, data.predictsClasses)) as targets, but the network "
          + "was made for \(form(targetShape ?? classShape, predictsClasses))",
        advice: "use data of the form that the network was trained on")
    }
  }

  /// The first few names, for messages.
  func list(_ names: [String]) -> String {
    names.prefix(12).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }
}

/// What a step of learning computes of a batch, as scalars of the graph.
struct BatchMeasures {
  let loss: Tensor
  /// What the loss is a mean over: by it, the losses and gradients of batches are put together.
  let lossWeight: Tensor
  /// What is made small: the loss and, where there is one, the prior's penalty.
  let objective: Tensor
  /// How many examples are right; nil where that means nothing.
  let correct: Tensor?
  /// How many targets count; nil where each example has one that does.
  let counted: Tensor?
}

extension LearningTask {
  init(_ network: AnyLayer, _ loss: Loss, learningFrom data: Dataset) {
    self.init(
      network: network, loss: loss, featureShape: data.featureShape, featureType: data.featureType,
      targetShape: data.predictsClasses ? nil : data.targetShape, classNames: data.classNames,
      classShape: data.predictsClasses ? data.targetShape : .scalar, isWeighted: data.weights != nil)
  }
}

/// Whether the first layer that minds the shape of its input is a dense one.
private func beginsWithDense(_ layer: any Layer) -> Bool {
  switch layer {
  case is Dense: return true
  case let sequential as Sequential:
    let first = sequential.layers.first { !($0 is Dropout || $0 is Activation) }
    return first.map(beginsWithDense) ?? false
  default: return false
  }
}

import CPUBackend
import Datasets
import NeuralNetworks

/// What is learned, and from what form of data: all that decides a program but the size of its batches.
struct LearningTask: Sendable {
  static let featuresName = "features"
  static let targetsName = "targets"

  let network: AnyLayer
  let loss: Loss
  /// The shape of one example's features, as the data have it.
  let featureShape: Shape
  /// The shape of one example's numbers to predict; nil where classes are.
  let targetShape: Shape?
  /// Empty where numbers are predicted.
  let classNames: [String]

  var predictsClasses: Bool { targetShape == nil }

  /// A network that begins with a dense layer takes each example as one row of numbers, whatever its shape.
  private var exampleShape: Shape { beginsWithDense(network.layer) ? [featureShape.count] : featureShape }

  func featureType(batchSize: Int) -> TensorType { TensorType(Shape([batchSize] + exampleShape.dimensions)) }

  func targetType(batchSize: Int) -> TensorType {
    targetShape.map { TensorType(Shape([batchSize] + $0.dimensions)) } ?? TensorType([batchSize], .int32)
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
    try context.trace(network.layer, graph.input(Self.featuresName, featureType(batchSize: batchSize)))
  }

  /// The loss of the outputs, with what layers add to it.
  func loss(outputs: Tensor, targets: Tensor, _ context: LayerContext) throws -> Tensor {
    try context.addedLosses.reduce(loss(outputs: outputs, targets: targets), +)
  }

  func targets(in graph: Graph, batchSize: Int) -> Tensor {
    graph.input(Self.targetsName, targetType(batchSize: batchSize))
  }

  /// Whether a share of right answers means anything: for classes, and for numbers that stand for two classes.
  func hasAccuracy(_ outputs: Tensor) -> Bool {
    predictsClasses || (loss.isForClasses && outputs.rank == 2 && outputs.shape[1] == 1)
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
    guard outputs.rank == 2 else {
      throw TrainingError(
        .mismatch, "the network's output for an example is of shape \(Array(outputs.shape.dimensions.dropFirst()))",
        advice: "end it with a dense layer of \(classNames.count) units, one for each class")
    }
    let units = outputs.shape[1]
    guard units == classNames.count || (units == 1 && classNames.count == 2) else {
      throw TrainingError(
        .mismatch, "the network has \(units) outputs, but there are \(classNames.count) classes",
        advice: "give its last layer \(classNames.count) units")
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
    switch (data.targets, targetShape) {
    case (.classes, nil):
      guard classNames.starts(with: data.classNames) else {
        throw TrainingError(
          .mismatch, "the classes of the \(name) data are \(list(data.classNames)), not \(list(classNames))",
          advice: "use data with the same classes in the same order")
      }
    case (.values, let shape?) where shape == data.targetShape: break
    default:
      let found = data.classes == nil ? "numbers of shape \(data.targetShape)" : "classes"
      throw TrainingError(
        .mismatch, "the \(name) data have \(found) as targets, but the network was made for "
          + (targetShape.map { "numbers of shape \($0)" } ?? "classes"),
        advice: "use data of the form that the network was trained on")
    }
  }

  private func list(_ names: [String]) -> String {
    names.prefix(12).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }
}

extension LearningTask {
  init(_ network: AnyLayer, _ loss: Loss, learningFrom data: Dataset) {
    self.init(
      network: network, loss: loss, featureShape: data.featureShape,
      targetShape: data.classes == nil ? data.targetShape : nil, classNames: data.classNames)
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

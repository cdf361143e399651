import Datasets
import NeuralNetworks

/// How bytes become the features that a network takes: byte × scale + offset.
public struct FeatureScaling: Hashable, Sendable, Codable {
  /// What a byte, from 0 to 255, is multiplied by.
  public let scale: Float
  /// What is added to the product.
  public let offset: Float

  /// Feature = byte × `scale` + `offset`; 1/255 and 0 map bytes to [0, 1].
  public init(scale: Float, offset: Float) {
    self.scale = scale
    self.offset = offset
  }

  /// That of a data set; nil where features are numbers already.
  init?(_ data: Dataset) {
    switch data.features {
    case .bytes(_, let scale, let offset), .loading(_, _, let scale, let offset):
      self.init(scale: scale, offset: offset)
    default: return nil
    }
  }
}

/// A trained network: its description, its weights and what they were made for. One file holds all of it.
///
/// ```swift
/// let model = try Model(contentsOf: "digits.safetensors")
/// let predictor = try model.predictor(batchSize: 1)
/// let probabilities = try predictor.predict(pixels)[0]
/// ```
public struct Model: Sendable, Equatable {
  /// One learned tensor, or one that a layer keeps, by its path in the network, such as `dense1/weight`.
  public struct Weight: Sendable, Equatable {
    /// The path of the parameter in the network.
    public let name: String
    /// The learned numbers, of the parameter's shape.
    public let values: ShapedArray<Float>

    /// Nothing is checked before a model is made of the weights.
    public init(name: String, values: ShapedArray<Float>) {
      self.name = name
      self.values = values
    }
  }

  let task: LearningTask
  /// How the bytes of the training data became features; nil where they were numbers already.
  public let featureScaling: FeatureScaling?
  /// In the order in which the network uses them.
  public let weights: [Weight]
  /// How the columns of a table became features; nil for other data.
  public let preprocessing: Preprocessing?
  /// The number of learned numbers; what layers keep themselves, such as running means, is not among them.
  public let weightCount: Int
  /// Further text that is saved with the model, such as how it was trained.
  public var metadata: [String: String]

  /// What is computed, without the weights.
  public var network: AnyLayer { task.network }
  /// What the network was trained with, which says what its outputs mean.
  public var loss: Loss { task.loss }
  /// The shape of one example's features.
  public var featureShape: Shape { task.featureShape }
  /// float32, or int32 where features are the numbers of tokens or categories.
  public var featureType: ElementType { task.featureType }
  /// The shape of the numbers that are predicted for an example; nil where classes are.
  public var targetShape: Shape? { task.targetShape }
  /// `[]` where a class is predicted for an example, `[time]` where one is for each place of a sequence.
  public var classShape: Shape { task.classShape }
  /// Empty where numbers are predicted.
  public var classNames: [String] { task.classNames }

  /// - Throws: `TrainingError` when weights are missing, of another shape, unknown or not finite, or when network,
  ///   loss, shapes and preprocessing do not fit each other; errors of layers and losses.
  public init(
    network: AnyLayer, loss: Loss, featureShape: Shape, featureType: ElementType = .float32,
    targetShape: Shape? = nil, classNames: [String] = [], classShape: Shape = .scalar,
    featureScaling: FeatureScaling? = nil, preprocessing: Preprocessing? = nil, weights: [Weight],
    metadata: [String: String] = [:]
  ) throws {
    let task = LearningTask(
      network: network, loss: loss, featureShape: featureShape, featureType: featureType, targetShape: targetShape,
      classNames: classNames, classShape: classShape)
    try self.init(
      task, scaling: featureScaling, preprocessing: preprocessing, weights: weights, metadata: metadata)
  }

  init(
    _ task: LearningTask, scaling: FeatureScaling?, preprocessing: Preprocessing?, weights: [Weight],
    metadata: [String: String]
  ) throws {
    try Self.check(task.featureShape, "feature")
    try Self.check(task.targetShape ?? task.classShape, "target")
    var task = task
    task.isWeighted = false
    self.task = task
    featureScaling = scaling
    let parameters = try task.parameters()
    self.weights = try Self.arrange(weights, parameters)
    weightCount = parameters.filter(\.isLearned).reduce(0) { $0 + $1.shape.count }
    self.metadata = metadata
    self.preprocessing = preprocessing
    if let preprocessing { try Self.check(preprocessing, task) }
  }

  private static func check(_ preprocessing: Preprocessing, _ task: LearningTask) throws {
    let advice = "use the preprocessing that made the data which the network was trained on"
    do {
      try preprocessing.validate()
    } catch let error as DatasetError {
      throw TrainingError(.mismatch, error.message, advice: advice)
    }
    let (width, target) = (preprocessing.expansion.width, preprocessing.target)
    guard task.featureShape == [width], task.targetShape?.count ?? task.classNames.count == target.outputCount else {
      throw TrainingError(
        .mismatch, "the preprocessing makes \(width) features for \(target.outputCount) targets, which does not fit "
          + "the network", advice: advice)
    }
    guard task.targetShape != nil || task.classNames == target.names else {
      throw TrainingError(
        .mismatch, "the classes of the preprocessing are \(task.list(target.names)), but those of the network "
          + task.list(task.classNames), advice: advice)
    }
  }

  /// The type of the network's input for a batch.
  public func inputType(batchSize: Int) -> TensorType { task.inputType(batchSize: batchSize) }

  private static func check(_ shape: Shape, _ name: String) throws {
    guard shape.isValid, (1...(1 << 28)).contains(shape.count) else {
      throw TrainingError(.mismatch, "the \(name) shape \(shape) cannot be used", advice: "use positive extents")
    }
  }

  /// The weights in the order of the network's parameters, each of which must have its own.
  private static func arrange(_ weights: [Weight], _ parameters: [Parameter]) throws -> [Weight] {
    var remaining: [String: Weight] = [:]
    for weight in weights { remaining[weight.name] = weight }
    let advice = "use weights that belong to the network"
    let arranged = try parameters.map { parameter in
      guard let weight = remaining.removeValue(forKey: parameter.path) else {
        throw TrainingError(
          .mismatch, "there are no weights '\(parameter.path)' \(parameter.shape), which the network needs",
          advice: advice)
      }
      guard weight.values.shape == parameter.shape else {
        throw TrainingError(
          .mismatch, "the weights '\(weight.name)' are of shape \(weight.values.shape), but the network needs "
            + "\(parameter.shape)", advice: advice)
      }
      guard weight.values.scalars.allSatisfy(\.isFinite) else {
        throw TrainingError(
          .notFinite, "the weights '\(weight.name)' are not all finite numbers",
          advice: "train again with a smaller learning rate or clipped gradients")
      }
      return weight
    }
    if let stranger = remaining.keys.min() {
      throw TrainingError(.mismatch, "the network has no parameter for the weights '\(stranger)'", advice: advice)
    }
    return arranged
  }
}

import Tensors

/// Examples to learn from, in memory: features and what is to be predicted from them.
///
/// Features that were bytes stay bytes, a quarter of the size of floats, and are scaled when a batch is filled.
public struct Dataset: Sendable {
  /// The features of all examples, one after the other.
  public enum Features: Sendable {
    /// Feature = byte × scale + offset.
    case bytes([UInt8], scale: Float, offset: Float)
    /// The same of bytes that are still being read, or of some rows of them.
    case loading(ByteRows, chosen: [Int]?, scale: Float, offset: Float)
    /// The features as they are.
    case floats([Float])
    /// Numbers of words, categories or the like, from 0: what an embedding takes.
    case integers([Int32])
    /// Windows over one sequence of tokens, of which nothing is copied before a batch is filled.
    case windows(TokenWindows)
    /// Columns of a table, of which the features are made.
    case columns([Float], ColumnExpansion)

    var count: Int {
      switch self {
      case .bytes(let bytes, _, _): bytes.count
      case .loading(let rows, let chosen, _, _): (chosen?.count ?? rows.count) * rows.width
      case .floats(let floats): floats.count
      case .integers(let integers): integers.count
      case .windows(let windows): windows.count * windows.length
      case .columns(let columns, let expansion): columns.count / max(expansion.columnCount, 1) * expansion.width
      }
    }
  }

  /// What is to be predicted, of all examples, one after the other.
  public enum Targets: Sendable {
    /// One class an example, or `targetShape.count` of them, as indices into `classNames`. In sequences -1 stands where
    /// nothing is to be predicted.
    case classes([Int32])
    /// Numbers, `targetShape.count` an example.
    case values([Float])
    /// Of windows: the token that follows each of theirs.
    case nextTokens
  }

  /// The number of examples.
  public let count: Int
  /// The features, `[count] + featureShape`.
  public let features: Features
  /// The shape of one example's features, such as `[28, 28]`.
  public let featureShape: Shape
  /// What is to be predicted: `[count] + targetShape` classes or numbers.
  public let targets: Targets
  /// The shape of one example's target; `[]` for a class, `[time]` for the classes of a sequence.
  public let targetShape: Shape
  /// What the classes are called; empty when the targets are numbers.
  public let classNames: [String]
  /// How the text became tokens that the examples are made of; nil for other data.
  public internal(set) var tokenizer: Tokenizer?
  /// Which images of a folder were held back of it; nil for other data, and where none were.
  public internal(set) var imageOrigin: ImageFolder.Origin?
  /// How much each example counts, of mean 1 in the data that were weighted; nil where all count alike. See
  /// `weighted(by:)`.
  public internal(set) var weights: [Float]?
  /// Of examples of a table; nil for other data.
  var tableRows: TableRows?

  /// Whether features are whole numbers (int32) rather than real ones (float32).
  public var featureType: ElementType {
    switch features {
    case .bytes, .loading, .floats, .columns: .float32
    case .integers, .windows: .int32
    }
  }

  /// Examples that each belong to a class.
  /// - Parameters:
  ///   - features: `[count] + featureShape` numbers.
  ///   - classes: one an example, or `targetShape.count`, each an index into `classNames`; in sequences also -1, where
  ///     nothing is to be predicted.
  ///   - targetShape: `[]` for a class an example, `[time]` for one at each place of a sequence.
  /// - Throws: `DatasetError` when counts do not fit, a class has no name or a feature is not finite.
  public init(
    features: Features, featureShape: Shape, classes: [Int32], targetShape: Shape = .scalar, classNames: [String]
  ) throws {
    let count = try Self.exampleCount(classes.count, targetShape, "classes")
    try Self.check(features, featureShape, count: count)
    let least: Int32 = targetShape.rank == 0 ? 0 : -1
    if let index = classes.firstIndex(where: { $0 < least || Int($0) >= classNames.count }) {
      throw DatasetError(
        .invalidValue, "label \(index) is \(classes[index]), but there are \(classNames.count) classes",
        advice: "number the classes from 0 to \(classNames.count - 1), or give every class a name")
    }
    self.init(
      count: count, features: features, featureShape: featureShape, targets: .classes(classes),
      targetShape: targetShape, classNames: classNames)
  }

  /// Examples that each have numbers to be predicted.
  /// - Parameters:
  ///   - features: `[count] + featureShape` numbers.
  ///   - values: `[count] + targetShape` numbers.
  /// - Throws: `DatasetError` when counts do not fit or a number is not finite.
  public init(features: Features, featureShape: Shape, values: [Float], targetShape: Shape = [1]) throws {
    let count = try Self.exampleCount(values.count, targetShape, "values")
    try Self.check(features, featureShape, count: count)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw DatasetError(
        .invalidValue, "target value \(index) is \(values[index])",
        advice: "replace or remove what is not a finite number")
    }
    self.init(
      count: count, features: features, featureShape: featureShape, targets: .values(values),
      targetShape: targetShape, classNames: [])
  }

  /// For parts that were checked as a whole.
  init(
    count: Int, features: Features, featureShape: Shape, targets: Targets, targetShape: Shape, classNames: [String]
  ) {
    self.count = count
    self.features = features
    self.featureShape = featureShape
    self.targets = targets
    self.targetShape = targetShape
    self.classNames = classNames
  }

  private static func exampleCount(_ targetCount: Int, _ targetShape: Shape, _ what: String) throws -> Int {
    guard targetShape.isValid, targetShape.count > 0, targetCount.isMultiple(of: targetShape.count) else {
      throw DatasetError(
        .mismatch, "\(targetCount) target \(what) are not a whole number of targets of shape \(targetShape)",
        advice: "give every example all of its target \(what)")
    }
    return targetCount / targetShape.count
  }

  private static func check(_ features: Features, _ featureShape: Shape, count: Int) throws {
    guard featureShape.isValid, featureShape.count > 0 else {
      throw DatasetError(
        .invalidArgument, "an example's features cannot be of shape \(featureShape)", advice: "use positive extents")
    }
    let (expected, overflow) = count.multipliedReportingOverflow(by: featureShape.count)
    guard !overflow, features.count == expected else {
      throw DatasetError(
        .mismatch, "\(count) examples of shape \(featureShape) cannot be made of \(features.count) feature values",
        advice: "give as many targets as examples, and \(featureShape.count) features each")
    }
    switch features {
    case .bytes(_, let scale, let offset), .loading(_, _, let scale, let offset):
      guard scale.isFinite, offset.isFinite else {
        throw DatasetError(
          .invalidArgument, "features cannot be scaled by \(scale) and shifted by \(offset)",
          advice: "use finite numbers")
      }
    case .floats(let floats):
      if let index = floats.firstIndex(where: { !$0.isFinite }) {
        throw DatasetError(
          .invalidValue,
          "feature \(index % featureShape.count) of example \(index / featureShape.count) is \(floats[index])",
          advice: "replace or remove what is not a finite number")
      }
    case .integers(let integers):
      if let index = integers.firstIndex(where: { $0 < 0 }) {
        throw DatasetError(
          .invalidValue,
          "feature \(index % featureShape.count) of example \(index / featureShape.count) is \(integers[index])",
          advice: "number categories from 0")
      }
    case .windows(let windows):
      guard featureShape == [windows.length] else {
        throw DatasetError(
          .mismatch, "windows of \(windows.length) tokens are not of shape \(featureShape)",
          advice: "use the shape [\(windows.length)]")
      }
    case .columns: break
    }
  }

  /// The same examples with their own features, as a row of numbers, as what is to be predicted: for autoencoders.
  /// - Throws: `DatasetError` when features are whole numbers, or too many to be copied.
  public func reconstructing() throws -> Dataset {
    guard featureShape.count > 0, count <= (1 << 33) / featureShape.count else {
      throw DatasetError(.tooLarge, "there are too many features to copy them", advice: "use fewer examples")
    }
    let size = count * featureShape.count
    let values = try [Float](unsafeUninitializedCapacity: size) { buffer, initializedCount in
      buffer.initialize(repeating: 0)
      if count > 0 { try copyFeatures(of: 0..<count, into: buffer) }
      initializedCount = size
    }
    var data = Dataset(
      count: count, features: features, featureShape: featureShape, targets: .values(values),
      targetShape: [featureShape.count], classNames: [])
    data.imageOrigin = imageOrigin
    data.weights = weights
    return data
  }

  /// The same examples with a number in place of each class: what a network with one real output learns from.
  /// - Parameter values: the number that stands for each class, in the order of `classNames`.
  /// - Throws: `DatasetError` when targets are numbers already, or when classes and numbers are of different counts.
  public func replacingClasses(with values: [Float]) throws -> Dataset {
    guard case .classes(let classes) = targets, targetShape.rank == 0, values.count == classNames.count else {
      throw DatasetError(
        .mismatch, "\(values.count) numbers cannot stand for \(classNames.count) classes",
        advice: "give one for each class")
    }
    var data = try Dataset(
      features: features, featureShape: featureShape, values: classes.map { values[Int($0)] }, targetShape: [1])
    (data.weights, data.tableRows) = (weights, tableRows)
    return data
  }
}

extension Dataset {
  /// The same examples with other features of the same shape.
  /// - Throws: `DatasetError` when there are not as many numbers, one is not finite, or targets follow from the
  ///   features.
  public func replacingFeatures(with features: [Float]) throws -> Dataset {
    var data: Dataset
    switch targets {
    case .classes(let classes):
      data = try Dataset(
        features: .floats(features), featureShape: featureShape, classes: classes, targetShape: targetShape,
        classNames: classNames)
    case .values(let values):
      data = try Dataset(
        features: .floats(features), featureShape: featureShape, values: values, targetShape: targetShape)
    case .nextTokens:
      throw DatasetError(
        .wrongContent, "the targets are the tokens themselves", advice: "make other windows in place of other features")
    }
    data.weights = weights
    return data
  }
}

import Datasets
import Foundation
import Interchange
import NeuralNetworks

extension Model {
  /// The version of this library, which is saved with models.
  public static let libraryVersion = "0.1.0"

  /// The version of the form in which models are saved.
  private static let format = "2"

  /// The keys of a file's metadata that describe the model; others are `metadata`.
  private enum Key: String, CaseIterable {
    case format = "chainrule_format"
    case version = "chainrule_version"
    case network, loss
    case featureShape = "feature_shape"
    case targetShape = "target_shape"
    case classNames = "class_names"
    case featureType = "feature_type"
    case classShape = "class_shape"
    case featureScaling = "feature_scaling"
    case preprocessing
  }

  /// Reads a model that `save(to:)` has written.
  /// - Parameter layers: kinds of layers of your own that the network may have.
  /// - Throws: `SafetensorsError` when the file cannot be read or is damaged, `TrainingError` when it is no model or
  ///   its parts do not fit each other.
  public init(contentsOf path: String, layers: [any Layer.Type] = []) throws {
    let file = try Safetensors(contentsOf: path)
    do {
      try self.init(file, layers)
      // What is decoded where it is used is of this file too.
      _ = try imageOrigin()
      if metadata[Self.tokenizerKey] != nil { _ = try tokenizer() }
    } catch let error as TrainingError {
      throw TrainingError(.invalidModel, path: path, error.message, advice: error.advice)
    } catch {
      // Of a layer or a loss that cannot be used as described.
      throw TrainingError(
        .invalidModel, path: path, "the network cannot be used (\(error))",
        advice: "the file is damaged or was changed: save the model again")
    }
  }

  /// Writes the model as one safetensors file, whole or not at all. The same model gives the same bytes.
  ///
  /// Weights are named as in the network; the file's metadata hold the rest, as JSON: Python's `safetensors` opens it.
  /// - Parameter system: the calls with which the file is written.
  /// - Throws: `FileWriteError`; `TrainingError` when `metadata` uses a name that the format needs.
  public func save(to path: String, system: AtomicFile.System = .posix) throws {
    var text = [
      Key.format: Self.format, .version: Self.libraryVersion, .network: try jsonText(network),
      .loss: try jsonText(loss), .featureShape: try jsonText(featureShape),
    ]
    if let targetShape {
      text[.targetShape] = try jsonText(targetShape)
    } else {
      text[.classNames] = try jsonText(classNames)
    }
    if featureType != .float32 { text[.featureType] = try jsonText(featureType.rawValue) }
    if classShape != .scalar { text[.classShape] = try jsonText(classShape) }
    if let preprocessing { text[.preprocessing] = try jsonText(preprocessing) }
    if let featureScaling { text[.featureScaling] = try jsonText(featureScaling) }
    var all = metadata
    for (key, value) in text {
      all[key.rawValue] = value
    }
    if let taken = metadata.keys.sorted().first(where: { Key(rawValue: $0) != nil }) {
      throw TrainingError(
        .invalidOption, path: path, "the name '\(taken)' is used by the format", advice: "call your metadata otherwise")
    }
    let tensors = weights.map { Safetensors.NamedTensor(name: $0.name, values: .float32($0.values)) }
    try Safetensors(tensors: tensors, metadata: all).write(to: AtomicFile(path: path, system: system))
  }

  private init(_ file: Safetensors, _ layers: [any Layer.Type]) throws {
    guard let format = file.metadata[Key.format.rawValue] else {
      throw TrainingError(
        .invalidModel, "the file describes no network",
        advice: "give a model that chainrule has saved, not weights alone")
    }
    guard format == Self.format else {
      throw TrainingError(
        .invalidModel, "the model is of format '\(format)', but this version reads '\(Self.format)'",
        advice: "use the version that has saved it, or train the model again")
    }
    let weights = try file.tensors.map { tensor in
      guard case .float32(let values) = tensor.values else {
        throw TrainingError(
          .invalidModel, "the weights '\(tensor.name)' are whole numbers", advice: "save the model again")
      }
      return Weight(name: tensor.name, values: values)
    }
    let targetShape: Shape? = try Self.read(.targetShape, file, layers)
    guard
      let network: AnyLayer = try Self.read(.network, file, layers),
      let loss: Loss = try Self.read(.loss, file, layers),
      let featureShape: Shape = try Self.read(.featureShape, file, layers),
      let classNames: [String] = try targetShape == nil ? Self.read(.classNames, file, layers) : []
    else {
      let missing = [Key.network, .loss, .featureShape, .classNames].first { file.metadata[$0.rawValue] == nil }
      throw TrainingError(
        .invalidModel, "the metadata lack '\(missing?.rawValue ?? "")'",
        advice: "the file was changed: save the model again")
    }
    let task = LearningTask(
      network: network, loss: loss, featureShape: featureShape,
      featureType: try Self.read(.featureType, file, layers) ?? .float32, targetShape: targetShape,
      classNames: classNames, classShape: try Self.read(.classShape, file, layers) ?? .scalar)
    try self.init(
      task, scaling: try Self.read(.featureScaling, file, layers),
      preprocessing: try Self.read(.preprocessing, file, layers), weights: weights,
      metadata: file.metadata.filter { Key(rawValue: $0.key) == nil })
  }

  private static func read<Value: Decodable>(
    _ key: Key, _ file: Safetensors, _ layers: [any Layer.Type]
  ) throws -> Value? {
    guard let text = file.metadata[key.rawValue] else { return nil }
    return try decode(text, key.rawValue, layers)
  }

  /// What a text of the metadata says.
  static func decode<Value: Decodable>(
    _ text: String, _ key: String, _ layers: [any Layer.Type] = []
  ) throws -> Value {
    let decoder = JSONDecoder()
    if let userInfoKey = LayerCatalog.userInfoKey { decoder.userInfo[userInfoKey] = layers }
    do {
      return try decoder.decode(Value.self, from: Data(text.utf8))
    } catch {
      throw TrainingError(
        .invalidModel, "the metadata '\(key)' cannot be read (\(DescriptionError(of: error)))",
        advice: "the file was changed or is from a newer version: save the model again"
          + (key == Key.network.rawValue ? "; kinds of layers of your own are given as Model(contentsOf:layers:)" : ""))
    }
  }
}

/// The same value gives the same text.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

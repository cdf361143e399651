import Datasets

extension Model {
  /// Where a model keeps its tokenizer among its metadata.
  static let tokenizerKey = "tokenizer"
  /// Where it keeps which images were held back.
  static let imageOriginKey = "image_origin"

  /// How text becomes the tokens that the model takes.
  /// - Throws: `TrainingError` when the model is not of text, or what the metadata say of it cannot be read.
  public func tokenizer() throws -> Tokenizer {
    guard let tokenizer = try kept(Tokenizer.self, as: Self.tokenizerKey) else {
      throw TrainingError(
        .mismatch, "the model was not trained on text", advice: "give one that 'chainrule train' has made of a text")
    }
    guard tokenizer.vocabulary == classNames else {
      throw TrainingError(
        .invalidModel, "the tokenizer is not of the model's vocabulary", advice: "train and save the model again")
    }
    return tokenizer
  }

  /// Which images of which folder were held back from the model; nil where none were, or it is of other data.
  /// - Throws: `TrainingError` when what the metadata say of it cannot be read.
  public func imageOrigin() throws -> ImageFolder.Origin? {
    guard let origin = try kept(ImageFolder.Origin.self, as: Self.imageOriginKey) else { return nil }
    guard origin.testFraction > 0, origin.testFraction < 1 else {
      throw TrainingError(
        .invalidModel,
        "the metadata '\(Self.imageOriginKey)' have the share \(origin.testFraction) of images held back",
        advice: "the file was changed: train and save the model again")
    }
    return origin
  }

  /// What the metadata hold as JSON.
  private func kept<Value: Decodable>(_ type: Value.Type, as key: String) throws -> Value? {
    try metadata[key].map { try Self.decode($0, key) }
  }
}

import Datasets
import Foundation

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
    try kept(ImageFolder.Origin.self, as: Self.imageOriginKey)
  }

  /// What the metadata hold as JSON.
  private func kept<Value: Decodable>(_ type: Value.Type, as key: String) throws -> Value? {
    guard let text = metadata[key] else { return nil }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw TrainingError(
        .invalidModel, "the metadata '\(key)' cannot be read (\(error))",
        advice: "the file was changed or is from a newer version: save the model again")
    }
  }
}

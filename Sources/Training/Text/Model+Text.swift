import Datasets
import Foundation

extension Model {
  /// Where a model keeps its tokenizer among its metadata.
  static let tokenizerKey = "tokenizer"

  /// How text becomes the tokens that the model takes.
  /// - Throws: `TrainingError` when the model is not of text, or what the metadata say of it cannot be read.
  public func tokenizer() throws -> Tokenizer {
    guard let text = metadata[Self.tokenizerKey] else {
      throw TrainingError(
        .mismatch, "the model was not trained on text", advice: "give one that 'chainrule train' has made of a text")
    }
    do {
      let tokenizer = try JSONDecoder().decode(Tokenizer.self, from: Data(text.utf8))
      guard tokenizer.vocabulary == classNames else {
        throw TrainingError(
          .invalidModel, "the tokenizer is not of the model's vocabulary", advice: "train and save the model again")
      }
      return tokenizer
    } catch let error as DecodingError {
      throw TrainingError(
        .invalidModel, "the metadata '\(Self.tokenizerKey)' cannot be read (\(error))",
        advice: "the file was changed or is from a newer version: save the model again")
    }
  }
}

import ArgumentParser
import Chainrule

/// How a text becomes examples.
struct TextArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Cut text into 'characters', or into the tokens of byte-pair encoding: how many, from 256 on. "
        + "(default: characters)", valueName: "characters|count"),
    transform: Parse.tokenization)
  var tokens: TextOptions.Tokens?

  @Option(
    help: ArgumentHelp("How many tokens of a text the network sees at once. (default: 64)", valueName: "count"),
    transform: Parse.count)
  var context: Int?

  /// - Parameter validationFraction: the share of a text, its end, that is held back; nil for the usual one.
  func options(validationFraction: Double?) -> TextOptions {
    var options = TextOptions()
    if let tokens { options.tokens = tokens }
    if let context { options.context = context }
    if let validationFraction { options.validationFraction = validationFraction }
    return options
  }

  var given: GivenOptions { ["--tokens": tokens != nil, "--context": context != nil] }
}

extension Parse {
  /// `characters`, or the size of a vocabulary of byte pairs.
  static func tokenization(_ text: String) throws -> TextOptions.Tokens {
    if text.lowercased() == "characters" { return .characters }
    guard let size = Int(text), (256...1_000_000).contains(size) else {
      throw UsageError("it must be 'characters', or the number of byte-pair tokens from 256 to 1,000,000")
    }
    return .bytePairs(vocabularySize: size)
  }
}

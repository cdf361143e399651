import ArgumentParser
import Chainrule

/// `chainrule generate MODEL`.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes text with a model that was trained on text.",
    discussion: """
      The text appears as it is made. The same --seed makes the same text.

        chainrule generate shakespeare.safetensors --prompt 'ROMEO:' --temperature 0.8
      """)

  @Argument(help: "A model that 'chainrule train' has made of a text.")
  var model: String

  @Option(help: ArgumentHelp("The text to continue. (default: a new line)", valueName: "text"))
  var prompt = ""

  @Option(
    help: ArgumentHelp(
      "1 draws tokens by their probabilities; less prefers what is likely, 0 takes the likeliest.",
      valueName: "number"),
    transform: Parse.notNegative)
  var temperature = 1.0

  @Option(
    help: ArgumentHelp("Draw among so many of the likeliest tokens. (default: all)", valueName: "count"),
    transform: Parse.count)
  var topK: Int?

  @Option(help: ArgumentHelp("How many tokens to write.", valueName: "count"), transform: Parse.count)
  var length = 500

  @Option(help: ArgumentHelp("What all draws follow from; a whole number of 0 or more.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp("How many threads to use. (default: all processors)", valueName: "count"),
    transform: Parse.count)
  var threads: Int?

  @Flag(help: "Print one JSON object a line and nothing else: one for each token, then one with the whole text.")
  var json = false

  func run() throws {
    let generator = try TextGenerator(Model(contentsOf: model), threads: threads)
    let sampling = TokenSampling(temperature: temperature, topK: topK, seed: seed)
    do {
      _ = try generator.tokenizer.encode(prompt)
    } catch let error as DatasetError {
      throw UsageError("--prompt: \(error)")
    }
    var stream = CharacterStream()
    var text = ""
    var index = 0
    if !json { Output.write(prompt) }
    try generator.generate(prompt: prompt, length: length, sampling: sampling) { token, bytes in
      let part = stream.add(bytes)
      text += part
      try json ? Output.writeLine(Token(index: index, token: Int(token), text: part)) : Output.write(part)
      // What is known is shown at once.
      try Output.finish()
      index += 1
    }
    let rest = stream.finish()
    try json
      ? Output.writeLine(Summary(prompt: prompt, text: text + rest, tokens: index, seed: seed))
      : Output.write(rest + "\n")
  }

  private struct Token: Encodable {
    let index: Int
    /// The number of the token in the model's vocabulary.
    let token: Int
    /// The characters that it completes.
    let text: String
  }

  private struct Summary: Encodable {
    let prompt: String
    /// What was written after the prompt.
    let text: String
    let tokens: Int
    let seed: UInt64
  }
}

import Foundation
import Testing

/// From a text to a model to more text, as a user does it.
@Suite struct TextCommandTests {
  let chainrule: Chainrule

  init() throws {
    chainrule = try Chainrule()
    let text = String(repeating: "the cat sat on the mat, and the dog sat on the log.\n", count: 60)
    try chainrule.write(Array(text.utf8), to: "tale.txt")
  }

  @discardableResult
  private func train(_ options: String...) throws -> Run {
    let run = try chainrule.run(
      ["train", "tale.txt", "--threads", "1", "--context", "16", "--batch-size", "8", "--json"] + options)
    try #require(run.status == 0, "\(run.diagnostics)")
    return run
  }

  @Test func learnsATextAndContinuesIt() throws {
    let lines = try train("--steps", "120", "--evaluation-interval", "50").jsonLines()
    #expect(lines.compactMap { $0["step"] as? Int } == [50, 100, 120])
    let summary = try #require(lines.last)
    #expect(summary["steps"] as? Int == 120 && summary["epochs"] == nil)
    let loss = try #require(summary["validation_loss"] as? Double)
    // The letters alone, by their frequencies, leave 2.6.
    #expect(loss < 1)
    let evaluation = try chainrule.run("evaluate", "tale.safetensors", "tale.txt", "--json").jsonLines()
    #expect(abs(try #require(evaluation.last?["loss"] as? Double) - loss) < 1e-4)
    #expect(evaluation.last?["epochs"] == nil)
    let listed = try #require(try chainrule.run("runs", "--json").jsonLines().last)
    #expect(listed["steps"] as? Int == 120 && listed["epochs"] == nil)
    #expect(try chainrule.run("runs").output.contains(" 120 steps "))
    #expect(try chainrule.run("runs", "tale-1").output.contains("120 steps"))

    let arguments = ["generate", "tale.safetensors", "--prompt", "the cat", "--length", "60", "--seed", "4"]
    let run = try chainrule.run(arguments)
    #expect(run.status == 0 && run.diagnostics.isEmpty)
    #expect(run.output.hasPrefix("the cat") && run.output.count == 7 + 60 + 1)
    #expect(run.output.contains("sat on the"))
    #expect(try chainrule.run(arguments).output == run.output)
    let json = try chainrule.run(arguments + ["--json"]).jsonLines()
    #expect(json.count == 61)
    #expect(json.last?["text"] as? String == String(run.output.dropFirst(7).dropLast()))
    #expect(json.dropLast().compactMap { $0["text"] as? String }.joined() == json.last?["text"] as? String)
    // The likeliest token needs no draw.
    let greedy = try chainrule.run(Array(arguments.dropLast()) + ["9", "--temperature", "0"]).output
    #expect(try chainrule.run(arguments + ["--top-k", "1"]).output == greedy)
    #expect(try chainrule.run(Array(arguments.dropLast()) + ["5", "--temperature", "3"]).output != run.output)
  }

  @Test func countsStepsWhereItIsGivenSteps() throws {
    let run = try chainrule.run(
      "train", "tale.txt", "--context", "4", "--steps", "7", "--threads", "1", "--no-run-folder")
    #expect(run.status == 0 && run.output.contains("for 7 steps") && !run.output.contains("epoch"), "\(run.output)")
  }

  @Test func suggestsWhatWorksWithTexts() throws {
    let run = try chainrule.run(
      "train", "tale.txt", "--threads", "1", "--context", "16", "--batch-size", "8", "--steps", "2")
    let commands = run.suggestions
    #expect(commands.contains { $0.contains(" generate ") } && commands.contains { $0.contains(" evaluate ") })
    for command in commands {
      let result = try chainrule.shell(command)
      #expect(result.status == 0 && !result.output.isEmpty, "\(command) \(result.diagnostics)")
    }
  }

  @Test func learnsBytePairs() throws {
    try train("--steps", "60", "--tokens", "280", "--out", "pairs.safetensors")
    let run = try chainrule.run(
      "generate", "pairs.safetensors", "--prompt", "\u{E9}t\u{E9}", "--length", "12", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    #expect(try run.jsonLines().count == 13)
  }

  @Test func refusesWhatItCannotUse() throws {
    try train("--steps", "2")
    func expect(_ status: Int32, _ message: String, _ arguments: String...) throws {
      let run = try chainrule.run(arguments)
      #expect(run.status == status && !run.wasKilled && run.output.isEmpty, "\(arguments) \(run.status)")
      #expect(run.diagnostics.contains(message), "\(run.diagnostics)")
    }
    let model = "tale.safetensors"
    try expect(64, "character 2, 'X' (U+58), is not in the vocabulary", "generate", model, "--prompt", "tX")
    try expect(64, "a number of 0 or more", "generate", model, "--temperature", "warm")
    try expect(64, "a number of 0 or more", "generate", model, "--temperature=-1")
    try expect(64, "1 or more", "generate", model, "--top-k", "0")
    try expect(64, "use 'generate' for texts", "predict", model, "tale.txt")
    try expect(64, "either --epochs or --steps", "train", "tale.txt", "--epochs", "1", "--steps", "1")
    try expect(64, "'gpt' brings its own layers", "train", "tale.txt", "--hidden", "4")
    try expect(64, "from 256", "train", "tale.txt", "--tokens", "12")
    try expect(65, "holds no window", "train", "tale.txt", "--context", "5000")
    try expect(66, "no such file", "train", "missing.txt")
    try chainrule.write([0x61, 0xFF], to: "broken.txt")
    try expect(65, "broken.txt: byte 1, 0xFF", "train", "broken.txt")
    try chainrule.run("train", "digits", "--epochs", "1")
    try expect(65, "was not trained on text", "generate", "digits.safetensors")
    try expect(64, "for texts, which 'digits' is not", "train", "digits", "--context", "32")
    try expect(64, "for texts, which 'digits' is not", "learning-curve", "digits", "--tokens", "characters")
    try expect(65, "the preset 'gpt' takes text", "train", "digits", "--preset", "gpt")
  }
}

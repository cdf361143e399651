import Foundation
import Testing

/// A table's numbers and rows are shown as its file has them, and advice can be followed as it is.
@Suite struct TableReadingTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  private func train(_ options: String...) throws -> Run {
    try chainrule.run(["train", "flowers.csv", "--threads", "1", "--json", "--out", "model"] + options)
  }

  /// What is suggested after a training reads the table as the training did.
  @Test func suggestsWhatWorks() throws {
    try chainrule.writeFlowers()
    var text = ""
    for row in 0..<200 { text += "\(row % 23),5;\(row % 31 == 0 ? "oops" : "\(row % 17),25");w\(row % 2)\n" }
    try chainrule.write(Array(text.utf8), to: "it's.csv")
    let cases: [([String], Int)] = [
      (["flowers.csv", "--target", "kind", "--column", "id=ignore", "--column", "colour=categorical"], 60),
      (
        ["it's.csv", "--target", "column 3", "--no-header", "--decimal-comma", "--missing", "oops", "--delimiter", ";"],
        40
      ),
    ]
    for (options, count) in cases {
      let run = try chainrule.run(["train", "--epochs", "2", "--threads", "1", "--out", "model"] + options)
      #expect(run.status == 0, "\(run.diagnostics)")
      let commands = run.suggestions
      let predict = try #require(commands.first { $0.contains(" predict ") })
      #expect(try chainrule.shell(predict + " --json").jsonLines().count == 5)
      let evaluate = try #require(commands.first { $0.contains(" evaluate ") })
      let evaluation = try summary(chainrule.shell(evaluate + " --json"))
      #expect(evaluation["count"] as? Int == count && evaluation["split"] as? String == "test", "\(evaluate)")
    }
    _ = try summary(train("--target", "kind", "--column", "id=ignore", "--column", "width=ignore", "--epochs", "1"))
    #expect(try summary(chainrule.run("evaluate", "model", "flowers.csv", "--json"))["count"] as? Int == 60)
  }
}

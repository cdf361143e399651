import Foundation
import Testing

/// A table's numbers and rows are shown as its file has them, and advice can be followed as it is.
@Suite struct TableReadingTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  private func train(_ options: String...) throws -> Run {
    try chainrule.run(["train", "flowers.csv", "--threads", "1", "--json", "--out", "model"] + options)
  }

  /// Float32 has 64 between neighbours at a thousand million, and nothing at all beyond 3.4e38.
  @Test(arguments: [(999_999_394.0, 1000.0), (0, 1e100)])
  func learnsLargeNumbers(offset: Double, scale: Double) throws {
    var truth: [Double] = []
    var text = "a,b,price\n"
    for row in 0..<200 {
      let (a, b) = (Double(row * 7 % 50), Double(row * 11 % 37) / 3)
      truth.append(offset + scale * (a - b + Double(row % 7) / 8))
      text += "\(a),\(b),\(truth[row])\n"
    }
    try chainrule.write(Array(text.utf8), to: "flowers.csv")
    let run = try train("--target", "price", "--epochs", "5")
    let scores = try #require(try summary(run)["test_scores"] as? [String: Double])
    let error = try #require(scores["root_mean_squared_error"])
    let epoch = try #require(try run.jsonLines().dropLast().last?["validation_root_mean_squared_error"] as? Double)
    #expect(abs(error / epoch - 1) < 1e-4 && error < 30 * scale, "\(error) \(epoch)")
    #expect(try #require(scores["r_squared"]).isFinite && (try #require(scores["mean_absolute_error"])) < error)
    let predicted = try chainrule.run("predict", "model", "flowers.csv", "--json")
    let lines = try predicted.jsonLines()
    // `JSONSerialization` rounds the last digit otherwise.
    let targets = predicted.output.split(separator: "\n").compactMap { $0.firstMatch(of: /"target":\[([^\]]*)\]/)?.1 }
    #expect(targets.map { Double($0) } == truth)
    #expect(lines.map { $0["place"] as? String } == (0..<200).map { "line \($0 + 2)" })
    let squares = try lines.enumerated().map { row, line in
      let distance = try #require((line["outputs"] as? [Double])?.first) - truth[row]
      return distance * distance / 200
    }
    #expect(abs(squares.reduce(0, +).squareRoot() / error - 1) < 0.5)
    let inspected = try chainrule.run("inspect", "flowers.csv").output
    #expect(!inspected.contains("10.00e") && inspected.contains(scale == 1000 ? "1.00e9" : "e101"))
  }

  @Test func aModelKeepsHowNumbersAreWritten() throws {
    func write(_ name: String, decimal: String, missing: String) throws {
      var text = ""
      for row in 0..<120 {
        text += "\(row % 23)\(decimal)5;\(row % 31 == 0 ? missing : "\(row % 17)\(decimal)25");w\(row / 4 % 2)\n"
      }
      try chainrule.write(Array(text.utf8), to: name)
    }
    try write("commas.csv", decimal: ",", missing: "oops")
    try write("points.csv", decimal: ".", missing: "none at all")
    let run = try chainrule.run(
      "train", "commas.csv", "--target", "column 3", "--no-header", "--decimal-comma", "--missing", "oops", "--epochs",
      "2", "--threads", "1", "--out", "model", "--no-run-folder", "--quiet")
    #expect(run.status == 0, "\(run.diagnostics)")
    let whole = try summary(chainrule.run("evaluate", "model", "commas.csv", "--json"))
    #expect(whole["count"] as? Int == 24 && whole["split"] as? String == "test")
    let commas = try chainrule.run("predict", "model", "commas.csv", "--json").jsonLines()
    #expect(commas.count == 120)

    let points = ["predict", "model", "points.csv", "--json"]
    let first = try chainrule.run(points)
    #expect(first.diagnostics.contains("line 1, column 'column 1': '0.5' is no number"), "\(first.diagnostics)")
    #expect(first.diagnostics.contains("--no-decimal-comma") && !first.diagnostics.contains("categorical"))
    let second = try chainrule.run(points + ["--no-decimal-comma"])
    #expect(second.diagnostics.contains("'none at all' is no number"), "\(second.diagnostics)")
    #expect(second.diagnostics.contains("--missing='none at all'"))
    let third = try chainrule.run(points + ["--no-decimal-comma", "--missing", "none at all"])
    #expect(try third.jsonLines().compactMap { $0["class"] as? String } == commas.compactMap { $0["class"] as? String })
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
      #expect(!evaluate.contains("--missing") && !evaluate.contains("--column"), "what the model keeps")
    }
    _ = try summary(train("--target", "kind", "--column", "id=ignore", "--column", "width=ignore", "--epochs", "1"))
    #expect(try summary(chainrule.run("evaluate", "model", "flowers.csv", "--json"))["count"] as? Int == 60)
  }

  @Test func mindsWhatIsNotLearnedFrom() throws {
    var text = "a,b,y\n"
    for row in 0..<200 {
      text += "\(row < 20 ? "unknown" : "\(row * 7 % 191).5"),\(row % 13).25,"
      text += "\(row % 4 == 0 ? "" : row % 13 > 6 ? "u" : "v")\n"
    }
    try chainrule.write(Array(text.utf8), to: "flowers.csv")
    let trained = try summary(train("--target", "y", "--epochs", "2"))
    let warnings = try #require(trained["warnings"] as? [[String: Any]])
    #expect(warnings.map { $0["kind"] as? String } == ["unknownTarget", "notation"])
    let shown = try chainrule.run("train", "flowers.csv", "--target", "y", "--epochs", "2", "--quiet")
    #expect(shown.output.contains("50 of 200 rows have no value in the target 'y'"), "\(shown.output)")
    #expect(shown.output.contains("--missing='unknown'"), "\(shown.output)")
    let better = try summary(train("--target", "y", "--epochs", "2", "--missing", "unknown"))
    #expect((better["warnings"] as? [[String: Any]])?.count == 1)
  }

  @Test func saysInWhichLineMistakesAre() throws {
    try chainrule.writeFlowers()
    _ = try summary(train("--target", "kind", "--epochs", "1", "--run-folder", "run"))
    let report = try summary(chainrule.run("report", "run", "--json"))
    let mistakes = try #require(report["mistakes"] as? [[String: Any]])
    let lines = String(decoding: try chainrule.bytes("flowers.csv"), as: UTF8.self).split(separator: "\n")
    let page = String(decoding: try chainrule.bytes("run/report.html"), as: UTF8.self)
    #expect(!mistakes.isEmpty)
    for mistake in mistakes {
      let place = try #require(mistake["place"] as? String)
      let line = try #require(Int(place.dropFirst("line ".count)))
      let truth = try #require(mistake["truth"] as? String)
      #expect(lines[line - 1].hasSuffix(",\(truth)") && page.contains(", \(place)<"))
    }
  }
}

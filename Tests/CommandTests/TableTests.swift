import FixtureSupport
import Foundation
import Testing

/// What a user does who has a table.
@Suite struct TableTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  private func train(_ options: String...) throws -> Run {
    try chainrule.run(["train", "flowers.csv", "--threads", "1", "--json", "--out", "model"] + options)
  }

  @Test func learnsClassesByDefault() throws {
    try chainrule.writeFlowers()
    let trained = try summary(train("--target", "kind"))
    let accuracy = try #require(trained["test_accuracy"] as? Double)
    #expect(accuracy > 0.9)

    // The table that it was trained on: the rows that were held back.
    let evaluation = try summary(chainrule.run("evaluate", "model", "flowers.csv", "--json"))
    #expect(evaluation["count"] as? Int == 60)
    #expect(evaluation["accuracy"] as? Double == accuracy)
    #expect(evaluation["classes"] as? [String] == ["iris", "lily", "rose"])
    // Another one: all rows.
    try chainrule.writeFlowers("others.csv", count: 90)
    #expect(try summary(chainrule.run("evaluate", "model", "others.csv", "--json"))["count"] as? Int == 90)
  }

  @Test func `the reading of a table is measured`() throws {
    try chainrule.writeFlowers()
    let program = Chainrule.program(named: "chainrule-bench").path
    let run = try chainrule.shell("'\(program)' read '\(chainrule.folder.path)/flowers.csv' --json")
    let line = try #require(try run.jsonLines().first, "\(run.diagnostics)")
    #expect(line["rows"] as? Int == 300 && line["columns"] as? Int == 6)
    #expect(line["bytes"] as? Int == (try chainrule.bytes("flowers.csv")).count)
    // Four columns of numbers or dates, two of text with three different ones each.
    #expect(line["column_bytes"] as? Int == 300 * (4 * 8 + 2 * 4) + "redbluewhiteirislilyrose".utf8.count)
    for key in ["seconds", "megabytes_per_second", "peak_bytes"] { #expect(line[key] as? Double ?? 0 > 0, "\(key)") }
    #expect(try chainrule.shell("'\(program)' read nothing.csv").diagnostics.contains("there is no such file"))
  }

  @Test func `worst mistakes about labels name them, and are mistakes`() throws {
    let tags = ["sour;ripe", "ripe", "", "sour;dry"]
    let rows = (0..<80).map { "\($0 % 7),\(tags[$0 % 4])\n" }
    try chainrule.write(Array(("size,tags\n" + rows.joined()).utf8), to: "fruit.csv")
    let run = try chainrule.run(
      "train", "fruit.csv", "--target", "tags", "--epochs", "1", "--threads", "1", "--run-folder", "run", "--quiet")
    try #require(run.status == 0, "\(run.diagnostics)")
    let page = String(decoding: try chainrule.bytes("run/report.html"), as: UTF8.self)
    let mistakes = page.matches(of: /is <b>(.*?)<\/b>, taken for <b>(.*?)<\/b>/).map(\.output)
    #expect(!mistakes.isEmpty)
    for (_, truth, prediction) in mistakes {
      #expect(truth != prediction)
      let words = [truth, prediction].flatMap { $0.components(separatedBy: ", ") }
      #expect(words.allSatisfy { ["sour", "ripe", "dry", "none"].contains($0) }, "\(words)")
    }
  }

  @Test func predictsRowsWithoutTarget() throws {
    try chainrule.writeFlowers()
    _ = try summary(train("--target", "kind"))
    try chainrule.write(
      Array("colour,day,width,length\nred,2024-01-31,1,0.5\npurple,,2,\nwhite,2023-07-01,,4.4\n".utf8), to: "new.csv")
    let lines = try chainrule.run("predict", "model", "new.csv", "--json").jsonLines()
    #expect(lines.count == 3)
    #expect(lines[0]["predicted"] as? String == "iris" && lines[2]["predicted"] as? String == "rose")
    for line in lines {
      #expect(line["label"] == nil && line["correct"] == nil)
      let outputs = try #require(line["outputs"] as? [Double])
      #expect(outputs.count == 3 && abs(outputs.reduce(0, +) - 1) < 1e-4)
    }
    let known = try chainrule.run("predict", "model", "flowers.csv", "--json", "--limit", "4").jsonLines()
    #expect(known.compactMap { $0["label"] as? String } == ["iris", "lily", "rose", "iris"])
    #expect(try chainrule.run("predict", "model", "new.csv").output.split(separator: "\n").count == 4)
  }

  @Test func predictsAsItTrainedAfterReading() throws {
    try chainrule.writeFlowers()
    _ = try summary(
      train("--target", "kind", "--scaling", "quantile", "--interval-count", "6", "--greatest-one-hot-count", "2"))
    let all = try chainrule.run("predict", "model", "flowers.csv", "--json", "--split", "test").jsonLines()
    let right = all.count { $0["correct"] as? Bool == true }
    let evaluation = try summary(chainrule.run("evaluate", "model", "flowers.csv", "--json"))
    #expect(all.count == 60 && evaluation["correct"] as? Int == right)
  }

  @Test func learnsNumbersAndReportsThemInTheirUnits() throws {
    var text = "a,b,price\n"
    for row in 0..<400 {
      let (a, b) = (Double(row * 7 % 50), Double(row * 11 % 37) / 3)
      text += "\(a),\(b),\(1000 + 20 * a - 30 * b)\n"
    }
    try chainrule.write(Array(text.utf8), to: "flowers.csv")
    let trained = try summary(train("--target", "price"))
    #expect(trained["test_accuracy"] == nil)
    let scores = try #require(trained["test_scores"] as? [String: Double])
    #expect(try #require(scores["r_squared"]) > 0.98)
    // The deviation of prices is about 300.
    #expect(try #require(scores["root_mean_squared_error"]) < 45)
    let evaluation = try summary(chainrule.run("evaluate", "model", "flowers.csv", "--json"))
    #expect(evaluation["scores"] as? [String: Double] == scores)
    let epoch = try #require(try train("--target", "price", "--epochs", "2").jsonLines().first)
    #expect(epoch["loss_units"] as? String == "standardised")
    // What the network makes small is of numbers of deviation 1; what people read, of prices.
    let loss = try #require(epoch["loss"] as? Double)
    let error = try #require(epoch["root_mean_squared_error"] as? Double)
    #expect(loss < 5 && error > 100 && abs(error / loss.squareRoot() - 314) < 30)
    let shown = try chainrule.run(
      "train", "flowers.csv", "--target", "price", "--epochs", "2", "--threads", "1", "--run-folder", "run")
    #expect(shown.output.contains("RMSE"))
    let metrics = String(decoding: try chainrule.bytes("run/metrics.jsonl"), as: UTF8.self).split(separator: "\n")
    let first = try JSONSerialization.jsonObject(with: Data(try #require(metrics.first).utf8)) as? [String: Any]
    #expect(first?["root_mean_squared_error"] as? Double == error && first?["loss"] as? Double == loss)
    let plot = String(decoding: try chainrule.bytes("run/plots/loss.svg"), as: UTF8.self)
    // An axis that goes to the first epoch's error has labels of hundreds.
    #expect(plot.contains("RMSE, in units of 'price'") && plot.contains(">200<"))
    #expect(String(decoding: try chainrule.bytes("run/report.html"), as: UTF8.self).contains(plot))
    let line = try #require(
      try chainrule.run("predict", "model", "flowers.csv", "--json", "--limit", "1").jsonLines().first)
    let predicted = try #require((line["outputs"] as? [Double])?.first)
    #expect((line["target"] as? [Double])?.first == 1000 && abs(predicted - 1000) < 150)
    #expect(try chainrule.run("evaluate", "model", "flowers.csv").output.contains("R²"))
  }

  @Test func learnsLabels() throws {
    var text = "x,y,tags\n"
    for row in 0..<400 {
      let (x, y) = (row * 7 % 20, row * 3 % 23)
      let tags = [x > 9 ? "high" : "low", y > 11 ? "wide" : nil].compactMap { $0 }
      text += "\(x).5,\(y).25,\(tags.joined(separator: "; "))\n"
    }
    try chainrule.write(Array(text.utf8), to: "flowers.csv")
    let trained = try summary(train("--target", "tags"))
    let scores = try #require(trained["test_scores"] as? [String: Double])
    #expect(try #require(scores["label_accuracy"]) > 0.95 && (try #require(scores["exact_match"])) > 0.85)
    let line = try #require(
      try chainrule.run("predict", "model", "flowers.csv", "--json", "--limit", "1").jsonLines().first)
    #expect(line["label"] as? String == "low" && line["predicted"] as? String == "low")
  }

  @Test func crossValidates() throws {
    try chainrule.writeFlowers(count: 150)
    let trained = try summary(train("--target", "kind", "--folds", "3", "--epochs", "20"))
    let folds = try #require(trained["folds"] as? [String: Any])
    let accuracy = try #require(folds["accuracy"] as? [String: Any])
    let values = try #require(accuracy["values"] as? [Double])
    #expect(values.count == 3 && folds["count"] as? Int == 3)
    #expect(abs(try #require(accuracy["mean"] as? Double) - values.reduce(0, +) / 3) < 1e-9)
    #expect(try #require(accuracy["mean"] as? Double) > 0.7)

    // What the run is known by is not how well the rows are known that the model has learned from.
    let entry = try summary(chainrule.run("runs", "--json"))
    #expect(entry["measure"] as? String == "accuracy, 3 folds")
    #expect(entry["score"] as? Double == accuracy["mean"] as? Double)
    #expect(entry["deviation"] as? Double == accuracy["deviation"] as? Double)
    #expect(try chainrule.run("runs").output.contains(" ± "))
    #expect(try chainrule.run("report", "runs/flowers-1").output.contains("3 folds"))
    let report = try summary(chainrule.run("report", "runs/flowers-1", "--json"))
    let kept = (report["folds"] as? [String: Any])?["accuracy"] as? [String: Any]
    #expect(kept?["values"] as? [Double] == values)
    let page = String(decoding: try chainrule.bytes("runs/flowers-1/report.html"), as: UTF8.self)
    #expect(page.contains("Cross-validation in 3 folds") && page.contains(" ± "))
  }

  @Test func stopsEarlyUnlessToldHowLongToLearn() throws {
    // A target of chance: what is learned of it is soon wrong elsewhere.
    var text = "a,b,c,kind\n"
    var state: UInt64 = 1
    func draw(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    for _ in 0..<300 { text += "\(draw(1000)),\(draw(1000)),\(draw(1000)),\(draw(2) == 0 ? "x" : "y")\n" }
    try chainrule.write(Array(text.utf8), to: "flowers.csv")
    let stopped = try summary(train("--target", "kind"))
    let epochs = try #require(stopped["epochs"] as? Int)
    #expect(stopped["stop_reason"] as? String == "noImprovement" && epochs < 300)
    #expect(stopped["kept_epoch"] as? Int == epochs - 60)
    let told = try summary(train("--target", "kind", "--epochs", "3"))
    #expect(told["epochs"] as? Int == 3 && told["kept_epoch"] as? Int == 3 && told["validation_loss"] == nil)
    let both = try summary(train("--target", "kind", "--epochs", "200", "--patience", "2"))
    #expect(both["stop_reason"] as? String == "noImprovement")
  }

  @Test func racesOnATable() throws {
    try chainrule.writeFlowers()
    let run = try chainrule.run(
      "race", "flowers.csv", "--target", "kind", "--seconds", "0.3", "--algorithms", "backpropagation,perceptron",
      "--json")
    let lines = try run.jsonLines()
    #expect(run.status == 0 && lines.count == 3, "\(run.diagnostics)")
    for line in lines { #expect(line["problem"] == nil && line["test"] != nil, "\(line)") }
    #expect(try chainrule.run("race", "flowers.csv", "--seconds", "0.1").diagnostics.contains("--target"))
    // Colours are of three kinds, more than are one-hot by themselves.
    let coded = try chainrule.run(
      "race", "flowers.csv", "--target", "kind", "--seconds", "0.3", "--greatest-one-hot-count", "2", "--algorithms",
      "backpropagation,perceptron,widrow-hoff", "--json")
    let results = try coded.jsonLines()
    #expect(coded.status == 0 && results.count == 4, "\(coded.diagnostics)")
    for line in results { #expect(line["problem"] == nil && line["test"] != nil, "\(line)") }
    let trained = try summary(train(
      "--target", "kind", "--algorithm", "perceptron", "--greatest-one-hot-count", "2", "--epochs", "20"))
    #expect(try #require(trained["test_accuracy"] as? Double) > 0.6)
  }

  @Test func takesColumnsAndSplitsAsAskedFor() throws {
    try chainrule.writeFlowers()
    let trained = try summary(
      train("--target", "kind", "--column", "colour=ignore", "--column", "id=numeric", "--time-column", "day"))
    #expect(try #require(trained["test_accuracy"] as? Double) > 0.4)
    let model = try Data(contentsOf: chainrule.folder.appendingPathComponent("model"))
    let text = String(decoding: model.prefix(20_000), as: UTF8.self)
    #expect(!text.contains("colour") && text.contains("\\\"name\\\":\\\"id\\\""))
  }

  /// Rows that contradict the others count for nothing.
  @Test func weightsRows() throws {
    var text = "x,count,kind\n"
    for row in 0..<300 {
      let (x, isWrong) = (Double(row / 5 % 20) - 9.5, row % 5 < 3)
      text += "\(x),\(isWrong ? 0 : 2.5),\((x > 0) == isWrong ? "low" : "high")\n"
    }
    try chainrule.write(Array(text.utf8), to: "flowers.csv")
    func lowAccuracy(_ options: String...) throws -> Double {
      _ = try summary(
        chainrule.run(
          ["train", "flowers.csv", "--threads", "1", "--json", "--out", "model", "--target", "kind", "--epochs", "20",
            "--test-fraction", "0"] + options))
      try chainrule.write(Array("x\n-8\n-5\n5\n8\n".utf8), to: "new.csv")
      let lines = try chainrule.run("predict", "model", "new.csv", "--json").jsonLines()
      let expected = ["low", "low", "high", "high"]
      return Double(zip(lines, expected).count { $0["predicted"] as? String == $1 }) / 4
    }
    #expect(try lowAccuracy("--weight-column", "count") == 1)
    #expect(try lowAccuracy("--column", "count=ignore") == 0)
    for (column, status, message) in [
      ("cuont", 64, "there is no column 'cuont'"), ("kind", 64, "both the target and the weight"),
      ("x", 65, "'-9.5' is no weight"),
    ] as [(String, Int32, String)] {
      let run = try train("--target", "kind", "--weight-column", column)
      #expect(run.status == status && run.diagnostics.contains(message), "\(run.diagnostics)")
    }
    let other = try chainrule.run("train", "digits", "--weight-column", "x")
    #expect(other.status == 64 && other.diagnostics.contains("for tables"), "\(other.diagnostics)")
  }

  @Test func readsEveryFormat() throws {
    try chainrule.writeFlowers()
    let plain = try summary(train("--target", "kind", "--epochs", "3"))
    let text = String(decoding: try chainrule.bytes("flowers.csv"), as: UTF8.self)
    try chainrule.write(Array(text.replacing(",", with: ";").utf8), to: "f.csv")
    try chainrule.write(Array(text.replacing(",", with: "\t").utf8), to: "f.tsv")
    var lines = ""
    for row in text.split(separator: "\n").dropFirst() {
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      lines += "{\"id\": \(cells[0]), \"length\": \(cells[1].isEmpty ? "null" : cells[1]), \"width\": \(cells[2]), "
      lines += "\"colour\": \"\(cells[3])\", \"day\": \"\(cells[4])\", \"kind\": \"\(cells[5])\"}\n"
    }
    try chainrule.write(Array(lines.utf8), to: "f.jsonl")
    for name in ["f.csv", "f.tsv", "f.jsonl"] {
      let run = try chainrule.run(
        "train", name, "--target", "kind", "--threads", "1", "--json", "--out", "other", "--epochs", "3")
      let other = try summary(run)
      #expect(other["test_loss"] as? Double == plain["test_loss"] as? Double || name == "f.jsonl", "\(name)")
      #expect(try #require(other["test_accuracy"] as? Double) > 0.3, "\(name)")
    }
  }

  @Test func inspects() throws {
    try chainrule.writeFlowers()
    let run = try chainrule.run("inspect", "flowers.csv", "--target", "kind")
    #expect(run.status == 0, "\(run.diagnostics)")
    for word in ["300 rows", "left out", "categorical", "lily", "33.3 %", "2024-01-01 to 2024-09-"] {
      #expect(run.output.contains(word), "\(word)")
    }
    let json = try summary(chainrule.run("inspect", "flowers.csv", "--json"))
    let columns = try #require(json["columns"] as? [[String: Any]])
    #expect(columns.compactMap { $0["kind"] as? String }
      == ["identifier", "numeric", "numeric", "categorical", "date", "categorical"])
    #expect(columns[1]["missing_count"] as? Int == 15)
    #expect((json["rows"] as? [[Any]])?.count == 3)
  }

  @Test(arguments: [
    ([], "", ["no target", "--target"]), (["--target", "kid"], "", ["no column 'kid'", "did you mean"]),
    (["--target", "kind"], "1,2\n", ["line 302", "2 fields", "6 columns"]),
    (["--target", "kind"], "1,oops,1,red,2024-01-01,iris\n", ["line 302", "'length'", "'oops'", "no number"]),
    (["--target", "kind"], "1,\"1,1,red,2024-01-01,iris\n", ["line 302", "never closed"]),
    (["--target", "kind", "--column", "size=numeric"], "", ["no column 'size'"]),
    (["--target", "kind", "--column", "colour=numeric"], "", ["line 2", "'colour'", "no number"]),
    (["--target", "kind", "--column", "colour=round"], "", ["numeric, categorical"]),
    (["--target", "kind", "--split-column", "colour"], "", ["line 2", "names no split"]),
    (["--target", "kind", "--folds", "1"], "", ["2 to 1,000"]),
    (["--target", "kind", "--task", "regression"], "", ["'iris' is no number"]),
    (["--target", "kind", "--test-fraction", "0.0001"], "", ["0 to test with"]),
    (["--target", "kind", "--interval-count", "5000"], "", ["--interval-count", "0 to 1,000"]),
    (["--target", "kind", "--split-column", "colour", "--test-fraction", "0"], "", ["--test-fraction 0 holds nothing"]),
    (["--target", "kind", "--image-size", "8x8"], "", ["--image-size is for images", "flowers"]),
  ] as [([String], String, [String])])
  func saysWhatIsWrong(options: [String], extra: String, words: [String]) throws {
    try chainrule.writeFlowers(extra: extra)
    let run = try chainrule.run(["train", "flowers.csv", "--threads", "1"] + options)
    #expect(run.status != 0 && !run.wasKilled)
    #expect(run.diagnostics.hasPrefix("chainrule: ") && run.diagnostics.split(separator: "\n").count <= 2)
    for word in words { #expect(run.diagnostics.contains(word), "\(run.diagnostics)") }
    #expect(try chainrule.names() == ["flowers.csv"])
  }

  @Test func saysWhatAPredictionLacks() throws {
    try chainrule.writeFlowers()
    _ = try summary(train("--target", "kind", "--epochs", "1"))
    let cases: [(String, [String])] = [
      ("colour,day,width\nred,2024-01-31,1\n", ["the column 'length'"]),
      ("colour,day,width,length\nred,2024-01-31,wide,1\n", ["line 2", "'width'", "'wide'", "no number"]),
    ]
    for (text, words) in cases {
      try chainrule.write(Array(text.utf8), to: "new.csv")
      let run = try chainrule.run("predict", "model", "new.csv")
      #expect(run.status != 0 && !run.wasKilled)
      for word in words { #expect(run.diagnostics.contains(word), "\(run.diagnostics)") }
    }
    try chainrule.write(Array("colour,day,width,length\nred,2024-01-31,1,1\n".utf8), to: "new.csv")
    #expect(try chainrule.run("evaluate", "model", "new.csv").diagnostics.contains("lacks the target 'kind'"))
    #expect(try chainrule.run("evaluate", "model", "digits").status != 0)
  }

  @Test(.enabled(if: airline != nil, "the airline survey is not there: put it into ../shared/data/airline"))
  func learnsTheAirlineSurvey() throws {
    let run = try chainrule.run("train", try #require(airline), "--target", "satisfaction", "--json", "--out", "model")
    #expect(try #require(summary(run)["test_accuracy"] as? Double) >= 0.95)
  }
}

/// The airline survey beside the package; nil when it is not there.
private let airline = SharedData.path("data/airline/airline-passenger-satisfaction.csv")

extension Chainrule {
  /// A table of flowers: two sizes, a colour that says much, a row number, some missing values.
  func writeFlowers(_ name: String = "flowers.csv", count: Int = 300, extra: String = "") throws {
    var text = "id,length,width,colour,day,kind\n"
    for row in 0..<count {
      let kind = row % 3
      let length = row % 20 == 0 ? "" : "\(Double(kind) * 2 + Double(row * 7 % 11) / 10)"
      text +=
        "\(row + 1000),\(length),\(Double(row * 5 % 13) / 4),\(["red", "blue", "white"][(kind + row % 7 / 6) % 3]),"
      text += "2024-0\(row % 9 + 1)-\(row % 28 + 1),\(["iris", "lily", "rose"][kind])\n"
    }
    try write(Array((text + extra).utf8), to: name)
  }
}

/// The last line of JSON of a run that must have succeeded.
func summary(_ run: Run, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
  #expect(run.status == 0, "\(run.diagnostics)", sourceLocation: sourceLocation)
  return try #require(try run.jsonLines().last, sourceLocation: sourceLocation)
}

import Foundation
import class GRDB.DatabaseQueue
import Testing

/// Many trainings in a row, and what is known of them afterwards.
@Suite struct SweepTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  private func sweep(_ options: String...) throws -> Run {
    try chainrule.run(["sweep"] + options + ["--threads", "1", "--json"])
  }

  private func lines(_ run: Run, sourceLocation: SourceLocation = #_sourceLocation) throws -> [[String: Any]] {
    #expect(run.status == 0, "\(run.diagnostics)", sourceLocation: sourceLocation)
    return try run.jsonLines()
  }

  @Test func `everything is tried once, and known again`() throws {
    let options = ["digits", "--vary", "learning-rate=0.0001,0.01", "--vary", "hidden=4/8,4", "--epochs", "2"]
    func run() throws -> Run { try chainrule.run(["sweep"] + options + ["--threads", "1", "--json"]) }
    let first = try run()
    let trials = try lines(first)
    #expect(
      trials.dropLast().compactMap { $0["settings"] as? String } == [
        "learning-rate=0.0001 hidden=4", "learning-rate=0.0001 hidden=8,4", "learning-rate=0.01 hidden=4",
        "learning-rate=0.01 hidden=8,4",
      ])
    let scores = trials.dropLast().compactMap { $0["score"] as? Double }
    #expect(trials.last?["score"] as? Double == scores.max() && trials.last?["measure"] as? String == "accuracy")
    // Times are of the first trial: nothing is trained again.
    #expect(try run().output == first.output)
    let list = try lines(chainrule.run("runs", "--json"))
    #expect(list.compactMap { $0["score"] as? Double } == scores.sorted(by: >))
    #expect(try chainrule.names() == ["sweep.sqlite"])

    let shown = try chainrule.run(["sweep"] + options + ["--threads", "1"])
    let command = try #require(trials.last?["command"] as? String)
    #expect(shown.output.contains("288 examples held back") && shown.output.contains("train \(command)\n"))
    #expect(try chainrule.run("runs").output.contains("learning-rate=0.01 hidden=8,4"))
    // What is said to be best can be typed.
    let best = try chainrule.shell("$chainrule train \(command) --quiet --no-run-folder")
    #expect(best.status == 0, "\(best.diagnostics)")
  }

  @Test func `the classic ladder, unless something else is asked for`() throws {
    let trials = try lines(sweep("digits", "--hidden", "4", "--epochs", "1"))
    #expect(
      trials.dropLast().compactMap { $0["settings"] as? String }
        == ["0.001", "0.003", "0.01", "0.03", "0.1"].map { "learning-rate=\($0)" })
  }

  @Test func `halving trains the best ones longer`() throws {
    let trials = try lines(
      sweep(
        "digits", "--method", "halving", "--vary", "learning-rate=1e-6,1e-5,1e-4,0.001,0.01", "--epochs", "6",
        "--hidden", "8"))
    #expect(trials.dropLast().compactMap { $0["epochs"] as? Int } == [2, 2, 2, 2, 2, 6, 6])
    let short = trials.prefix(5).sorted { $0["score"] as? Double ?? 0 > $1["score"] as? Double ?? 0 }
    let long = trials.dropFirst(5).dropLast()
    func settings(_ trials: some Sequence<[String: Any]>) -> Set<String> {
      Set(trials.compactMap { $0["settings"] as? String })
    }
    #expect(settings(long) == settings(short.prefix(2)))
    #expect(trials.last?["epochs"] as? Int == 6)
  }

  @Test func `by chance, from values and from ranges`() throws {
    let some = try lines(sweep("digits", "--method", "random", "--trials", "2", "--epochs", "1", "--hidden", "4"))
    #expect(some.count == 3)
    let drawn = try lines(
      sweep(
        "digits", "--method", "random", "--trials", "4", "--vary", "learning-rate=0.001..0.1", "--vary", "hidden=4..12",
        "--vary", "nesterov=true,false", "--optimizer", "sgd", "--momentum", "0.5", "--epochs", "1"))
    for settings in drawn.compactMap({ $0["settings"] as? String }) {
      let values = settings.split(separator: " ").compactMap { $0.split(separator: "=").last }
      let (rate, size) = (try #require(Double(values[0])), try #require(Int(values[1])))
      #expect((0.001...0.1).contains(rate) && (4...12).contains(size))
      #expect(["true", "false"].contains(values[2]))
    }
    #expect(Set(drawn.compactMap { $0["settings"] as? String }).count > 2)
  }

  @Test func `a sweep that was killed goes on where it was`() throws {
    let options = [
      "sweep", "digits", "--vary", "learning-rate=0.001,0.002,0.003,0.004,0.005,0.006", "--epochs", "20",
      "--hidden", "32", "--threads", "1", "--json",
    ]
    var known: [[String: Any]] = []
    let killed = try chainrule.start(options) { process in
      while process.isRunning, known.isEmpty {
        known = (try? chainrule.run("runs", "--json").jsonLines()) ?? []
      }
      kill(process.processIdentifier, SIGKILL)
    }
    #expect(killed.wasKilled && !known.isEmpty)
    let trials = try lines(chainrule.run(options))
    #expect(trials.count == 7)
    for before in known {
      let after = trials.first { $0["settings"] as? String == before["settings"] as? String }
      #expect(after?["seconds"] as? Double == before["seconds"] as? Double)
    }
  }

  @Test func `trainings that fail are told from others`() throws {
    let options = ["digits", "--optimizer", "sgd", "--epochs", "3", "--hidden", "8", "--loss", "halfSumSquaredError"]
    let run = try chainrule.run(["sweep"] + options + ["--vary", "learning-rate=0.01,1e30", "--json", "--threads", "1"])
    let trials = try lines(run)
    #expect(trials.count == 3 && trials[1]["score"] == nil)
    #expect(try #require(trials[1]["error"] as? String).contains("loss"))
    #expect(trials[2]["settings"] as? String == "learning-rate=0.01")
    #expect(try chainrule.run("runs").output.contains("failed"))
    let all = try chainrule.run(["sweep"] + options + ["--vary", "learning-rate=1e30,1e31", "--threads", "1"])
    #expect(all.status != 0 && all.diagnostics.contains("no training succeeded"))
  }

  @Test func `tables, texts and images`() throws {
    var text = "a,b,price\n"
    for row in 0..<200 { text += "\(row * 7 % 50),\(row * 11 % 37),\(1000 + 20 * (row * 7 % 50))\n" }
    try chainrule.write(Array(text.utf8), to: "table.csv")
    let numbers = try lines(
      sweep("table.csv", "--target", "price", "--vary", "learning-rate=1e-9,0.01", "--epochs", "60", "--ensemble", "1"))
    #expect(numbers[2]["measure"] as? String == "RMSE" && numbers[2]["settings"] as? String == "learning-rate=0.01")
    // In the units of the price, whose deviation is about 290.
    let (poor, good) = (try #require(numbers[0]["score"] as? Double), try #require(numbers[2]["score"] as? Double))
    #expect(poor > 150 && good < 60)

    try chainrule.write(Array(String(repeating: "abcd efgh ", count: 200).utf8), to: "letters.txt")
    let letters = try lines(
      sweep("letters.txt", "--vary", "learning-rate=1e-9,0.01", "--steps", "20", "--context", "8", "--preset", "lstm"))
    #expect(letters[2]["measure"] as? String == "loss" && letters[2]["settings"] as? String == "learning-rate=0.01")
    #expect(letters.allSatisfy { $0["steps"] as? Int == 20 && $0["epochs"] as? Int == 0 })
    #expect(try chainrule.run("runs").output.contains(" 20 steps "))

    try chainrule.writeHalves("halves")
    let images = try lines(sweep("halves", "--vary", "hidden=2,8", "--epochs", "5"))
    #expect(images.count == 3)
    #expect(try lines(chainrule.run("runs", "--json")).count == 6)
  }

  @Test func `from a description`() throws {
    try chainrule.write(
      Array("data: digits\nepochs: 1\nhidden: [4]\nrunFolder: elsewhere\n".utf8), to: "experiment.yaml")
    let trials = try lines(sweep("experiment.yaml", "--vary", "hidden=6,8"))
    #expect(trials.compactMap { $0["epochs"] as? Int } == [1, 1, 1])
    #expect(try #require(trials[0]["command"] as? String) == "digits --epochs=1 --hidden=6 --threads=1")
  }

  @Test func `what cannot be used is refused before anything is trained`() throws {
    try chainrule.write(
      Array("kind: sequential\nlayers:\n  - flatten\n  - {kind: dense, units: 3}\n".utf8), to: "three.yaml")
    for (options, word) in [
      (["digits", "--vary", "epochs"], "--vary"), (["digits", "--vary", "pochs=1,2"], "pochs"),
      (["digits", "--vary", "quiet=1"], "--quiet"), (["digits", "--vary", "nesterov=1"], "true or false"),
      (["digits", "--vary", "learning-rate=0.1,fast"], "'fast'"), (["digits", "--pochs", "3"], "--pochs"),
      (["digits", "--vary", "epochs=2..4"], "range"), (["digits", "--out", "model"], "--out"),
      (["digits", "--validation-fraction", "0"], "--validation-fraction"), (["digits", "--trials", "3"], "--trials"),
      (["digits", "--vary", "momentum=0,0.9"], "--momentum"), ([], "data"),
      (["digits", "--vary", "hidden=8,16", "--vary", "hidden=32"], "twice"),
      (["digits", "--vary", "network=three.yaml", "--epochs", "1"], "3 outputs"),
      (["digits", "--vary", "class-weights=balanced/1,2"], "--class-weights has 2"),
    ] as [([String], String)] {
      let run = try chainrule.run(["sweep"] + options)
      #expect(run.status != 0 && !run.wasKilled && run.output.isEmpty, "\(options)")
      #expect(run.diagnostics.contains(word), "\(options): \(run.diagnostics)")
    }
    #expect(try chainrule.names() == ["three.yaml"])
    try chainrule.write(Array("no database, but a text".utf8), to: "sweep.sqlite")
    for arguments in [["sweep", "digits"], ["runs"]] {
      let run = try chainrule.run(arguments)
      #expect(run.status != 0 && run.diagnostics.contains("sweep.sqlite"))
    }
  }

  @Test(arguments: ["TABLE trial (a)", "VIEW trial AS SELECT 1 AS command"])
  func `a database of something else is refused, and stays as it is`(schema: String) throws {
    let path = chainrule.folder.appendingPathComponent("other.sqlite").path
    try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE \(schema)") }
    let bytes = try chainrule.bytes("other.sqlite")
    for command in [["sweep", "xor", "--vary", "hidden=2,3", "--epochs", "1"], ["runs"]] {
      let run = try chainrule.run(command + ["--database", "other.sqlite"])
      #expect(run.status == EX_CANTCREAT && !run.wasKilled && run.output.isEmpty, "\(run.diagnostics)")
      #expect(run.diagnostics.contains("other.sqlite: the file of trials cannot be used"), "\(run.diagnostics)")
    }
    #expect(try chainrule.bytes("other.sqlite") == bytes)
  }

  @Test func `runs are listed and compared`() throws {
    #expect(try chainrule.run("runs").output.contains("Nothing was trained"))
    for rate in ["0.00001", "0.01"] {
      let run = try chainrule.run(
        "train", "digits", "--epochs", "2", "--threads", "1", "--learning-rate", rate, "--quiet")
      #expect(run.status == 0, "\(run.diagnostics)")
    }
    try chainrule.run("train", "digits", "--epochs", "1", "--threads", "1", "--quiet", "--no-report")
    let list = try chainrule.run("runs").output.split(separator: "\n")
    #expect(list.count == 4 && list[1].hasPrefix("runs/digits-2") && list[2].hasPrefix("runs/digits-1"))
    #expect(list[1].contains(" 2 epochs ") && list[3].hasSuffix(" 1 epoch"))
    #expect(list[3].hasPrefix("runs/digits-3") && list[3].contains("no report"))
    let lines = try lines(chainrule.run("runs", "--json"))
    #expect(lines.compactMap { $0["run"] as? String } == ["runs/digits-2", "runs/digits-1", "runs/digits-3"])

    let compared = try chainrule.run("runs", "digits-1", "runs/digits-2")
    #expect(compared.status == 0, "\(compared.diagnostics)")
    let rate = try #require(compared.output.split(separator: "\n").first { $0.contains("learningRate") })
    #expect(rate.contains("1e-05") && rate.contains("0.01"))
    #expect(compared.output.contains("balanced accuracy") && !compared.output.contains("batchSize"))
    let unknown = try chainrule.run("runs", "digits-7")
    #expect(unknown.status != 0 && unknown.diagnostics.contains("digits-7"))
    #expect(!FileManager.default.fileExists(atPath: chainrule.folder.path + "/digits-7"))
  }
}

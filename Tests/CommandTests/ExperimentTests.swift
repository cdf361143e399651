import Foundation
import Testing

/// Experiments as files, and many of them in a row.
@Suite struct ExperimentTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  private func write(_ text: String, to name: String) throws { try chainrule.write(Array(text.utf8), to: name) }

  private func text(_ name: String) throws -> String { String(decoding: try chainrule.bytes(name), as: UTF8.self) }

  @Test func `what was typed and what was described give the same model`() throws {
    let typed = [
      "train", "digits", "--hidden", "16,8", "--hidden=4", "--learning-rate", "0.01", "--optimizer=sgd", "--momentum",
      "0.9", "--nesterov", "--epochs", "2", "--threads", "1", "--out", "typed", "--quiet", "--no-run-folder",
    ]
    let run = try chainrule.run(typed + ["--save-experiment", "experiment.yaml"])
    #expect(run.status == 0, "\(run.diagnostics)")
    let description = try text("experiment.yaml")
    for line in [
      "data: \"digits\"", "hidden: [16,8,4]", "learningRate: 0.01", "nesterov: true", "optimizer: \"sgd\"", "epochs: 2",
    ] { #expect(description.contains(line + "\n"), "\(description)") }
    let again = try chainrule.run("train", "experiment.yaml", "--out", "described", "--quiet")
    #expect(again.status == 0, "\(again.diagnostics)")
    #expect(try chainrule.bytes("typed") == chainrule.bytes("described"))
    // What is typed goes before what is described.
    let longer = try chainrule.run("train", "experiment.yaml", "--epochs", "3", "--out", "longer", "--json")
    #expect(try longer.jsonLines().last?["epochs"] as? Int == 3)
  }

  private let nested = """
    data: digits
    network:
      kind: graph
      inputs: [image]
      nodes:
        - {name: flat, kind: flatten, inputs: [image]}
        - {name: hidden, kind: dense, units: 8, activation: relu, inputs: [flat]}
        - {name: y, kind: dense, units: 10, inputs: [hidden]}
    epochs: 1
    threads: 1
    noRunFolder: true

    """

  @Test func `a network described in place, in a file of its own, or typed, is the same`() throws {
    try write(nested, to: "experiment.yaml")
    let lines = nested.split(separator: "\n").map(String.init)
    try write(lines[2...7].map { $0.dropFirst(2) + "\n" }.joined(), to: "network.yaml")
    try write("data: digits\nnetwork: network.yaml\nepochs: 1\nthreads: 1\nnoRunFolder: true\n", to: "named.yaml")
    let typed =
      "{kind: graph, inputs: [image], nodes: [{name: flat, kind: flatten, inputs: [image]}, {name: hidden, kind: dense, "
      + "units: 8, activation: relu, inputs: [flat]}, {name: y, kind: dense, units: 10, inputs: [hidden]}]}"
    let commands = [
      ["experiment.yaml"], ["named.yaml"],
      ["digits", "--network", typed, "--epochs", "1", "--threads", "1", "--no-run-folder"],
      ["saved0.yaml"], ["saved1.yaml"], ["saved2.yaml"],
    ]
    for (index, command) in commands.enumerated() {
      let save = index < 3 ? ["--save-experiment", "saved\(index).yaml"] : []
      let run = try chainrule.run(["train"] + command + save + ["--out", "model\(index)", "--quiet"])
      #expect(run.status == 0, "\(run.diagnostics)")
      #expect(try chainrule.bytes("model\(index)") == chainrule.bytes("model0"), "\(command)")
    }
    #expect(try text("saved1.yaml").contains("network: \"network.yaml\"\n"))
    #expect(try text("saved2.yaml").contains("network:\n  kind: graph\n"))
  }

  @Test(arguments: [
    ("units: 8", "unit: 8", "wrong.yaml:7:", "unit"), ("inputs: [hidden]", "inputs: [hiden]", "wrong.yaml:8:", "hiden"),
    ("units: 8", "units: 0", "wrong.yaml:7:", "at least 1 unit"), ("kind: graph", "kind: grap", "wrong.yaml:", "grap"),
    ("epochs: 1", "momentum: 0.9", "wrong.yaml:9:", "--momentum"),
    ("epochs: 1", "hidden: 8", "wrong.yaml:", "--hidden"),
    ("epochs: 1", "epochs: 0", "wrong.yaml:9:", "--epochs"),
    ("epochs: 1", "classWeights: [1, 2]", "wrong.yaml:9:", "2 numbers"),
  ])
  func `mistakes in a network described in place name file and line`(
    right: String, wrong: String, place: String, word: String
  ) throws {
    try write(nested.replacing(right, with: wrong), to: "wrong.yaml")
    let run = try chainrule.run("train", "wrong.yaml")
    #expect(run.status != 0 && !run.wasKilled)
    #expect(run.diagnostics.contains(place) && run.diagnostics.contains(word), "\(run.diagnostics)")
    #expect(try chainrule.names() == ["wrong.yaml"])
  }

  @Test func `what was typed is saved as it was`() throws {
    try write(String(repeating: "1.5,007,x\n2.5,008,y\n", count: 60), to: "t.csv")
    let typed = [
      "train", "t.csv", "--no-header", "--target", "column 3", "--column", "column 2=categorical", "--missing", "007x",
      "--missing", "1e3", "--epochs", "1", "--threads", "1", "--no-run-folder", "--quiet",
    ]
    let run = try chainrule.run(typed + ["--out", "typed", "--save-experiment", "saved.yaml"])
    #expect(run.status == 0, "\(run.diagnostics)")
    let saved = try text("saved.yaml")
    #expect(saved.contains("header: false\n") && saved.contains("missing: [\"007x\",\"1e3\"]\n"))
    let again = try chainrule.run("train", "saved.yaml", "--out", "described", "--quiet")
    #expect(again.status == 0, "\(again.diagnostics)")
    #expect(try chainrule.bytes("typed") == chainrule.bytes("described"))
  }

  @Test func `by hand, in YAML`() throws {
    try write("# A small network.\ndata: digits\nhidden: 8\nepochs: 1\nnoReport: true\nthreads: 1\n", to: "small.yml")
    let run = try chainrule.run("train", "small.yml", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    #expect(try run.jsonLines().last?["epochs"] as? Int == 1)
  }

  @Test(arguments: [
    ("data: digits\nlearningrate: 1\n", "wrong.yaml:2", "learningrate"), ("epochs: 1\n", "wrong.yaml", "data"),
    ("data: digits\nepochs: true\n", "wrong.yaml:2", "epochs"),
    ("data: digits\nnesterov: 3\n", "wrong.yaml:2", "nesterov"),
    ("data: digits\nnoShuffle: true\n", "wrong.yaml:2", "shuffle: false"),
    ("data: digits\nintervalCount: -3\n", "wrong.yaml:2", "--interval-count"),
    ("data: digits\nscaling: quantile\n", "wrong.yaml:2", "--scaling is for tables"),
    ("data: [\n", "wrong.yaml", "YAML"), ("data: digits\nepochs: none\n", "wrong.yaml:2", "--epochs"),
    ("data: {a: 1}\n", "wrong.yaml:1", "data"), ("data: other.yaml\n", "wrong.yaml:1", "other.yaml"),
    ("data: digits\ndata: digits\n", "wrong.yaml:", "twice"),
  ])
  func `mistakes name file and line`(text: String, place: String, word: String) throws {
    try write(text, to: "wrong.yaml")
    let run = try chainrule.run("train", "wrong.yaml")
    #expect(run.status != 0 && !run.wasKilled)
    #expect(run.diagnostics.contains(place) && run.diagnostics.contains(word), "\(run.diagnostics)")
    #expect(try chainrule.names() == ["wrong.yaml"])
  }

  @Test func `a learning rate is found`() throws {
    let run = try chainrule.run(
      "find-learning-rate", "digits", "--hidden", "16", "--threads", "1", "--svg", "plot.svg", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    let result = try #require(try run.jsonLines().last)
    let rate = try #require(result["suggestion"] as? Double)
    #expect(rate > 1e-4 && rate < 1)
    #expect(try text("plot.svg").hasPrefix("<svg"))
    #expect(try chainrule.run("find-learning-rate", "digits", "--threads", "1").output.contains("--learning-rate"))
  }

  @Test func `a learning curve rises`() throws {
    let run = try chainrule.run(
      "learning-curve", "digits", "--hidden", "16", "--epochs", "5", "--sizes", "50,200,2000", "--repeats", "2",
      "--threads", "1", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    let lines = try run.jsonLines()
    #expect(lines.compactMap { $0["count"] as? Int } == [50, 200, 1150])
    let means = lines.compactMap { ($0["scores"] as? [Double])?.reduce(0, +) }
    #expect(means.count == 3 && means[0] < means[2])
  }

  @Test func `a run leaves a report, which is shown`() throws {
    let run = try chainrule.run("train", "digits", "--epochs", "2", "--threads", "1", "--json")
    #expect(try run.jsonLines().last?["run_folder"] as? String == "runs/digits-1")
    let report = try chainrule.run("report", "runs/digits-1")
    #expect(report.status == 0 && report.output.contains("balanced accuracy") && report.output.contains("│"))
    let page = try text("runs/digits-1/report.html")
    #expect(page.contains("chainrule train digits"))
    #expect(page.contains(#/Chainrule \d+\.\d+\.\d+, Swift \d+\.\d+[a-z ]*, oneDNN \d+\.\d+\.\d+/#))
    #expect(try chainrule.run("report", "runs/digits-2").diagnostics.contains("runs/digits-2"))
  }
}

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

  @Test func `by hand, in YAML`() throws {
    try write("# A small network.\ndata: digits\nhidden: 8\nepochs: 1\nnoReport: true\nthreads: 1\n", to: "small.yml")
    let run = try chainrule.run("train", "small.yml", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    #expect(try run.jsonLines().last?["epochs"] as? Int == 1)
  }

  @Test(arguments: [
    ("data: digits\nlearningrate: 1\n", "wrong.yaml:2", "learningrate"), ("epochs: 1\n", "wrong.yaml", "data"),
    ("data: digits\nepochs: true\n", "wrong.yaml:2", "epochs"), ("data: digits\nnesterov: 3\n", "wrong.yaml:2", "nesterov"),
    ("data: [\n", "wrong.yaml", "YAML"), ("data: digits\nepochs: none\n", "epochs", "--epochs"),
    ("data: {a: 1}\n", "wrong.yaml:1", "data"), ("data: digits\ndata: digits\n", "wrong.yaml:", "twice"),
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
    #expect(try text("runs/digits-1/report.html").contains("chainrule train digits"))
    #expect(try chainrule.run("report", "runs/digits-2").diagnostics.contains("runs/digits-2"))
  }
}

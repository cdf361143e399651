import FixtureSupport
import Foundation
import Testing

/// What a user does who has read nothing but the help.
@Suite struct LearningTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  /// Trains on the digits, on one thread so that tests beside each other do not wait for each other's.
  private func train(_ options: String...) throws -> Run {
    try chainrule.run(["train", "digits", "--threads", "1"] + options)
  }

  @Test func recognisesDigitsByDefault() throws {
    let training = try train()
    #expect(training.status == 0, "\(training.diagnostics)")
    #expect(training.diagnostics.isEmpty)
    #expect(training.output.contains("Test accuracy"))
    #expect(!training.output.contains("\u{1B}") && !training.output.contains("\r"))
    #expect(try chainrule.names() == ["digits.safetensors"])

    let summary = try #require(try chainrule.run("evaluate", "digits.safetensors", "digits", "--json").jsonLines().last)
    #expect(try #require(summary["accuracy"] as? Double) >= 0.97)
    #expect(summary["epochs"] as? Int == 30)
    #expect(summary["count"] as? Int == 359)
    #expect(summary["model"] as? String == "digits.safetensors")

    let table = try chainrule.run("evaluate", "digits.safetensors", "digits")
    #expect(table.status == 0)
    #expect(table.output.contains("recall"))
  }

  @Test func anExhaustiveSearchJudgesAllExamples() throws {
    let rows = (0..<120).map { "\($0 % 7 - 3).5,\(Double($0 % 7 - 3) * 2 + Double($0 % 5) / 10)\n" }
    try Data(("x,y\n" + rows.joined()).utf8).write(to: chainrule.folder.appendingPathComponent("line.csv"))
    let search = [
      "train", "line.csv", "--target", "y", "--test-fraction", "0", "--hidden", "none", "--ensemble", "1",
      "--algorithm", "exhaustive", "--out", "line.safetensors", "--json",
    ]
    let run = try chainrule.run(search)
    let summary = try #require(try run.jsonLines().last, "\(run.diagnostics)")
    #expect(summary["validation_loss"] == nil)
    let loss = try #require(summary["loss"] as? Double)
    let evaluation = try #require(
      try chainrule.run("evaluate", "line.safetensors", "line.csv", "--json").jsonLines().last)
    #expect(evaluation["count"] as? Int == 120)
    #expect(try abs(#require(evaluation["loss"] as? Double) - loss) < 1e-6)
    let watched = try chainrule.run(search + ["--validation-fraction", "0.25"])
    #expect(try #require(try watched.jsonLines().last)["validation_loss"] is Double, "\(watched.diagnostics)")
  }

  @Test func tellsProgramsWhatHappens() throws {
    let run = try train("--epochs", "3", "--json", "--out", "model.safetensors")
    #expect(run.status == 0)
    #expect(run.diagnostics.isEmpty)
    let lines = try run.jsonLines()
    #expect(lines.dropLast().compactMap { $0["epoch"] as? Int } == [1, 2, 3])
    let summary = try #require(lines.last)
    for key in ["accuracy", "test_accuracy"] {
      #expect((0...1).contains(try #require(summary[key] as? Double)), "\(key)")
    }
    for key in ["loss", "test_loss", "seconds"] { #expect(try #require(summary[key] as? Double) > 0, "\(key)") }
    #expect(summary["epochs"] as? Int == 3)
    #expect(summary["model"] as? String == "model.safetensors")

    let evaluation = try chainrule.run("evaluate", "model.safetensors", "digits", "--json").jsonLines().last
    #expect(evaluation?["accuracy"] as? Double == summary["test_accuracy"] as? Double)
  }

  @Test func predictsWithProbabilities() throws {
    _ = try train("--epochs", "10", "--quiet")
    let lines = try chainrule.run("predict", "digits.safetensors", "digits", "--limit", "5", "--json").jsonLines()
    #expect(lines.compactMap { $0["index"] as? Int } == [0, 1, 2, 3, 4])
    for line in lines {
      let outputs = try #require(line["outputs"] as? [Double])
      #expect(outputs.count == 10)
      #expect(abs(outputs.reduce(0, +) - 1) < 1e-4)
      let probability = try #require(line["probability"] as? Double)
      #expect(abs(probability - (outputs.max() ?? 0)) < 1e-6)
      let predicted = try #require(line["predicted"] as? String)
      #expect(outputs.firstIndex(of: outputs.max() ?? 0) == Int(predicted))
      let label = try #require(line["label"] as? String)
      #expect(line["correct"] as? Bool == (predicted == label))
    }
    let all = try chainrule.run("predict", "digits.safetensors", "digits")
    // A header and the digits held back.
    #expect(all.output.split(separator: "\n").count == 360)
  }

  @Test func writesTheSameModelForTheSameSeed() throws {
    for name in ["first", "second"] { _ = try train("--epochs", "2", "--dropout", "0.1", "--out", name) }
    _ = try train("--epochs", "2", "--dropout", "0.1", "--out", "other", "--seed", "1")
    #expect(try chainrule.bytes("first") == chainrule.bytes("second"))
    #expect(try chainrule.bytes("first") != chainrule.bytes("other"))
  }

  @Test(arguments: [
    "--hidden 32,16 --activation tanh --optimizer sgd --learning-rate 0.1 --momentum 0.9 --nesterov",
    "--hidden 32 --hidden 16 --optimizer rmsProp --momentum 0.5 --clip-value 1 --clip-norm 2 --schedule warmUp",
    "--hidden none --optimizer adamw --schedule one-cycle --gaussian-prior 0.1 --weight-initializer leCunNormal",
    "--activation Softplus --loss half-sum-squared-error --output-activation sigmoid --optimizer adaGrad",
    "--loss hinge --laplace-prior 0.01 --gaussian-prior 0.01 --clip-norm 1 --batch-size full --epochs 30",
    "--dropout 0.1 --ensemble 2 --no-shuffle --schedule constant",
    "--dropout 0.1 --shift 1 --schedule exponential --bias-initializer normal --validation-fraction 0.2",
  ])
  func learnsWithEveryOption(options: String) throws {
    let options = options.split(separator: " ").map(String.init)
    let run = try chainrule.run(["train", "digits", "--threads", "1", "--epochs", "6", "--json"] + options)
    #expect(run.status == 0, "\(run.diagnostics)")
    let summary = try #require(try run.jsonLines().last)
    // Ten classes: guessing is right one time in ten.
    #expect(try #require(summary["test_accuracy"] as? Double) > 0.3)
  }

  /// What a file says of how its model was trained, as JSON within JSON.
  private func settings(_ file: String) throws -> String {
    String(decoding: try chainrule.bytes(file), as: UTF8.self).replacing("\\", with: "")
  }

  @Test func otherOptionsLeaveThoseOfARecipeAlone() throws {
    try chainrule.write(Array(String(repeating: "to be or not to be\n", count: 40).utf8), to: "hamlet.txt")
    let words = ["train", "hamlet.txt", "--context", "4", "--steps", "2", "--threads", "1", "--no-run-folder"]
    #expect(try chainrule.run(words + ["--optimizer", "sgd"]).status == 0)
    #expect(try settings("hamlet.safetensors").contains(#"{"clipNorm":1,"kind":"sgd""#))
    #expect(try chainrule.run(words + ["--optimizer", "sgd", "--clip-norm", "2"]).status == 0)
    #expect(try settings("hamlet.safetensors").contains(#"{"clipNorm":2,"kind":"sgd""#))
  }

  @Test func undoesWhatARecipeDoesToImages() throws {
    let pixels = (0..<64 * 256).map { UInt8($0 * 31 % 251) }
    try chainrule.write(idx([64, 16, 16], pixels), to: "images/train-images-idx3-ubyte")
    try chainrule.write(idx([64], (0..<64).map { UInt8($0 % 2) }), to: "images/train-labels-idx1-ubyte")
    let words = ["train", "images", "--epochs", "1", "--threads", "1", "--no-run-folder", "--preset"]
    #expect(try chainrule.run(words + ["lenet"]).status == 0)
    #expect(try settings("images.safetensors").contains(#""shift":1"#))
    #expect(try chainrule.run(words + ["lenet", "--shift", "0"]).status == 0)
    #expect(try !settings("images.safetensors").contains(#""shift":1"#))
  }

  @Test func stopsAtTheAccuracyAskedFor() throws {
    let lines = try train("--epochs", "100", "--stop-at-accuracy", "0.9", "--json").jsonLines()
    let summary = try #require(lines.last)
    #expect(summary["stop_reason"] as? String == "accuracyReached")
    #expect(try #require(summary["test_accuracy"] as? Double) >= 0.9)
    let before = lines.dropLast(2).compactMap { $0["validation_accuracy"] as? Double }
    #expect(before.allSatisfy { $0 < 0.9 })
  }

  @Test func stopsEarlyOnExamplesHeldBackFromTraining() throws {
    let lines = try train(
      "--epochs", "200", "--patience", "2", "--learning-rate", "0.01", "--json"
    ).jsonLines()
    let summary = try #require(lines.last)
    #expect(summary["stop_reason"] as? String == "noImprovement")
    let losses = lines.dropLast().compactMap { $0["validation_loss"] as? Double }
    #expect(summary["kept_epoch"] as? Int == (losses.firstIndex(of: losses.min() ?? 0) ?? -1) + 1)
  }

  @Test func readsFoldersOfIDXFiles() throws {
    try chainrule.writeHalves("halves")
    let run = try chainrule.run("train", "halves", "--hidden", "8", "--learning-rate", "0.01", "--json")
    let summary = try #require(try run.jsonLines().last)
    #expect(summary["test_accuracy"] as? Double == 1)
    #expect(try chainrule.names() == ["halves", "halves.safetensors"])
  }

  @Test(.enabled(if: mnist != nil, "MNIST is not there: put its files into ../shared/data/mnist"))
  func learnsMNIST() throws {
    let folder = try #require(mnist)
    let run = try chainrule.run(
      "train", folder, "--hidden", "256", "--learning-rate", "0.001", "--batch-size", "128", "--epochs", "3", "--json",
      "--out", "mnist.safetensors", "--threads", "1")
    let summary = try #require(try run.jsonLines().last)
    #expect(try #require(summary["test_accuracy"] as? Double) > 0.965)
  }

  @Test(arguments: ["temporal-xor", "parity", "echo"])
  func learnsSequences(data: String) throws {
    let run = try chainrule.run(
      "train", data, "--threads", "1", "--hidden", "32", "--learning-rate", "0.005", "--epochs", "20", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    // Guessing the mean of zeros and ones is off by 0.25.
    #expect(try #require(try run.jsonLines().last?["test_loss"] as? Double) < 0.05)
    let line = try #require(
      try chainrule.run("predict", "\(data).safetensors", data, "--limit", "1", "--json").jsonLines().first)
    let (outputs, target) = (try #require(line["outputs"] as? [Double]), try #require(line["target"] as? [Double]))
    #expect(outputs.count == 12 && zip(outputs, target).allSatisfy { abs($0 - $1) < 0.5 })
    let race = try chainrule.run("race", data, "--seconds", "0.1")
    #expect(race.status != 0 && race.output.isEmpty && race.diagnostics.contains("one target each"))
  }

  @Test(arguments: [["--hidden", "none"], ["--activation", "tanh"], ["--network", "{kind: dense, units: 1}"]])
  func refusesWhatDoesNotFitSequencesBeforeItBegins(options: [String]) throws {
    let run = try chainrule.run(["train", "echo"] + options)
    #expect(run.status != 0 && !run.wasKilled && run.output.isEmpty && !run.diagnostics.isEmpty, "\(run.output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: chainrule.folder.path).isEmpty)
  }

  @Test func saysThatNothingIsHeldBack() throws {
    #expect(try chainrule.run("train", "xor", "--epochs", "1", "--threads", "1", "--quiet").status == 0)
    #expect(try chainrule.run("evaluate", "xor.safetensors", "xor", "--split", "training").status == 0)
    let run = try chainrule.run("evaluate", "xor.safetensors", "xor", "--split", "test")
    #expect(run.status != 0 && run.diagnostics.contains("xor: nothing is held back"), "\(run.diagnostics)")
  }

  @Test func explainsItself() throws {
    for arguments in [["--help"], ["help", "train"], ["evaluate", "--help"], ["--version"], []] {
      let run = try chainrule.run(arguments)
      #expect(run.status == 0)
      #expect(!run.output.isEmpty)
      #expect(run.diagnostics.isEmpty)
    }
  }
}

/// The folder of MNIST; nil when it is not there.
let mnist = SharedData.path("data/mnist")

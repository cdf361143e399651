import FixtureSupport
import Foundation
import Testing

/// Images from folders, as a user trains on them and predicts for them, and losses with settings.
@Suite struct ImageTests {
  let chainrule: Chainrule

  init() throws { chainrule = try Chainrule() }

  private func writeImages(_ folder: String, count: Int, channels: Int = 3, side: Int = 6) throws {
    for index in 0..<count {
      let isBright = index.isMultiple(of: 2)
      let brightness = (isBright ? 200 : 0) + UInt8(index % 50)
      let pixels = [UInt8](repeating: brightness, count: side * side * channels)
      try chainrule.write(
        png(width: side, height: side, channels: channels, pixels),
        to: "\(folder)/\(isBright ? "day" : "night")/\(index).png")
    }
  }

  private func writeImage(_ name: String, brightness: UInt8) throws {
    try chainrule.write(png(width: 6, height: 6, channels: 3, [UInt8](repeating: brightness, count: 108)), to: name)
  }

  @Test func trainsOnFoldersAndPredictsForImages() throws {
    try writeImages("sky/train", count: 40)
    try writeImages("sky/test", count: 8, channels: 1, side: 6)
    let run = try chainrule.run("train", "sky", "--hidden", "8", "--epochs", "30", "--threads", "1", "--json")
    #expect(run.status == 0, "\(run.diagnostics)")
    #expect(try run.jsonLines().last?["test_accuracy"] as? Double == 1)
    let evaluation = try chainrule.run("evaluate", "sky.safetensors", "sky", "--json").jsonLines().last
    #expect(evaluation?["accuracy"] as? Double == 1 && evaluation?["count"] as? Int == 8)
    // Of another size and without colours: resized and converted to what the model takes.
    try chainrule.write(png(width: 9, height: 5, channels: 1, [UInt8](repeating: 250, count: 45)), to: "new.png")
    let line = try chainrule.run("predict", "sky.safetensors", "new.png", "--json").jsonLines().first
    #expect(line?["predicted"] as? String == "day" && line?["label"] == nil && line?["correct"] == nil)
    let table = try chainrule.run("predict", "sky.safetensors", "new.png")
    #expect(table.status == 0 && table.output.contains("day") && !table.output.contains("wrong"))
    let labelled = try chainrule.run("predict", "sky.safetensors", "sky", "--json").jsonLines()
    #expect(labelled.count == 8 && labelled.allSatisfy { $0["correct"] as? Bool == true })
  }

  @Test func tellsThatOneClassIsNothingToLearn() throws {
    for index in 0..<12 {
      try writeImage("sky/day/\(index).png", brightness: 9)
    }
    try chainrule.write([], to: "sky/night/readme")
    for command in ["train", "sweep", "learning-curve", "race", "find-learning-rate"] {
      let run = try chainrule.run(command, "sky")
      #expect(run.status != 0 && !run.wasKilled && run.output.isEmpty, "\(command): \(run.output)")
      #expect(run.diagnostics.contains("of the class 'day': there is nothing to learn"), "\(run.diagnostics)")
      #expect(run.diagnostics.contains("'sky/night'"), "\(run.diagnostics)")
    }
    #expect(try chainrule.names() == ["sky"])
    let train = ["train", "sky", "--epochs", "1", "--threads", "1", "--quiet"]
    let encoder = try chainrule.run(train + ["--preset", "autoencoder"])
    #expect(encoder.status == 0, "\(encoder.diagnostics)")
    try writeImage("sky/noon/0.png", brightness: 200)
    let two = try chainrule.run(train + ["--test-fraction", "0"])
    #expect(two.status == 0 && two.diagnostics == "Left out 'sky/night': there are no images in it.\n")
  }

  private func evaluation(_ arguments: String...) throws -> [String: Any] {
    let run = try chainrule.run(["evaluate", "sky.safetensors"] + arguments + ["--json"])
    return try #require(try run.jsonLines().last, "\(run.diagnostics)")
  }

  @Test func measuresImagesThatWereHeldBackAndAllOfOtherFolders() throws {
    try writeImages("sky", count: 40)
    let train = ["train", "sky", "--hidden", "8", "--epochs", "3", "--threads", "1", "--json", "--seed", "3"]
    let trained = try #require(try chainrule.run(train + ["--test-fraction", "0.1"]).jsonLines().last)
    let held = try evaluation("sky")
    #expect(held["count"] as? Int == 4 && held["split"] as? String == "test")
    #expect(held["loss"] as? Double == trained["test_loss"] as? Double)
    let rest = try evaluation("sky", "--split", "training")
    #expect(rest["count"] as? Int == 36 && rest["split"] as? String == "training")
    #expect(try chainrule.run("predict", "sky.safetensors", "sky", "--json").jsonLines().count == 4)

    // The same images elsewhere are the same images.
    #expect(try chainrule.shell("mkdir moved && cp -r sky moved/sky").status == 0)
    #expect(try evaluation("moved/sky")["loss"] as? Double == held["loss"] as? Double)
    try writeImages("other", count: 20, side: 9)
    #expect(try evaluation("other")["count"] as? Int == 20)
    #expect(try evaluation("other")["split"] as? String == "whole")
    let refused = try chainrule.run("evaluate", "sky.safetensors", "other", "--split", "test")
    #expect(refused.status != 0 && refused.diagnostics.contains("leave --split out"), "\(refused.diagnostics)")
    // One image, of the second class.
    try writeImage("one/night/0.png", brightness: 3)
    #expect(try evaluation("one")["count"] as? Int == 1)
    #expect(try evaluation("one")["accuracy"] as? Double == 1)
    let one = try chainrule.run("predict", "sky.safetensors", "one", "--json").jsonLines()
    #expect(one.count == 1 && one[0]["correct"] as? Bool == true)
    // A class that was not learned.
    try writeImage("two/dusk/0.png", brightness: 3)
    let stranger = try chainrule.run("evaluate", "sky.safetensors", "two")
    #expect(stranger.status != 0 && stranger.diagnostics.contains("a class 'dusk'"), "\(stranger.diagnostics)")

    let whole = try #require(try chainrule.run(train + ["--test-fraction", "0"]).jsonLines().last)
    #expect(whole["test_loss"] == nil)
    #expect(try evaluation("sky")["count"] as? Int == 40)
  }

  @Test func namesImagesThatCannotBeUsed() throws {
    try writeImages("sky", count: 20)
    try chainrule.write([1, 2, 3], to: "sky/day/broken.png")
    let refused = try chainrule.run("train", "sky", "--epochs", "1", "--threads", "1")
    #expect(refused.status != 0 && !refused.wasKilled && refused.diagnostics.contains("sky/day/broken.png"))
    let skipping = try chainrule.run("train", "sky", "--epochs", "1", "--threads", "1", "--skip-damaged", "--quiet")
    #expect(skipping.status == 0 && skipping.diagnostics.contains("Left out 1 damaged image"))
    #expect(skipping.diagnostics.contains("sky/day/broken.png"))
    try FileManager.default.removeItem(at: chainrule.folder.appendingPathComponent("sky/day/broken.png"))
    try chainrule.write(
      png(width: 7, height: 6, channels: 1, [UInt8](repeating: 1, count: 42)), to: "sky/night/wide.png")
    let uneven = try chainrule.run("train", "sky", "--epochs", "1", "--threads", "1")
    #expect(uneven.status != 0 && uneven.diagnostics.contains("sky/night/wide.png"))
    let resized = try chainrule.run("train", "sky", "--epochs", "1", "--threads", "1", "--image-size", "4x4", "--quiet")
    #expect(resized.status == 0, "\(resized.diagnostics)")
    for size in ["4", "0x4", "4x4x4", "axb", "99999999999999999999x1"] {
      let run = try chainrule.run("train", "sky", "--image-size", size)
      #expect(run.status == 64 && run.diagnostics.contains("such as 32x32"), "\(run.diagnostics)")
    }
  }

  @Test func weighsClassesAndSmoothsLabels() throws {
    let train = ["train", "digits", "--epochs", "1", "--threads", "1", "--quiet"]
    let weights = (0..<10).map { "\($0 % 2)" }.joined(separator: ",")
    let run = try chainrule.run(train + ["--label-smoothing", "0.1", "--class-weights", weights])
    #expect(run.status == 0, "\(run.diagnostics)")
    let evaluation = try #require(
      try chainrule.run("evaluate", "digits.safetensors", "digits", "--json").jsonLines().last)
    let matrix = try #require(evaluation["confusion_matrix"] as? [[Int]])
    // What does not count is hardly guessed.
    var guesses = [0, 0]
    for row in matrix {
      for (chosen, count) in row.enumerated() { guesses[chosen % 2] += count }
    }
    #expect(guesses[0] < guesses[1] / 4)
    let mistakes: [(options: [String], message: String)] = [
      (["--class-weights", "1,2"], "there are 10 classes"),
      (["--class-weights", "0,0"], "at least one class must count"),
      (["--label-smoothing", "1"], "from 0 to below 1"),
      (["--label-smoothing", "0.1", "--loss", "hinge"], "softmaxCrossEntropy"),
    ]
    for (options, message) in mistakes {
      let run = try chainrule.run(train + options)
      #expect(run.status == 64 && run.diagnostics.contains(message), "\(run.diagnostics)")
    }
  }
}

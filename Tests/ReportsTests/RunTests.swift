import Datasets
import Foundation
import Interchange
import NeuralNetworks
import Optimizers
import Reports
import Testing
import Training

/// The folder of a run, and the report in it.
struct RunTests {
  private func withFolder<Result>(_ body: (Folder) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(Folder(path: path))
  }

  @Test func `folders are numbered, and found again`() throws {
    try withFolder { runs in
      #expect(RunFolder.latest(named: "digits", in: runs) == nil)
      for number in 1...3 {
        #expect(try RunFolder.next(named: "digits", in: runs).folder.path == runs.file("digits-\(number)"))
      }
      try Folder(path: runs.file("digits-10")).create()
      try Folder(path: runs.file("digits-x")).create()
      #expect(RunFolder.latest(named: "digits", in: runs) == runs.file("digits-10"))
      #expect(try RunFolder.next(named: "digits", in: runs).folder.path == runs.file("digits-11"))
      #expect(try RunFolder.next(named: "other", in: runs).folder.path == runs.file("other-1"))
      try AtomicFile(path: runs.file("file")).write([1])
      let error = #expect(throws: FileWriteError.self) { try RunFolder(path: runs.file("file/run")) }
      #expect(error?.description.contains("file/run") == true)
    }
  }

  private func train(_ run: RunFolder, epochs: Int = 3) throws -> (Trainer, TrainingReport, Dataset, Dataset) {
    let digits = try Digits.load()
    let network = Sequential {
      Flatten()
      Dense(12, activation: .tanh)
      Dense(10)
    }
    let trainer = try Trainer(
      network, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.003),
      options: TrainingOptions(epochs: epochs, threads: 1))
    let recorder = try RunRecorder(run, LossView(.softmaxCrossEntropy))
    let report = try trainer.fit(digits.training, validation: digits.test, measuresLayers: true) { progress in
      if let epoch = progress.endedEpoch { try recorder.record(epoch, progress.statistics) }
    }
    return (trainer, report, digits.training, digits.test)
  }

  @Test func `each epoch is a line of JSON, also when the records are made anew`() throws {
    try withFolder { folder in
      let run = try RunFolder(path: folder.path)
      let (_, report, _, _) = try train(run)
      func lines() throws -> [[String: Any]] {
        try String(contentsOfFile: run.metrics, encoding: .utf8).split(separator: "\n").map { line in
          try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
      }
      let first = try lines()
      #expect(first.compactMap { $0["epoch"] as? Int } == [1, 2, 3])
      let accuracies = first.compactMap { $0["validation_accuracy"] as? Double }
      #expect(zip(accuracies, report.epochs).allSatisfy { abs($0 - ($1.validationAccuracy ?? .nan)) < 1e-12 })
      #expect((first[0]["parameters"] as? [[String: Any]])?.count == 4)
      _ = try RunRecorder(run, LossView(.softmaxCrossEntropy), epochs: report.epochs, statistics: report.statistics)
      #expect(try lines().count == 3 && lines()[2].keys.sorted() == first[2].keys.sorted())
    }
  }

  @Test func `the report is one page with everything in it`() throws {
    try withFolder { folder in
      let run = try RunFolder(path: folder.path)
      let (trainer, training, data, test) = try train(run)
      let report = try RunReport(
        title: "digits <1>", command: "chainrule train digits", settings: [RunReport.Fact("seed", "0")],
        training: training, trained: data, model: trainer.model(),
        judged: (test, "test", trainer.model().measure(test, threads: 1)),
        about: [RunReport.Fact("left out", "number (a row number)")], learningRate: 0.003, threads: 1)
      try report.write(to: run)
      let page = try String(contentsOfFile: run.report, encoding: .utf8)
      for text in [
        "digits &lt;1&gt;", "chainrule train digits", "balanced accuracy", "ROC AUC", "data:image/bmp;base64,", "<svg",
        "Norm of each layer's gradient", "Class (row) taken for (column)", "dense1/weight", "precision", "Calibration",
        "examples of each class", "number (a row number)", "waiting for data",
      ] { #expect(page.contains(text), "\(text)") }
      // Nothing is loaded from elsewhere, and nothing runs.
      for text in ["<script", "<link", "src=\"http", "url("] { #expect(!page.contains(text), "\(text)") }
      let plots = try FileManager.default.contentsOfDirectory(atPath: run.plots.path).sorted()
      #expect(plots == report.plots.map { "\($0.name).svg" }.sorted())
      #expect(plots.contains("confusion.svg") && plots.contains("gradient-norms.svg"))
      let again = try RunReport(of: run)
      #expect(again.html == report.html && again.mistakes == report.mistakes)
      guard case .classes(let scores) = report.scores else { throw CancellationError() }
      #expect(try scores.accuracy == trainer.evaluate(test).accuracy)
      #expect(report.mistakes.count == min(24, test.count - Int((scores.accuracy * Double(test.count)).rounded())))
    }
  }

  @Test func `a class may be called nothing, and images have no words`() throws {
    func report(_ data: Dataset, _ loss: Loss, outputs: Int) throws -> RunReport {
      let network = Dense(outputs, weightInitializer: .zeros)
      let trainer = try Trainer(
        network, loss: loss, optimizer: .sgd(learningRate: 1), options: TrainingOptions(epochs: 0, threads: 1))
      let training = try trainer.fit(data)
      return try RunReport(
        title: "t", command: "c", settings: [], training: training, trained: data, model: trainer.model(),
        judged: (data, "training", trainer.model().measure(data, threads: 1)), learningRate: 1)
    }
    let named = try report(
      Dataset(features: .floats([1, 2]), featureShape: [1], classes: [0, 1], classNames: ["b", ""]),
      .softmaxCrossEntropy, outputs: 2)
    // Of two that are as probable, the first is chosen.
    #expect(named.mistakes.map(\.truth) == [""] && named.mistakes.map(\.prediction) == ["b"])
    #expect(named.html.contains("is <b></b>, taken for <b>b</b>") && !named.html.contains("off by"))
    let images = try report(
      Dataset(features: .floats([1, 2, 3, 4]), featureShape: [2, 2], values: [1, 0, 0, 1], targetShape: [4]),
      .meanSquaredError, outputs: 4)
    #expect(images.mistakes.count == 1)
    #expect(images.mistakes.allSatisfy { $0.truth == nil && $0.prediction == nil })
    #expect(images.html.contains("off by 2 in all") && !images.html.contains("taken for <b>"))
  }

  @Test func `a run without a report says so`() throws {
    try withFolder { folder in
      let run = try RunFolder(path: folder.path)
      let error = #expect(throws: TrainingError.self) { try RunReport(of: run) }
      #expect(error?.description.contains(run.summary) == true)
      try AtomicFile(path: run.summary).write(Array("{}".utf8))
      #expect(throws: TrainingError.self) { try RunReport(of: run) }
    }
  }

  @Test func `pictures are bitmaps with rows from the bottom`() throws {
    let picture = try #require(Picture([0, 1, 2, 3, 4, 5], shape: [2, 3]))
    #expect(picture.width == 3 && picture.height == 2 && [UInt8](picture.pixels).prefix(6) == [0, 0, 0, 51, 51, 51])
    // Numbers of which the range, or what divides by it, is no float.
    let least = Float.leastNonzeroMagnitude
    for (low, high) in [(0, least), (least, 100 * least), (-3e38, 3e38)] {
      let picture = Picture([low, low, low, high], shape: [2, 2])
      #expect(picture?.pixels == Data(count: 9) + Data(repeating: 255, count: 3))
    }
    #expect(Picture([1, 2], shape: [2]) == nil && Picture([1, 2, 3], shape: [2, 2]) == nil)
    #expect(Picture([Float](repeating: 1, count: 12), shape: [2, 2, 3])?.pixels == Data(count: 12))
  }
}

import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Reports
import Testing
import Training

struct ModelPictureTests {
  @Test func `decision regions have the colours of the classes`() throws {
    let data = Synthetic.xor()
    let trainer = try Trainer(
      Sequential {
        Dense(16, activation: .tanh)
        Dense(2)
      }, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02),
      options: TrainingOptions(epochs: 400, threads: 1))
    try trainer.fit(data)
    #expect(try trainer.evaluate(data).accuracy == 1)
    let image = try decisionRegions(of: trainer.model(), data, size: 120)
    // The corners of the unit square stand a twelfth within the picture; beside their dots, the class is plain to see.
    func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(image.pixels[(3 * (y * 120 + x))..<(3 * (y * 120 + x) + 3)]) }
    for (x, y, label) in [(2, 117, 0), (117, 2, 0), (2, 2, 1), (117, 117, 1)] {
      let color = pixel(x, y)
      #expect(label == 0 ? color[2] > color[0] : color[0] > color[2], "\(x) \(y): \(color)")
    }
    #expect(throws: TrainingError.self) { try decisionRegions(of: trainer.model(), Digits.load().test) }
    #expect(throws: TrainingError.self) { try reconstructions(of: trainer.model(), data) }
  }

  @Test(arguments: [("autoencoder", 0.5), ("vae", 0.75)] as [(String, Float)])
  func `autoencoders say digits in few numbers`(name: String, share: Float) throws {
    let preset = try #require(Preset(named: name))
    let (training, test) = try Digits.load()
    let (images, held) = (try training.reconstructing(), try test.reconstructing())
    var options = preset.options
    options.epochs = 8
    options.threads = 1
    let trainer = try Trainer(
      AnyLayer(preset.network(images)), loss: preset.loss, optimizer: preset.optimizer, options: options)
    let run = try trainer.fit(images)
    let model = try trainer.model()
    // Better than the mean image is for every digit.
    guard case .values(let targets) = held.targets else {
      Issue.record("targets must be numbers")
      return
    }
    let outputs = try model.predictor(batchSize: 100).predict(held).flatMap { $0 }
    let means = (0..<64).map { pixel in
      stride(from: pixel, to: targets.count, by: 64).reduce(Float(0)) { $0 + targets[$1] } / Float(held.count)
    }
    func error(_ guess: (Int) -> Float) -> Float {
      targets.indices.reduce(0) { $0 + (targets[$1] - guess($1)) * (targets[$1] - guess($1)) } / Float(targets.count)
    }
    #expect(error { outputs[$0] } < share * error { means[$0 % 64] })
    let image = try reconstructions(of: model, held, count: 20)
    #expect(image.width == 10 * 70 + 6 && image.height == 2 * 140 + 6)
    let report = try RunReport(
      title: name, command: "", settings: [], training: run, trained: images, model: model,
      judged: (held, "test", model.measure(held, threads: 1)), learningRate: 0.002, threads: 1)
    #expect(try report.reconstructions.map { Array($0) } == reconstructions(of: model, held).encoded())
    #expect(report.html.contains("<h2>Images of the test data, and below each"))
    #expect(report.html.contains("src=\"data:image/png;base64,"))
    #expect(report.html.contains("off by ") && !report.html.contains("taken for <b>"), "pixels tell nobody anything")
  }

  @Test func `autoencoders take only pixels from 0 to 1`() throws {
    let data = try Dataset(
      features: .floats([0, 1, 2, 3]), featureShape: [2, 2], classes: [0], classNames: ["a"]).reconstructing()
    #expect(throws: TrainingError.self) { try Preset.vae.network(data) }
    #expect(throws: TrainingError.self) { try Preset.autoencoder.network(Synthetic.xor().reconstructing()) }
  }
}

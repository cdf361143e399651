import Datasets
import NeuralNetworks
import Testing
import Training

struct PresetTests {
  @Test func `presets are found by their names, which differ`() {
    #expect(Set(Preset.all.map(\.name)).count == Preset.all.count)
    for preset in Preset.all {
      #expect(Preset(named: preset.name)?.name == preset.name)
      #expect(!preset.summary.isEmpty)
      #expect(throws: Never.self) { try preset.options.validate() }
      #expect(throws: Never.self) { try preset.optimizer(stepCount: 1000).validate() }
    }
    #expect(Preset(named: "nothing") == nil)
  }

  @Test func `a network of fewer than no blocks is refused`() {
    #expect(throws: TrainingError.self) { try Preset.gptNetwork(vocabulary: 5, context: 4, blocks: -1) }
  }

  /// The shipped digits with a border of two, since LeNet takes no smaller images.
  private func bordered(_ digits: Dataset) throws -> Dataset {
    var features: [Float] = []
    for row in 0..<digits.count {
      let image = try #require(digits.features(at: row)).scalars
      for y in -2..<10 {
        for x in -2..<10 { features.append((0..<8).contains(y) && (0..<8).contains(x) ? image[y * 8 + x] : 0) }
      }
    }
    return try Dataset(
      features: .floats(features), featureShape: [12, 12], classes: digits.classes ?? [], classNames: digits.classNames)
  }

  @Test func `lenet reads digits`() throws {
    let digits = try Digits.load()
    let (training, test) = (try bordered(digits.training), try bordered(digits.test))
    let preset = Preset.lenet
    var options = preset.options
    (options.epochs, options.shift) = (20, 0)
    let network = try preset.network(training)
    let trainer = try makeTrainer(
      network, preset.loss, optimizer: preset.optimizer(stepCount: options.stepCount(exampleCount: training.count)),
      options: options)
    try trainer.fit(training)
    let accuracy = try #require(try trainer.evaluate(test).accuracy)
    #expect(accuracy >= 0.95)
    // A saved model is the same network.
    #expect(try trainer.model().evaluate(test).accuracy == accuracy)
  }

  @Test func `lenet says which data it takes`() throws {
    let digits = try Digits.load().training
    let text = message { _ = try Preset.lenet.network(digits) }
    #expect(text.contains("lenet") && text.contains("12x12") && text.contains("[8, 8]"))
  }

  @Test func `resnet20 is the network of its paper, and its running statistics are saved with it`() throws {
    let features = (0..<32 * 64).flatMap { place -> [Float] in
      let noise = Float(place * 37 % 101) / 200
      return place / 64 % 2 == 0 ? [0.6 + noise, 0.2, noise] : [noise, 0.2, 0.6 + noise]
    }
    let data = try Dataset(
      features: .floats(features), featureShape: [8, 8, 3], classes: (0..<32).map { $0 % 2 },
      classNames: ["red", "blue"])
    let preset = Preset.resnet20
    var options = preset.options
    (options.epochs, options.batchSize) = (1, 12)
    let network = try preset.network(data)
    let trainer = try makeTrainer(
      network, preset.loss,
      optimizer: preset.optimizer(stepCount: options.stepCount(exampleCount: 32)), options: options)
    try trainer.fit(data)
    let model = try trainer.model()
    #expect(try model.evaluate(data).loss == trainer.evaluate(data).loss)
    // 272,474 for the ten classes of CIFAR-10.
    #expect(model.weightCount == 272_474 - 8 * 65)
    // In use, normalisation is part of the convolutions; what is left between them are the ReLUs, nine of them of the
    // blocks' sums.
    let steps = try model.predictor(batchSize: 2, threads: 1).program.steps.filter { !$0.isPreparation }
    #expect(steps.count { $0.operation.name == "fusedElementwise" } == 19)
    let flat = try Dataset(features: .floats([1, 2]), featureShape: [2], classes: [0], classNames: ["a"])
    #expect(message { _ = try preset.network(flat) }.contains("images"))
  }
}

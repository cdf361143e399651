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
    (options.epochs, options.augmentation) = (20, nil)
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
}

import Datasets
import Foundation
import Interchange
import NeuralNetworks
import Testing
import Training

/// The networks of `Examples/Networks`, each of which learns something that needs its form.
struct ExampleNetworksTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Examples/Networks").standardized.path

  private func network(_ name: String) throws -> AnyLayer {
    try YAMLDocument(contentsOf: "\(Self.folder)/\(name).yaml").decode(AnyLayer.self)
  }

  private func accuracy(
    _ name: String, _ data: Dataset, epochs: Int, learningRate: Double = 0.01, seed: UInt64 = 0
  ) throws -> Double {
    let trainer = try Trainer(
      network(name), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: learningRate),
      options: TrainingOptions(epochs: epochs, seed: seed, threads: 1))
    try trainer.fit(data)
    return try #require(trainer.evaluate(data).accuracy)
  }

  /// The share of steps of new sequences at which the output is nearer to the right bit.
  private func bitAccuracy(_ name: String, _ data: (UInt64) throws -> Dataset, epochs: Int) throws -> Double {
    let trainer = try Trainer(
      network(name), loss: .meanSquaredError, optimizer: .adam(learningRate: 0.01),
      options: TrainingOptions(epochs: epochs, seed: 1, threads: 1))
    try trainer.fit(data(1))
    let test = try data(2)
    guard case .values(let expected) = test.targets else { return 0 }
    let found = try trainer.model().predictor(batchSize: 50).predict(test).flatMap { $0 }
    #expect(found.count == expected.count)
    let right = zip(found, expected).filter { ($0 > 0.5) == ($1 > 0.5) }.count
    return Double(right) / Double(expected.count)
  }

  @Test func `a fully connected cascade winds around spirals`() throws {
    let data = try Synthetic.spirals(count: 300, noise: 0.1, seed: 1)
    #expect(try accuracy("cascade", data, epochs: 300) > 0.95)
  }

  @Test func `an Elman network remembers the last bit`() throws {
    #expect(try bitAccuracy("elman", { try Synthetic.temporalXOR(count: 200, seed: $0) }, epochs: 60) > 0.99)
  }

  @Test func `a Jordan network remembers what it gave`() throws {
    #expect(try bitAccuracy("jordan", { try Synthetic.parity(count: 200, length: 8, seed: $0) }, epochs: 150) > 0.99)
  }

  @Test(arguments: [("residual", "moons"), ("shared", "moons"), ("branches", "circles")])
  func `networks of other forms learn`(name: String, data: String) throws {
    let data = try data == "moons"
      ? Synthetic.twoMoons(count: 300, noise: 0.1, seed: 1) : Synthetic.circles(count: 300, seed: 1)
    #expect(try accuracy(name, data, epochs: 40) > 0.98)
  }

  @Test(arguments: ["cascade", "elman", "jordan", "residual", "branches", "shared"])
  func `a model carries the description that it was trained from`(name: String) throws {
    let network = try network(name)
    let isSequence = name == "elman" || name == "jordan"
    let data = try isSequence
      ? Synthetic.temporalXOR(count: 8, length: 4, seed: 1)
      : Synthetic.spirals(count: 30, classCount: name == "cascade" ? 3 : 2, seed: 1)
    let trainer = try Trainer(
      network, loss: isSequence ? .meanSquaredError : .softmaxCrossEntropy, optimizer: .adam(),
      options: TrainingOptions(epochs: 2, threads: 1))
    try trainer.fit(data)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try trainer.model().save(to: file)
    let loaded = try Model(contentsOf: file)
    #expect(loaded.network == network)
    #expect(loaded == (try trainer.model()))
    #expect(try YAMLDocument(yamlText(loaded.network)).decode(AnyLayer.self) == network)
    #expect(try loaded.predictor(batchSize: 4).predict(data) == trainer.model().predictor(batchSize: 4).predict(data))
  }

  @Test func `the error of a layer finds its line`() throws {
    let text = """
      kind: graph
      inputs: [x]
      nodes:
        - {name: first, kind: dense, units: 2, inputs: [x]}
        - name: second
          kind: sequential
          layers:
            - {kind: dense, units: 3}
            - {kind: dense, units: 0}
          inputs: [first]
      """
    let document = try YAMLDocument(text, file: "net.yaml")
    let network = try document.decode(AnyLayer.self)
    let trainer = try Trainer(network, loss: .meanSquaredError, optimizer: .adam())
    let error = #expect(throws: LayerError.self) { try trainer.fit(try Synthetic.spirals(count: 30, seed: 1)) }
    let path = try #require(error?.path)
    #expect(path == "second/dense2")
    #expect(network.descriptionPath(ofLayer: path) == "nodes[1].layers[1]")
    #expect(document.error(at: network.descriptionPath(ofLayer: path), "").line == 9)
  }
}

import Datasets
import Foundation
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Texts token by token: what is carried over must give what a window computed anew gives.
struct GenerationTests {
  private static let context = 6

  /// A network with weights that a few steps have made uneven.
  private func model(_ network: AnyLayer) throws -> Model {
    let trainer = try Trainer(
      network, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.05),
      options: TrainingOptions(batchSize: 8, threads: 1, steps: 5))
    try trainer.fit(SequenceTests.data(context: Self.context))
    return try trainer.model()
  }

  private static func transformer(_ block: TransformerBlock, _ positions: PositionalEmbedding.Form?) -> Sequential {
    Sequential {
      Embedding(3, features: 8)
      if let positions { PositionalEmbedding(length: 9, positions) }
      block
      TransformerBlock(heads: 1, activation: .relu, isCausal: true, normalizesFirst: false)
      Dense(3)
    }
  }

  private static func recurrent(_ layer: some RecurrentLayer) -> Sequential {
    Sequential {
      Embedding(3, features: 4)
      layer
      Residual { Dense(5, activation: .tanh) }
      Dense(3)
    }
  }

  private static func stepwise() throws -> [AnyLayer] {
    [
      AnyLayer(try Preset.gptNetwork(vocabulary: 3, context: context, blocks: 2, heads: 2, channels: 8, dropout: 0.1)),
      AnyLayer(transformer(TransformerBlock(heads: 2, isCausal: true), .sinusoidal)),
      AnyLayer(transformer(TransformerBlock(heads: 2, isCausal: true, isRotary: true), nil)),
      AnyLayer(recurrent(LSTM(5, layers: 2, dropout: 0.2))), AnyLayer(recurrent(GRU(5))),
      AnyLayer(recurrent(SimpleRecurrent(5))),
      AnyLayer(elman(.zeros)),
    ]
  }

  /// Delays of several lengths, in a loop and outside of one, also of the tokens themselves.
  private static func elman(_ start: NetworkGraph.Source.Start) -> NetworkGraph {
    NetworkGraph(inputs: ["x"], nodes: [
      .init(Embedding(3, features: 4, name: "vectors"), inputs: ["x"]),
      .init(Embedding(3, features: 2, name: "before"), inputs: [.delayed("x", by: 2)]),
      .init(
        Dense(4, activation: .tanh, name: "hidden"),
        inputs: ["vectors", .delayed("hidden", start: start), .delayed("hidden", by: 3), .delayed("y")]),
      .init(Dense(3, name: "y"), inputs: ["hidden", "before", .delayed("vectors"), .delayed("vectors", by: 7)]),
    ], outputs: ["y"])
  }

  /// What looks ahead or back in ways of its own is computed anew.
  private static let whole: [AnyLayer] = [
    AnyLayer(recurrent(LSTM(5, directions: .backward))),
    AnyLayer(transformer(TransformerBlock(heads: 2, isCausal: false), .learned)),
    AnyLayer(Sequential {
      Embedding(3, features: 4)
      Convolution(5, kernel: [3], padding: .explicit(low: 2, high: 0))
      Dense(3)
    }),
    AnyLayer(elman(.learned)),
  ]

  @Test(arguments: try (stepwise() + whole).indices)
  func `carried states give what the whole window gives`(index: Int) throws {
    let stepwise = try Self.stepwise()
    let model = try model((stepwise + Self.whole)[index])
    let predictor = try model.predictor(batchSize: 1, threads: 1)
    let generator = try TextGenerator(model, threads: 1)
    #expect(generator.carriesState == (index < stepwise.count))

    func expected(_ tokens: [Int32]) throws -> [Float] {
      let window = Array(tokens.suffix(Self.context))
      let row = try predictor.predict(integers: window + Array(repeating: 0, count: Self.context - window.count))[0]
      return Array(row[((window.count - 1) * 3)..<(window.count * 3)])
    }
    func check(_ tokens: [Int32]) throws {
      let found = try generator.probabilities(after: tokens)
      for (a, b) in zip(found, try expected(tokens)) { #expect(abs(log(a) - log(b)) < 1e-5, "after \(tokens)") }
      #expect(found.count == 3)
    }
    // Growing until the window slides, another text, the same once more, and a shorter one.
    let text: [Int32] = [0, 1, 0, 2, 1, 2, 0, 1, 1]
    for count in 1...text.count { try check(Array(text.prefix(count))) }
    for tokens in [[2, 2, 1], [2, 2, 1], [2, 2]] as [[Int32]] { try check(tokens) }
    #expect(throws: (any Error).self) { try generator.probabilities(after: [0, 7]) }
    #expect(throws: TrainingError.self) { try generator.probabilities(after: []) }
    try check([0, 2])

    var written: [Int32] = [0, 2]
    try generator.generate(prompt: "ac", length: 12, sampling: TokenSampling(temperature: 0)) { token, _ in
      let probabilities = try expected(written)
      #expect(probabilities[Int(token)] > (probabilities.max() ?? 1) - 1e-5)
      written.append(token)
    }
    #expect(written.count == 14)
  }
}

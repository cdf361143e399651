import Datasets
import NeuralNetworks
import Optimizers

extension Preset {
  /// A small transformer that predicts the next token of a text: nanoGPT's recipe for a processor without accelerator.
  ///
  /// 4 blocks of 4 heads and 128 channels without biases; the embedding is also the last layer. Source: Karpathy,
  /// https://github.com/karpathy/nanoGPT, "i only have a macbook".
  public static let gpt = Preset(
    name: "gpt", summary: "a small GPT that learns to continue a text",
    loss: .softmaxCrossEntropy,
    optimizer: .adamW(learningRate: 1e-3, beta2: 0.99, weightDecay: 0.1, decaysMatricesOnly: true)
      .clipped(norm: 1),
    schedule: { steps in
      let rise = max(1, min(100, steps / 2))
      return .warmUp(
        steps: rise, startFactor: 1 / Double(rise + 1), then: .cosine(steps: max(1, steps - rise), finalFactor: 0.1))
    },
    options: TrainingOptions(batchSize: 12, steps: 2000)
  ) { data in
    guard data.targetShape == data.featureShape, data.featureType == .int32, data.predictsClasses else {
      throw misfit("gpt", data, takes: "text")
    }
    return try gptNetwork(vocabulary: data.classNames.count, context: data.featureShape[0])
  }

  /// The network of `gpt`.
  /// - Parameters:
  ///   - vocabulary: the number of tokens.
  ///   - context: the greatest number of tokens that are seen at once.
  ///   - blocks: the number of blocks.
  ///   - heads: the number of heads in each.
  ///   - channels: the length of the vectors between them.
  ///   - dropout: the share that is dropped while training.
  /// - Throws: `TrainingError` when the number of blocks is negative; the others are checked when it is traced.
  public static func gptNetwork(
    vocabulary: Int, context: Int, blocks: Int = 4, heads: Int = 4, channels: Int = 128, dropout: Double = 0
  ) throws -> TiedEmbedding {
    try require(blocks >= 0, "blocks", blocks, "0 or more")
    let normal = Initializer.normal(mean: 0, deviation: 0.02)
    // So that the sums of all blocks keep the scale of one.
    let small = Initializer.normal(mean: 0, deviation: 0.02 / Double(2 * max(blocks, 1)).squareRoot())
    return TiedEmbedding(vocabulary, features: channels, initializer: normal) {
      PositionalEmbedding(length: context)
      if dropout > 0 { Dropout(dropout) }
      for _ in 0..<blocks {
        TransformerBlock(
          heads: heads, isCausal: true, dropout: dropout, usesBias: false, initializer: normal,
          outputInitializer: small)
      }
      LayerNormalization(usesBias: false)
    }
  }
}

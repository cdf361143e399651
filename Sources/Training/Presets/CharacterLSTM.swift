import Datasets
import NeuralNetworks
import Optimizers

extension Preset {
  /// An LSTM of 128 units that predicts the next token of a text from embeddings of 64 features.
  ///
  /// Source: Karpathy, "The unreasonable effectiveness of recurrent neural networks" (2015), for networks of this kind.
  public static let lstm = Preset(
    name: "lstm", summary: "an LSTM that learns to continue a text",
    loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 3e-3).clipped(norm: 1),
    schedule: { .cosine(steps: $0, finalFactor: 0.05) },
    options: TrainingOptions(batchSize: 32, steps: 12_000)
  ) { data in
    guard data.targetShape == data.featureShape, data.featureType == .int32, data.predictsClasses else {
      throw misfit("lstm", data, takes: "text")
    }
    return Sequential {
      Embedding(data.classNames.count, features: 64)
      LSTM(128)
      Dense(data.classNames.count)
    }
  }
}

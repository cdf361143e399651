import Datasets
import NeuralNetworks
import Optimizers

extension Preset {
  /// A network for the rows of a table: what is used for tables unless something else is asked for.
  ///
  /// Two hidden layers, dropout, decoupled weight decay and a learning rate that falls to zero along a cosine. The number
  /// of epochs makes small tables be seen more often and large ones less; see `epochs(exampleCount:)`.
  /// - Parameters:
  ///   - data: the training examples.
  ///   - preprocessing: how they became features.
  public static func table(_ data: Dataset, _ preprocessing: Preprocessing) -> Preset {
    let loss: Loss =
      switch preprocessing.target.task {
      case .binary, .multiClass: .softmaxCrossEntropy
      case .multiLabel: .binaryCrossEntropy
      case .regression: .meanSquaredError
      }
    let batchSize = data.count < 2000 ? 32 : 128
    return Preset(
      name: "table", summary: "two dense layers with dropout on standardised columns", loss: loss,
      optimizer: .adamW(learningRate: 0.002), schedule: { .cosine(steps: $0) },
      options: TrainingOptions(epochs: epochs(exampleCount: data.count), batchSize: batchSize)
    ) { _ in
      tableNetwork(
        preprocessing, hidden: tableSizes.map { Dense($0, activation: .relu) },
        output: Dense(preprocessing.target.outputCount), dropout: tableDropout)
    }
  }

  /// The sizes of the hidden layers for a table, where no others are asked for.
  public static let tableSizes = [128, 128]
  /// The share of hidden units that is dropped for a table, where no other is asked for.
  public static let tableDropout = 0.1

  /// Dense layers behind the vectors of categories that have many values.
  /// - Parameter dropout: the share of each hidden layer's outputs that is dropped while training.
  public static func tableNetwork(
    _ preprocessing: Preprocessing, hidden: [Dense], output: Dense, dropout: Double
  ) -> Sequential {
    let embeddings = preprocessing.embeddings
    return Sequential {
      if !embeddings.isEmpty { ColumnEmbeddings(counts: embeddings.map(\.count), sizes: embeddings.map(\.size)) }
      for layer in hidden {
        layer
        if dropout > 0 { Dropout(dropout) }
      }
      output
    }
  }

  /// From 20 for tables of 20,000 rows and more to 200 for those of a few hundred, and fewer for very large ones.
  static func epochs(exampleCount: Int) -> Int {
    let steps = 400_000 / max(exampleCount, 1)
    return min(max(steps, 5), 200)
  }
}

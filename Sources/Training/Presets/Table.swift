import Datasets
import NeuralNetworks
import Optimizers

extension Preset {
  /// A network for the rows of a table: what is used for tables unless something else is asked for.
  ///
  /// An ensemble of networks of two hidden layers, with dropout, decoupled weight decay and a learning rate that falls
  /// to zero along a cosine; small tables are seen more often than large ones. Of all but the smallest a tenth is held
  /// back, so that the run ends when its loss no longer falls, with the best weights.
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
    let isLarge = data.count >= 10_000
    let epochs = epochs(exampleCount: data.count)
    var options = TrainingOptions(epochs: epochs, batchSize: isLarge ? 256 : data.count >= 2000 ? 128 : 32)
    if data.count >= leastCountToHoldBack {
      options.validationFraction = 0.1
      // The loss falls most at the end of the cosine, so that patience must be long.
      options.patience = max(5, epochs / 5)
    }
    return Preset(
      name: "table", summary: "an ensemble of dense networks for the columns of a table", loss: loss,
      optimizer: .adamW(learningRate: isLarge ? 0.003 : 0.002), schedule: { .cosine(steps: $0) },
      options: options
    ) { DenseNetwork.table(preprocessing).network(for: $0, preprocessing) }
  }

  /// The number of examples below which none are held back to watch the run: too few would tell nothing.
  public static let leastCountToHoldBack = 100

  /// Each member of the ensemble sees each of 20,000 examples 10 times; fewer examples are seen more often, many less.
  static func epochs(exampleCount: Int) -> Int {
    let epochs = DenseNetwork.tableEnsemble * 210_000 / max(exampleCount, 1)
    return min(max(epochs, 2 * DenseNetwork.tableEnsemble), 300)
  }
}

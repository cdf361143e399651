import Datasets
import NeuralNetworks

extension Preset {
  /// A network that must say an image in few numbers and make it again from them.
  ///
  /// Source: Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks" (2006), with today's
  /// units and optimizer in place of its layer-wise beginning.
  public static let autoencoder = reconstruction(
    "autoencoder", "an autoencoder of images, through 32 numbers"
  ) {
    [Dense(32, name: "code")]
  }

  /// An autoencoder whose few numbers are drawn from distributions near the normal one, so that new images can be made
  /// of random numbers. Source: Kingma and Welling, "Auto-encoding variational Bayes" (2014).
  public static let vae = reconstruction(
    "vae", "a variational autoencoder of images, through 20 numbers"
  ) {
    [Dense(40, name: "distribution"), Sampling(name: "code")]
  }

  private static func reconstruction(
    _ name: String, _ summary: String, _ code: @escaping @Sendable () -> [any Layer]
  ) -> Preset {
    Preset(
      name: name, summary: summary, loss: .sumBinaryCrossEntropy, optimizer: .adam(learningRate: 0.002),
      schedule: { .cosine(steps: $0) }, options: TrainingOptions(epochs: 20, batchSize: 100), reconstructs: true
    ) { data in
      guard (2...3).contains(data.featureShape.rank), isWithinUnit(data.features) else {
        throw misfit(name, data, takes: "images whose pixels are numbers from 0 to 1")
      }
      let count = data.featureShape.count
      return Sequential(
        [Flatten(), Dense(400, activation: .relu)] + code() + [Dense(400, activation: .relu), Dense(count)])
    }
  }

  private static func isWithinUnit(_ features: Dataset.Features) -> Bool {
    let range: ClosedRange<Float> = -1e-6...1.000_001
    switch features {
    case .bytes(let bytes, let scale, let offset):
      guard let low = bytes.min(), let high = bytes.max() else { return true }
      return range.contains(Float(low) * scale + offset) && range.contains(Float(high) * scale + offset)
    case .loading(_, _, let scale, let offset):
      // Whatever the bytes will be.
      return range.contains(offset) && range.contains(255 * scale + offset)
    case .floats(let floats): return floats.allSatisfy(range.contains)
    case .integers, .windows, .columns: return false
    }
  }
}

import Datasets
import NeuralNetworks
import Optimizers

/// A recipe by name: a network made for the data at hand, and settings that are known to train it well.
///
/// Everything but the network can be replaced by options of the command line or, in Swift, by other arguments of the
/// trainer:
///
/// ```swift
/// let recipe = Preset.lenet
/// let optimizer = recipe.optimizer(stepCount: recipe.options.stepCount(exampleCount: data.count))
/// let network = try recipe.network(data)
/// let trainer = try Trainer(AnyLayer(network), loss: recipe.loss, optimizer: optimizer, options: recipe.options)
/// ```
public struct Preset: Sendable {
  /// The word for it on the command line.
  public let name: String
  /// What it is and what it is for, in half a line.
  public let summary: String
  /// What is made small.
  public let loss: Loss
  /// How weights follow their gradients, before the schedule.
  public let optimizer: Optimizer
  /// How the learning rate changes during a run of so many steps.
  public let schedule: @Sendable (_ stepCount: Int) -> LearningRateSchedule
  /// Epochs, batch size, augmentation and all else.
  public let options: TrainingOptions
  /// The network for data of this form.
  /// - Throws: `TrainingError` that says which data it takes.
  public let network: @Sendable (_ data: Dataset) throws -> any Layer

  /// Whether examples are their own targets, as for autoencoders.
  public let reconstructs: Bool

  /// A recipe of one's own.
  public init(
    name: String, summary: String, loss: Loss, optimizer: Optimizer,
    schedule: @escaping @Sendable (_ stepCount: Int) -> LearningRateSchedule = { _ in .constant },
    options: TrainingOptions, reconstructs: Bool = false,
    network: @escaping @Sendable (_ data: Dataset) throws -> any Layer
  ) {
    self.reconstructs = reconstructs
    self.name = name
    self.summary = summary
    self.loss = loss
    self.optimizer = optimizer
    self.schedule = schedule
    self.options = options
    self.network = network
  }

  /// Every recipe of this library. A new one adds a file and a line here.
  public static let all: [Preset] = [
    .lenet, .resnet20, .gpt, .lstm, .autoencoder, .vae,
  ]

  /// The recipe of a name; nil when there is none.
  public init?(named name: String) {
    guard let preset = Self.all.first(where: { $0.name == name }) else { return nil }
    self = preset
  }

  /// The optimizer with its schedule fitted to a run of so many steps.
  public func optimizer(stepCount: Int) -> Optimizer { optimizer.scheduled(schedule(max(1, stepCount))) }

  /// An error for data that the network does not take.
  static func misfit(_ name: String, _ data: Dataset, takes: String) -> TrainingError {
    let targets = data.predictsClasses ? "\(data.classNames.count) classes" : "numbers as targets"
    return TrainingError(
      .mismatch,
      "the preset '\(name)' takes \(takes), but an example is of shape \(data.featureShape), with \(targets)",
      advice: "give other data, or leave the preset out")
  }
}

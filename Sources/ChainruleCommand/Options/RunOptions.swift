import ArgumentParser
import Chainrule

/// How long and on what the network learns.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How often every example is learned from.", valueName: "count"), transform: Parse.count)
  var epochs = 30

  @Option(
    help: ArgumentHelp("How many examples make a step: a number, or 'full' for all of them.", valueName: "size"),
    transform: Parse.batchSize)
  var batchSize = 32

  @Option(help: ArgumentHelp("What all random choices follow from; a whole number of 0 or more.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp("End when the accuracy on held-back examples reaches this, from 0 to 1.", valueName: "share"),
    transform: Parse.accuracy)
  var stopAtAccuracy: Double?

  @Option(
    help: ArgumentHelp("The share of the training data that is held back to watch the run.", valueName: "share"),
    transform: Parse.fraction)
  var validationFraction: Double?

  @Option(
    help: ArgumentHelp(
      "End when the loss on held-back examples has not fallen for so many epochs, and restore the best weights.",
      valueName: "epochs"),
    transform: Parse.count)
  var patience: Int?

  @Option(
    help: ArgumentHelp("End when the training loss has as good as not fallen for so many epochs.", valueName: "epochs"),
    transform: Parse.count)
  var flatEpochs: Int?

  @Option(
    help: ArgumentHelp("Move each image by up to so many pixels, anew in every epoch.", valueName: "pixels"),
    transform: Parse.count)
  var shift: Int?

  @Flag(help: "Mirror every second image from left to right, anew in every epoch.")
  var flip = false

  @Option(
    help: ArgumentHelp("How many threads to use. (default: all processors)", valueName: "count"),
    transform: Parse.count)
  var threads: Int?

  /// Early stopping chooses weights, so it must not look at the test data: it holds back a tenth where nothing else
  /// is asked for.
  var heldBack: Double { validationFraction ?? (patience == nil ? 0 : 0.1) }

  func options(prior: WeightPrior?) -> TrainingOptions {
    TrainingOptions(
      epochs: epochs, batchSize: batchSize, seed: seed, threads: threads, prior: prior, validationFraction: heldBack,
      earlyStopping: patience.map { EarlyStopping(patience: $0) },
      stopsWhenFlat: flatEpochs.map { Flatness(epochs: $0) }, stopAtAccuracy: stopAtAccuracy,
      augmentation: augmentation)
  }

  private var augmentation: Augmentation? {
    let parts = (shift.map { [Augmentation.shift(pixels: $0)] } ?? []) + (flip ? [.flip] : [])
    return parts.count > 1 ? .sequence(parts) : parts.first
  }
}

import ArgumentParser
import Chainrule

/// How long and on what the network learns.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How often every example is learned from. (default: 30, or as often as makes 1,200 steps; for tables by their "
        + "size, or the preset's)", valueName: "count"),
    transform: Parse.count)
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "How many steps to learn for, in place of epochs: for data of which a part is enough, such as a long text.",
      valueName: "count"),
    transform: Parse.count)
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "After how many steps to look at the validation part, in runs of --steps. (default: a tenth of them)",
      valueName: "count"),
    transform: Parse.count)
  var evaluationInterval: Int?

  @Option(
    help: ArgumentHelp(
      "On how many held-back examples to look before the end of the run. (default: all)", valueName: "count"),
    transform: Parse.count)
  var evaluationExamples: Int?

  @Option(
    help: ArgumentHelp(
      "How many examples make a step: a number, or 'full' for all of them. (default: 32; for tables 32 to 256 by "
        + "their size, or the preset's)", valueName: "size"),
    transform: Parse.batchSize)
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "In how many parts a batch is learned from, one after the other, to need less memory.", valueName: "count"),
    transform: Parse.count)
  var gradientAccumulation: Int?

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
      "End when the loss on held-back examples has not fallen for so many epochs, and restore the best weights. "
        + "(default: for tables a fifth of the epochs, unless --epochs or --steps say how long to learn)",
      valueName: "epochs"),
    transform: Parse.count)
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "By how much the loss on held-back examples must fall to count, for --patience. (default: 0)", valueName: "loss"),
    transform: Parse.notNegative)
  var minimumImprovement: Double?

  @Option(
    help: ArgumentHelp("End when the training loss has as good as not fallen for so many epochs.", valueName: "epochs"),
    transform: Parse.count)
  var flatEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "The share of itself by which the training loss must fall to count, for --flat-epochs. (default: 0.0001)",
      valueName: "share"),
    transform: Parse.fraction)
  var flatTolerance: Double?

  @Flag(
    inversion: .prefixedNo, help: "Whether each epoch takes the examples in an order of its own. (default: --shuffle)")
  var shuffle: Bool?

  @Option(
    help: ArgumentHelp(
      "Move each image by up to so many pixels, anew in every epoch; 0 for none. (default: 0, or the preset's)",
      valueName: "pixels"),
    transform: Parse.wholeNumber)
  var shift: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether every second image is mirrored from left to right, anew in each epoch. (default: as the preset)")
  var flip: Bool?

  @Option(
    help: ArgumentHelp("How many threads to use. (default: all processors)", valueName: "count"),
    transform: Parse.count)
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "In which numbers products and convolutions multiply: "
        + Precision.allCases.map(\.rawValue).joined(separator: ", ")
        + ". Weights stay in float32. bfloat16 is for processors with AVX512_BF16 or AMX_BF16, emulatedBfloat16 for "
        + "seeing elsewhere what it does to an accuracy. (default: float32, or the preset's)",
      valueName: "name"),
    transform: Parse.precision)
  var precision: Precision?

  func validate() throws {
    guard epochs == nil || steps == nil else { throw UsageError("Give either --epochs or --steps, not both.") }
    guard patience == nil || validationFraction != 0 else {
      throw UsageError("--patience watches examples that are held back; give a --validation-fraction above 0.")
    }
    guard flatTolerance == nil || flatEpochs != nil else {
      throw UsageError("--flat-tolerance is for --flat-epochs, which says for how long the loss must be flat.")
    }
  }

  /// The options of a run: those of the preset, where there is one, with what was given in their place.
  /// - Parameter exampleCount: few examples are learned from more often.
  func options(preset: Preset?, exampleCount: Int) -> TrainingOptions {
    let stepCount = TrainingOptions(epochs: 1, batchSize: batchSize ?? 32).stepCount(exampleCount: exampleCount)
    var options = preset?.options ?? TrainingOptions(epochs: max(30, 1200 / max(stepCount, 1)))
    options.seed = seed
    if let epochs { (options.epochs, options.steps) = (epochs, nil) }
    if let steps { options.steps = steps }
    // Whoever says how long to learn is not stopped before, nor are examples held back for it.
    if epochs != nil || steps != nil || validationFraction == 0, options.patience != nil {
      (options.patience, options.validationFraction) = (nil, 0)
    }
    if let evaluationInterval { options.evaluationInterval = evaluationInterval }
    if let evaluationExamples { options.evaluationExamples = evaluationExamples }
    if let batchSize { options.batchSize = batchSize }
    if let threads { options.threads = threads }
    if let precision { options.precision = precision }
    if let gradientAccumulation { options.gradientAccumulation = gradientAccumulation }
    if let stopAtAccuracy { options.stopAtAccuracy = stopAtAccuracy }
    if let patience { options.patience = patience }
    if let minimumImprovement { options.minimumImprovement = minimumImprovement }
    if let flatEpochs { options.flatEpochs = flatEpochs }
    if let flatTolerance { options.flatTolerance = flatTolerance }
    if let shuffle { options.shuffle = shuffle }
    if let shift { options.shift = shift }
    if let flip { options.flip = flip }
    // Early stopping chooses weights, so it must not look at the test data: it holds back a tenth where nothing else is
    // asked for.
    if options.patience != nil, options.validationFraction == 0 { options.validationFraction = 0.1 }
    if let validationFraction { options.validationFraction = validationFraction }
    return options
  }
}

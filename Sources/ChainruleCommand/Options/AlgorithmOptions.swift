import ArgumentParser
import Chainrule

/// How the weights are found, where that is not by backpropagation.
struct AlgorithmOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the weights are found: \(LearningAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")). "
        + "(default: \(TrainingOptions().algorithm.rawValue))", valueName: "name"),
    transform: Parse.algorithm)
  var algorithm = TrainingOptions().algorithm

  @Option(
    help: ArgumentHelp(
      "How many values an exhaustive search tries for each weight. (default: \(TrainingOptions().gridValues))",
      valueName: "count"),
    transform: Parse.whole(2...100_000))
  var gridValues: Int?

  @Option(
    help: ArgumentHelp(
      "The least and the greatest of these values. "
        + "(default: \(TrainingOptions().gridBounds.lowerBound),\(TrainingOptions().gridBounds.upperBound))",
      valueName: "numbers"),
    transform: Parse.bounds)
  var gridBounds: ClosedRange<Double>?

  @Option(
    help: ArgumentHelp(
      "Refuse an exhaustive search that would take longer. (default: \(Int(TrainingOptions().longestSearch)))",
      valueName: "seconds"),
    transform: Parse.positive)
  var longestSearch: Double?

  /// The loss that goes with the algorithm; nil where any does.
  var loss: Loss? { algorithm.loss }

  /// Sets what the algorithm asks of a run.
  /// - Parameter run: what was asked for, rather than by a preset.
  func apply(to options: inout TrainingOptions, _ run: RunOptions) {
    options.algorithm = algorithm
    if let gridValues { options.gridValues = gridValues }
    if let gridBounds { options.gridBounds = gridBounds }
    if let longestSearch { options.longestSearch = longestSearch }
    guard algorithm == .exhaustive else { return }
    options.batchSize = TrainingOptions.fullBatch
    (options.epochs, options.steps, options.patience) = (options.gridValues, nil, nil)
    // What early stopping would hold back.
    options.validationFraction = run.validationFraction ?? 0
  }

  /// - Throws: `UsageError` for options that are of no effect with this algorithm.
  func check(_ optimizer: OptimizerOptions, _ run: RunOptions) throws {
    guard algorithm == .exhaustive else {
      try refuse([
        "--grid-values": gridValues != nil, "--grid-bounds": gridBounds != nil,
        "--longest-search": longestSearch != nil,
      ], "is for --algorithm exhaustive.")
      if algorithm.isSearch {
        try refuse(["--gradient-accumulation": run.gradientAccumulation != nil], "is for algorithms with gradients.")
      }
      return
    }
    try refuse([
      "--epochs": run.epochs != nil, "--steps": run.steps != nil,
      "--batch-size": run.batchSize.map { $0 != TrainingOptions.fullBatch } ?? false,
      "--gradient-accumulation": run.gradientAccumulation != nil, "--patience": run.patience != nil,
      "--optimizer": optimizer.optimizer != nil, "--learning-rate": optimizer.learningRate != nil,
      "--momentum": optimizer.momentum != nil, "--schedule": optimizer.schedule != nil,
      "--clip-norm": optimizer.clipNorm != nil, "--clip-value": optimizer.clipValue != nil,
    ], "is not for --algorithm exhaustive, which tries the whole grid once on all examples.")
  }
}

extension Parse {
  static func algorithm(_ text: String) throws -> LearningAlgorithm {
    let name = try choice(text, of: LearningAlgorithm.allCases.map(\.rawValue))
    return LearningAlgorithm(rawValue: name) ?? .backpropagation
  }

  /// Several algorithms: `backpropagation,perceptron`.
  static func algorithms(_ text: String) throws -> [LearningAlgorithm] {
    try text.split(separator: ",").map { try algorithm(String($0)) }
  }

  /// Two numbers, the lesser first: `-2,2`.
  static func bounds(_ text: String) throws -> ClosedRange<Double> {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    // Weights are `Float`.
    guard numbers.count == 2, numbers.allSatisfy({ Float($0).isFinite }), numbers[0] < numbers[1] else {
      throw UsageError("it must be two numbers, the lesser first, such as -2,2")
    }
    return numbers[0]...numbers[1]
  }
}

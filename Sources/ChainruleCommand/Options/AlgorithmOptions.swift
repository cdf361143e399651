import ArgumentParser
import Chainrule

/// How the weights are found, where that is not by backpropagation.
struct AlgorithmOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the weights are found: \(LearningAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"),
    transform: Parse.algorithm)
  var algorithm: LearningAlgorithm = .backpropagation

  @Option(
    help: ArgumentHelp("How many values an exhaustive search tries for each weight.", valueName: "count"),
    transform: Parse.count)
  var gridValues = TrainingOptions().gridValues

  @Option(
    help: ArgumentHelp("The least and the greatest of these values. (default: -2,2)", valueName: "numbers"),
    transform: Parse.bounds)
  var gridBounds: ClosedRange<Double> = TrainingOptions().gridBounds

  @Option(
    help: ArgumentHelp("Refuse an exhaustive search that would take longer.", valueName: "seconds"),
    transform: Parse.positive)
  var longestSearch = TrainingOptions().longestSearch

  /// The loss that goes with the algorithm; nil where any does.
  var loss: Loss? { algorithm.loss }

  /// Sets what the algorithm asks of a run.
  func apply(to options: inout TrainingOptions) {
    options.algorithm = algorithm
    (options.gridValues, options.gridBounds, options.longestSearch) = (gridValues, gridBounds, longestSearch)
    guard algorithm == .exhaustive else { return }
    options.batchSize = TrainingOptions.fullBatch
    options.epochs = gridValues
    options.patience = nil
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
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
    guard numbers.count == 2, numbers.allSatisfy(\.isFinite), numbers[0] < numbers[1] else {
      throw UsageError("it must be two numbers, the lesser first, such as -2,2")
    }
    return numbers[0]...numbers[1]
  }
}

import Datasets
import Foundation

/// How good predicted numbers are, by the usual measures; of several targets with units of their own, the means over
/// the targets, as in scikit-learn.
public struct RegressionScores: Hashable, Sendable, Codable {
  /// The mean distance from the truth.
  public let meanAbsoluteError: Double
  /// The root of the mean squared distance.
  public let rootMeanSquaredError: Double
  /// The share of the variance that is explained: 1 is perfect, 0 no better than the mean; nil where the truth does not
  /// vary, or so little that the share is no finite number.
  public let rSquared: Double?

  /// - Parameters:
  ///   - predictions: for each example `targetCount` numbers, one after the other.
  ///   - truth: what they should have been.
  ///   - targetCount: how many targets are measured apart; 1 where all numbers are of one kind.
  /// - Throws: `TrainingError` when there are not as many predictions as true numbers, or none.
  public init(predictions: [Double], truth: [Double], targetCount: Int = 1) throws {
    guard predictions.count == truth.count, !truth.isEmpty, targetCount >= 1, truth.count.isMultiple(of: targetCount)
    else {
      throw TrainingError(
        .mismatch, "\(predictions.count) predictions do not fit \(truth.count) true numbers",
        advice: "give one for each")
    }
    let targets = (0..<targetCount).map { target in
      Self.measures(stride(from: target, to: truth.count, by: targetCount).map { (predictions[$0], truth[$0]) })
    }
    meanAbsoluteError = mean(targets.map { $0.absolute }) ?? 0
    rootMeanSquaredError = mean(targets.map { $0.rootMeanSquare }) ?? 0
    rSquared = mean(targets.compactMap { $0.explained })
  }

  private static func measures(
    _ pairs: [(prediction: Double, truth: Double)]
  ) -> (absolute: Double, rootMeanSquare: Double, explained: Double?) {
    let count = Double(pairs.count)
    let squares = pairs.reduce(0) { $0 + ($1.prediction - $1.truth) * ($1.prediction - $1.truth) }
    let center = pairs.reduce(0) { $0 + $1.truth } / count
    let variation = pairs.reduce(0) { $0 + ($1.truth - center) * ($1.truth - center) }
    let explained = 1 - squares / variation
    // Of equal numbers the mean may be another one by a rounding error; very small ones have squares of 0.
    let isKnown = explained.isFinite && pairs.contains { $0.truth != pairs[0].truth }
    return (
      pairs.reduce(0) { $0 + abs($1.prediction - $1.truth) } / count, (squares / count).squareRoot(),
      isKnown ? explained : nil
    )
  }
}

/// How good predicted labels are, of which an example may have any number.
public struct LabelScores: Hashable, Sendable, Codable {
  /// The share of labels that are rightly given or left out.
  public let labelAccuracy: Double
  /// The share of examples whose labels are all right.
  public let exactMatch: Double

  /// - Parameters:
  ///   - predictions: for each example a number for each label, which is given where it is above 0.5.
  ///   - truth: 1 for each label that an example has, else 0, example by example.
  /// - Throws: `TrainingError` when there are not as many predictions as true numbers, or none.
  public init(predictions: [[Float]], truth: [Float]) throws {
    let width = predictions.first?.count ?? 0
    guard width > 0, truth.count == predictions.count * width, predictions.allSatisfy({ $0.count == width }) else {
      throw TrainingError(
        .mismatch, "\(predictions.count) predictions do not fit \(truth.count) labels", advice: "give one for each")
    }
    let right = predictions.enumerated().map { row, outputs in
      zip(outputs, truth[(row * width)..<((row + 1) * width)]).count { ($0 > 0.5) == ($1 > 0.5) }
    }
    labelAccuracy = Double(right.reduce(0, +)) / Double(truth.count)
    exactMatch = Double(right.count { $0 == width }) / Double(predictions.count)
  }
}

/// How good the classes are that are predicted for each place of a sequence, such as the next token.
public struct SequenceScores: Hashable, Sendable, Codable {
  /// The share of places whose class is right.
  public let accuracy: Double?
  /// The mean loss of a place.
  public let loss: Double
  /// The mean of the negative logarithm of the true class's probability, whatever the loss makes of it; nil where
  /// outputs are no probabilities. Its exponential is the perplexity.
  public let logLoss: Double?
}

/// How good a model is on some data, by more measures than `Evaluation` has.
public enum Scores: Hashable, Sendable, Codable {
  /// Of a model that predicts a class at each place of a sequence.
  case sequences(SequenceScores)
  /// Of a model that predicts a class.
  case classes(ClassificationScores)
  /// Of a model that predicts numbers, in the units of a table's target where there is one.
  case numbers(RegressionScores)
  /// Of a model that predicts any number of labels.
  case labels(LabelScores)

  /// The measures that are one number, with their names, best known first.
  public var named: [(name: String, value: Double)] {
    let all: [(String, Double?)] =
      switch self {
      case .sequences(let scores): [
        ("accuracy", scores.accuracy), ("loss", scores.loss), ("perplexity", scores.logLoss.map { exp($0) }),
      ]
      case .classes(let scores):
        [
          ("accuracy", scores.accuracy), ("balanced accuracy", scores.balancedAccuracy),
          ("precision", scores.precision), ("recall", scores.recall), ("F1", scores.f1), ("ROC AUC", scores.rocAUC),
          ("log loss", scores.logLoss), ("perplexity", scores.logLoss.map { exp($0) }),
          ("calibration error", scores.calibrationError),
        ]
      case .numbers(let scores):
        [("RMSE", scores.rootMeanSquaredError), ("MAE", scores.meanAbsoluteError), ("R²", scores.rSquared)]
      case .labels(let scores): [("label accuracy", scores.labelAccuracy), ("exact match", scores.exactMatch)]
      }
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}

extension Scores {
  /// The measure by which models are compared.
  public var leading: (name: String, value: Double, isBetterGreater: Bool) {
    switch self {
    case .sequences(let scores): ("loss", scores.loss, false)
    case .classes(let scores): ("accuracy", scores.accuracy, true)
    case .numbers(let scores): ("RMSE", scores.rootMeanSquaredError, false)
    case .labels(let scores): ("label accuracy", scores.labelAccuracy, true)
    }
  }
}

extension Model {
  /// Whether what the model gives for an example are probabilities.
  public var predictsProbabilities: Bool {
    targetShape == nil && (loss.takesSoftmaxLogits || [.binaryCrossEntropy, .sumBinaryCrossEntropy].contains(loss))
  }

  /// Above which a single output speaks for the second of two classes.
  public var decisionThreshold: Float { [.hinge, .perceptron].contains(loss) ? 0 : 0.5 }

  /// The index of the class that an example's predictions speak for; nil where numbers are predicted.
  public func chosenClass(_ predictions: [Float]) -> Int? {
    guard targetShape == nil, classShape.rank == 0, let first = predictions.first else { return nil }
    if predictions.count == 1 { return classNames.count > 1 && first > decisionThreshold ? 1 : 0 }
    return predictions.indices.max { predictions[$0] < predictions[$1] }
  }

  /// Measures the model on data by every measure, in one pass.
  /// - Parameter threads: how many threads kernels may use; the number of processors when nil.
  /// - Throws: `TrainingError` when the data are not of the form that the model was trained on.
  public func measure(_ data: Dataset, threads: Int? = nil) throws -> Measurement {
    try require(threads ?? 1 >= 1, "threads", threads ?? 1, "1 or more")
    try task.check(data, called: "evaluation")
    guard !data.hasSequenceTargets else {
      let evaluation = try evaluate(data, threads: threads)
      let scores = SequenceScores(
        accuracy: evaluation.accuracy, loss: evaluation.loss,
        logLoss: try logLoss(of: data, evaluation, threads: threads))
      return Measurement(evaluation: evaluation, scores: .sequences(scores), predictions: [])
    }
    let evaluator = Evaluator(task, try makeVariables(), threads: threads, predictions: loss.predictions(from:))
    let (evaluation, predictions) = try evaluator.measure(data)
    return Measurement(
      evaluation: evaluation, scores: try scores(of: predictions, on: data), predictions: predictions)
  }

  /// The mean of the negative logarithms of the probabilities that places of sequences give to their classes; nil where
  /// outputs are no probabilities.
  private func logLoss(of data: Dataset, _ evaluation: Evaluation, threads: Int?) throws -> Double? {
    guard loss.takesSoftmaxLogits else { return nil }
    guard loss != .softmaxCrossEntropy else { return evaluation.loss }
    var task = task
    task.loss = .softmaxCrossEntropy
    return try Evaluator(task, makeVariables(), threads: threads).evaluate(data).loss
  }

  /// Measures the model on data, as `measure(_:threads:)`.
  /// - Throws: `TrainingError` when the data are not of the form that the model was trained on.
  public func scores(on data: Dataset, threads: Int? = nil) throws -> Scores {
    try measure(data, threads: threads).scores
  }

  /// Measures predictions that were made already, of a table's numbers as the network gives them.
  /// - Throws: `TrainingError` when there are not as many as examples, or when sequences are predicted.
  public func scores(of predictions: [[Float]], on data: Dataset) throws -> Scores {
    switch data.targets {
    case .classes(let classes):
      return .classes(
        try ClassificationScores(
          outputs: predictions, truth: classes.map(Int.init), classNames: classNames,
          threshold: decisionThreshold, areProbabilities: predictsProbabilities))
    case .values(let values):
      let target = preprocessing?.target
      if target?.task == .multiLabel { return .labels(try LabelScores(predictions: predictions, truth: values)) }
      return .numbers(
        try RegressionScores(
          predictions: predictions.flatMap(numbers), truth: trueNumbers(of: data),
          targetCount: target?.outputCount ?? 1))
    case .nextTokens:
      throw TrainingError(
        .mismatch, "predictions of sequences are not kept", advice: "measure the model on the data itself")
    }
  }

  /// The numbers that examples have as targets, example by example, in the units in which the model predicts them: of a
  /// table those of its file.
  public func trueNumbers(of data: Dataset) -> [Double] {
    (0..<data.count).flatMap { trueNumbers(ofExample: $0, in: data) }
  }

  /// The numbers that an example has as its target; empty where there are none.
  public func trueNumbers(ofExample example: Int, in data: Dataset) -> [Double] {
    guard case .values(let values) = data.targets, (0..<data.count).contains(example) else { return [] }
    let range = (example * data.targetShape.count)..<((example + 1) * data.targetShape.count)
    if predictsTableNumbers, let numbers = data.tableNumbers { return Array(numbers[range]) }
    return numbers(Array(values[range]))
  }
}

extension Dataset {
  /// Whether there is a class to predict at each place of a sequence.
  public var hasSequenceTargets: Bool { predictsClasses && targetShape.rank > 0 }
}

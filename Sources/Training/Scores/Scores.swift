import Datasets
import Foundation

/// How good predicted numbers are, by the usual measures; over all numbers of all examples.
public struct RegressionScores: Hashable, Sendable, Codable {
  /// The mean distance from the truth.
  public let meanAbsoluteError: Double
  /// The root of the mean squared distance.
  public let rootMeanSquaredError: Double
  /// The share of the variance that is explained: 1 is perfect, 0 no better than the mean; nil where the truth does not
  /// vary.
  public let rSquared: Double?

  /// - Throws: `TrainingError` when there are not as many predictions as true numbers, or none.
  public init(predictions: [Float], truth: [Float]) throws {
    guard predictions.count == truth.count, !truth.isEmpty else {
      throw TrainingError(
        .mismatch, "\(predictions.count) predictions do not fit \(truth.count) true numbers",
        advice: "give one for each")
    }
    let count = Double(truth.count)
    let errors = zip(predictions, truth).map { Double($0) - Double($1) }
    let squares = errors.reduce(0) { $0 + $1 * $1 }
    let center = truth.reduce(0) { $0 + Double($1) } / count
    let variation = truth.reduce(0) { $0 + (Double($1) - center) * (Double($1) - center) }
    meanAbsoluteError = errors.reduce(0) { $0 + abs($1) } / count
    rootMeanSquaredError = (squares / count).squareRoot()
    rSquared = variation > 0 ? 1 - squares / variation : nil
  }
}

/// How good the classes are that are predicted for each place of a sequence, such as the next token.
public struct SequenceScores: Hashable, Sendable, Codable {
  /// The share of places whose class is right.
  public let accuracy: Double?
  /// The mean loss of a place.
  public let loss: Double
}

/// How good a model is on some data, by more measures than `Evaluation` has.
public enum Scores: Hashable, Sendable, Codable {
  /// Of a model that predicts a class at each place of a sequence.
  case sequences(SequenceScores)
  /// Of a model that predicts a class.
  case classes(ClassificationScores)
  /// Of a model that predicts numbers.
  case numbers(RegressionScores)

  /// The measures that are one number, with their names, best known first.
  public var named: [(name: String, value: Double)] {
    let all: [(String, Double?)] =
      switch self {
      case .sequences(let scores): [
        ("accuracy", scores.accuracy), ("loss", scores.loss), ("perplexity", exp(scores.loss)),
      ]
      case .classes(let scores):
        [
          ("accuracy", scores.accuracy), ("balanced accuracy", scores.balancedAccuracy),
          ("precision", scores.precision), ("recall", scores.recall), ("F1", scores.f1), ("ROC AUC", scores.rocAUC),
          ("log loss", scores.logLoss), ("perplexity", scores.logLoss.map { exp($0) }),
          ("calibration error", scores.calibrationError),
        ]
      case .numbers(let scores):
        [("MAE", scores.meanAbsoluteError), ("RMSE", scores.rootMeanSquaredError), ("R²", scores.rSquared)]
      }
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}

extension Model {
  /// Whether what the model gives for an example are probabilities.
  public var predictsProbabilities: Bool {
    targetShape == nil && [.softmaxCrossEntropy, .binaryCrossEntropy, .sumBinaryCrossEntropy].contains(loss)
  }

  /// Measures the model on data.
  /// - Parameter threads: how many threads kernels may use; the number of processors when nil.
  /// - Throws: `TrainingError` when the data are not of the form that the model was trained on.
  public func scores(on data: Dataset, threads: Int? = nil) throws -> Scores {
    try task.check(data, called: "evaluation")
    guard !data.hasSequenceTargets else {
      let evaluation = try evaluate(data, threads: threads)
      return .sequences(SequenceScores(accuracy: evaluation.accuracy, loss: evaluation.loss))
    }
    let predictions = try predictor(batchSize: min(data.count, 256), threads: threads).predict(data)
    return try scores(of: predictions, on: data)
  }

  /// Measures predictions that were made already.
  /// - Throws: `TrainingError` when there are not as many as examples, or when sequences are predicted.
  public func scores(of predictions: [[Float]], on data: Dataset) throws -> Scores {
    switch data.targets {
    case .classes(let classes):
      .classes(
        try ClassificationScores(
          outputs: predictions, truth: classes.map(Int.init), classNames: classNames,
          threshold: loss == .hinge ? 0 : 0.5, areProbabilities: predictsProbabilities))
    case .values(let values):
      .numbers(try RegressionScores(predictions: predictions.flatMap { $0 }, truth: values))
    case .nextTokens:
      throw TrainingError(
        .mismatch, "predictions of sequences are not kept", advice: "measure the model on the data itself")
    }
  }
}

extension Dataset {
  /// Whether there is a class to predict at each place of a sequence.
  public var hasSequenceTargets: Bool { predictsClasses && targetShape.rank > 0 }
}

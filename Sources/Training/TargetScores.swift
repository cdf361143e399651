import Datasets

/// How good predictions of a table's target are, beyond loss and accuracy.
public struct TargetScores: Hashable, Sendable, Encodable {
  /// The root of the mean squared error, in the target's units; nil but for numbers. Of several targets, the mean.
  public let rootMeanSquaredError: Double?
  /// The mean of the errors' sizes, in the target's units.
  public let meanAbsoluteError: Double?
  /// The share of the target's variance that is explained: 1 for perfect predictions, 0 for those of its mean.
  public let rSquared: Double?
  /// The share of labels that are rightly given or left out; nil but for labels.
  public let labelAccuracy: Double?
  /// The share of examples whose labels are all right.
  public let exactMatch: Double?
}

extension Model {
  /// How good the predictions are for numbers or labels; nil for classes, whose measure is the accuracy.
  /// - Throws: as `Predictor.predict(_:rows:)`.
  public func targetScores(on data: Dataset, threads: Int? = nil) throws -> TargetScores? {
    guard let target = preprocessing?.target, case .values(let values) = data.targets, data.count > 0,
      target.task == .regression || target.task == .multiLabel
    else { return nil }
    let predictions = try predictor(batchSize: min(data.count, 512), threads: threads).predict(data)
    let width = data.targetShape.count
    let truth = stride(from: 0, to: values.count, by: width).map { Array(values[$0..<($0 + width)]) }
    return target.task == .regression
      ? regressionScores(predictions, truth.map(target.original)) : labelScores(predictions, truth)
  }

  private func regressionScores(_ predictions: [[Float]], _ truth: [[Double]]) -> TargetScores {
    let (count, width) = (Double(truth.count), truth[0].count)
    var (rootMeanSquares, absolutes, explained) = (0.0, 0.0, 0.0)
    for column in 0..<width {
      let mean = truth.reduce(0) { $0 + $1[column] / count }
      let variance = truth.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) / count }
      var (squares, sizes) = (0.0, 0.0)
      for (prediction, target) in zip(predictions, truth) {
        let error = Double(prediction[column]) - target[column]
        squares += error * error / count
        sizes += abs(error) / count
      }
      rootMeanSquares += squares.squareRoot() / Double(width)
      absolutes += sizes / Double(width)
      explained += (variance > 0 ? 1 - squares / variance : 0) / Double(width)
    }
    return TargetScores(
      rootMeanSquaredError: rootMeanSquares, meanAbsoluteError: absolutes, rSquared: explained, labelAccuracy: nil,
      exactMatch: nil)
  }

  private func labelScores(_ predictions: [[Float]], _ truth: [[Float]]) -> TargetScores {
    var (right, exact) = (0, 0)
    for (prediction, target) in zip(predictions, truth) {
      let count = zip(prediction, target).count { ($0 > 0.5) == ($1 > 0.5) }
      right += count
      if count == target.count { exact += 1 }
    }
    return TargetScores(
      rootMeanSquaredError: nil, meanAbsoluteError: nil, rSquared: nil,
      labelAccuracy: Double(right) / Double(max(1, truth.count * truth[0].count)),
      exactMatch: Double(exact) / Double(truth.count))
  }
}

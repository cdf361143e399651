/// What came of a cross-validation: of each measure the mean over the folds, and how much it varies between them.
public struct FoldScores: Hashable, Sendable, Codable {
  /// One measure over all folds.
  public struct Spread: Hashable, Sendable, Codable {
    /// The mean of the values.
    public let mean: Double
    /// The standard deviation between folds.
    public let deviation: Double
    /// The values, fold by fold.
    public let values: [Double]

    init?(_ values: [Double?]) {
      let known = values.compactMap { $0 }
      guard known.count == values.count, !known.isEmpty else { return nil }
      let mean = known.reduce(0, +) / Double(known.count)
      let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(known.count - 1, 1))
      (self.mean, deviation, self.values) = (mean, variance.squareRoot(), known)
    }
  }

  /// The number of folds.
  public let count: Int
  /// The mean loss of an example.
  public let loss: Spread?
  /// The share of examples whose class is right; nil where no classes are predicted.
  public let accuracy: Spread?
  /// As `RegressionScores.rootMeanSquaredError`; nil where no numbers are predicted.
  public let rootMeanSquaredError: Spread?
  /// As `RegressionScores.meanAbsoluteError`.
  public let meanAbsoluteError: Spread?
  /// As `RegressionScores.rSquared`; nil also where the truth of a fold does not vary.
  public let rSquared: Spread?
  /// As `LabelScores.labelAccuracy`; nil where no labels are predicted.
  public let labelAccuracy: Spread?

  /// Sums up what models came to, each on the part that was held back from it.
  public init(_ folds: [Model.Measurement]) {
    let numbers = folds.map { fold -> RegressionScores? in
      if case .numbers(let scores) = fold.scores { scores } else { nil }
    }
    let labels = folds.map { fold -> LabelScores? in
      if case .labels(let scores) = fold.scores { scores } else { nil }
    }
    count = folds.count
    loss = Spread(folds.map(\.evaluation.loss))
    accuracy = Spread(folds.map(\.evaluation.accuracy))
    rootMeanSquaredError = Spread(numbers.map(\.?.rootMeanSquaredError))
    meanAbsoluteError = Spread(numbers.map(\.?.meanAbsoluteError))
    rSquared = Spread(numbers.map(\.?.rSquared))
    labelAccuracy = Spread(labels.map(\.?.labelAccuracy))
  }

  /// The measures that there are, with their names, the one first by which models are compared.
  public var named: [(name: String, spread: Spread)] {
    let all = [
      ("accuracy", accuracy), ("label accuracy", labelAccuracy), ("RMSE", rootMeanSquaredError),
      ("MAE", meanAbsoluteError), ("R²", rSquared), ("loss", loss),
    ]
    return all.compactMap { name, spread in spread.map { (name, $0) } }
  }
}

import Foundation

/// How good a choice between classes is, by the usual measures.
///
/// Means over classes count each class alike (macro averages) that an example is of or was taken for, and a share of
/// nothing counts as 0, as in scikit-learn.
public struct ClassificationScores: Hashable, Sendable, Codable {
  /// The measures of one class against all others.
  public struct ClassScore: Hashable, Sendable, Codable {
    /// What the class is called.
    public let name: String
    /// How many examples are of it.
    public let count: Int
    /// The share of the examples taken for it that are of it.
    public let precision: Double
    /// The share of its examples that are taken for it.
    public let recall: Double
    /// The harmonic mean of precision and recall.
    public let f1: Double
    /// The chance that an example of it has a higher score for it than one of another class; nil where all or none are.
    public let rocAUC: Double?
  }

  /// The examples of which the network was about as sure: a point of the calibration curve.
  public struct ReliabilityBin: Hashable, Sendable, Codable {
    /// How many examples there are.
    public let count: Int
    /// How sure the network was, on average: the probability of the class that it chose.
    public let confidence: Double
    /// The share whose class was right.
    public let accuracy: Double
  }

  /// The share of examples whose class is right.
  public let accuracy: Double
  /// The mean recall of the classes that occur.
  public let balancedAccuracy: Double
  /// The mean over classes.
  public let precision: Double
  /// The mean over classes.
  public let recall: Double
  /// The mean over classes.
  public let f1: Double
  /// For two classes that of the second; for more, the mean over classes of each against all others.
  public let rocAUC: Double?
  /// The mean of the negative logarithm of the true class's probability; nil where outputs are no probabilities.
  public let logLoss: Double?
  /// The mean distance of confidence and accuracy over ten bins of equal width, weighted by their examples (the
  /// expected calibration error of Naeini, Cooper and Hauskrecht, 2015); nil where outputs are no probabilities.
  public let calibrationError: Double?
  /// The calibration curve; empty where outputs are no probabilities.
  public let reliability: [ReliabilityBin]
  /// The measures of each class.
  public let classes: [ClassScore]
  /// How often each class (first index) was taken for each (second index).
  public let confusionMatrix: [[Int]]

  /// - Parameters:
  ///   - outputs: for each example a number for each class, or one number that speaks for the second of two classes.
  ///   - truth: the class of each example.
  ///   - threshold: above which one number speaks for the second class.
  ///   - areProbabilities: whether the numbers are probabilities.
  /// - Throws: `TrainingError` when counts do not fit each other, or an output is no number.
  public init(
    outputs: [[Float]], truth: [Int], classNames: [String], threshold: Float = 0.5, areProbabilities: Bool
  ) throws {
    let width = outputs.first?.count ?? 0
    guard outputs.count == truth.count, !truth.isEmpty, truth.allSatisfy(classNames.indices.contains),
      outputs.allSatisfy({ $0.count == width }), width == classNames.count || (width == 1 && classNames.count == 2)
    else {
      throw TrainingError(
        .mismatch, "\(outputs.count) outputs of \(width) numbers do not fit \(truth.count) examples of "
          + "\(classNames.count) classes", advice: "give one row of numbers for each example")
    }
    if let row = outputs.firstIndex(where: { $0.contains(where: \.isNaN) }) {
      throw TrainingError(
        .notFinite, "an output of the network for example \(row + 1) of \(outputs.count) is no number",
        advice: "use a smaller learning rate, clip the gradients, or look for huge numbers among the features")
    }
    let numbers = outputs.map { $0.map(Double.init) }
    let isSingle = width < classNames.count
    let full = isSingle ? numbers.map { [2 * Double(threshold) - $0[0], $0[0]] } : numbers
    let chosen = full.map { row in row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 } }
    var matrix = Array(repeating: Array(repeating: 0, count: classNames.count), count: classNames.count)
    for (actual, choice) in zip(truth, chosen) { matrix[actual][choice] += 1 }
    confusionMatrix = matrix
    let scores = classNames.indices.map { index in
      // In the order of -p rather than 1 - p, which is 1 for every small p.
      let ranks = isSingle && index == 0 ? numbers.map { -$0[0] } : full.map { $0[index] }
      return Self.score(index, classNames[index], matrix, areaUnderROC(ranks, truth.map { $0 == index }))
    }
    classes = scores
    accuracy = Double(classNames.indices.reduce(0) { $0 + matrix[$1][$1] }) / Double(truth.count)
    balancedAccuracy = mean(scores.filter { $0.count > 0 }.map(\.recall)) ?? 0
    let seen = scores.indices.filter { index in scores[index].count > 0 || matrix.contains { $0[index] > 0 } }
    precision = mean(seen.map { scores[$0].precision }) ?? 0
    recall = mean(seen.map { scores[$0].recall }) ?? 0
    f1 = mean(seen.map { scores[$0].f1 }) ?? 0
    let areas = scores.compactMap(\.rocAUC)
    rocAUC = classNames.count == 2 ? scores[1].rocAUC : areas.count == scores.count ? mean(areas) : nil
    guard areProbabilities else {
      (logLoss, calibrationError, reliability) = (nil, nil, [])
      return
    }
    logLoss = mean(zip(full, truth).map { -log(max($0[$1], Double(Float.leastNormalMagnitude))) })
    let bins = Self.bins(zip(full, chosen).map { $0[$1] }, zip(truth, chosen).map { $0 == $1 })
    reliability = bins
    calibrationError = bins.reduce(0) { $0 + Double($1.count) * abs($1.confidence - $1.accuracy) } / Double(truth.count)
  }

  private static func score(_ index: Int, _ name: String, _ matrix: [[Int]], _ area: Double?) -> ClassScore {
    let right = Double(matrix[index][index])
    let count = matrix[index].reduce(0, +)
    let taken = matrix.reduce(0) { $0 + $1[index] }
    let precision = taken == 0 ? 0 : right / Double(taken)
    let recall = count == 0 ? 0 : right / Double(count)
    let f1 = right == 0 ? 0 : 2 * precision * recall / (precision + recall)
    return ClassScore(name: name, count: count, precision: precision, recall: recall, f1: f1, rocAUC: area)
  }

  private static func bins(_ confidences: [Double], _ isRight: [Bool]) -> [ReliabilityBin] {
    (0..<10).compactMap { bin in
      // As in `(bin / 10, (bin + 1) / 10]`.
      let members = confidences.indices.filter { min(max(Int((confidences[$0] * 10).rounded(.up)) - 1, 0), 9) == bin }
      guard let confidence = mean(members.map { confidences[$0] }) else { return nil }
      let accuracy = Double(members.count { isRight[$0] }) / Double(members.count)
      return ReliabilityBin(count: members.count, confidence: confidence, accuracy: accuracy)
    }
  }
}

/// The area under the curve of the share of positives found against the share of negatives taken for them: Mann and
/// Whitney's statistic, where equal scores count half. Nil where one of the two kinds is missing.
func areaUnderROC(_ scores: [Double], _ isPositive: [Bool]) -> Double? {
  let positives = isPositive.count { $0 }
  let negatives = isPositive.count - positives
  guard positives > 0, negatives > 0, scores.allSatisfy({ !$0.isNaN }) else { return nil }
  let order = zip(scores, isPositive).sorted { $0.0 < $1.0 }
  var rankSum = 0.0
  var start = 0
  while start < order.count {
    var end = start
    while end < order.count, order[end].0 == order[start].0 { end += 1 }
    // The ranks from start + 1 to end share their mean.
    rankSum += Double(order[start..<end].count { $0.1 }) * Double(start + 1 + end) / 2
    start = end
  }
  return (rankSum - Double(positives) * Double(positives + 1) / 2) / (Double(positives) * Double(negatives))
}

func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

import Datasets
import NeuralNetworks
import Optimizers

/// The learning-rate range test: the loss while the learning rate rises from step to step. Where it falls most steeply
/// is a good learning rate; where it rises again, the learning rate is too large.
///
/// Source: Smith, "Cyclical Learning Rates for Training Neural Networks" (2017), section 3.3.
public struct LearningRateSearch: Sendable {
  /// A step of the test.
  public struct Point: Hashable, Sendable, Codable {
    /// The learning rate of the step.
    public let learningRate: Double
    /// The loss of its batch, before the step.
    public let loss: Double
    /// The running mean of the losses up to it, by which the rate is chosen.
    public let smoothedLoss: Double
  }

  /// The steps, in their order, up to where the smoothed loss had risen by three times its least value, or by three
  /// times its fall from the first one where that is more.
  public let points: [Point]
  /// The learning rate where the smoothed loss falls most steeply; nil where it does not fall.
  public let suggestion: Double?

  /// Trains a network anew with a rising learning rate.
  /// - Parameters:
  ///   - optimizer: whose learning rate and schedule are replaced.
  ///   - options: batch size, seed and all else; epochs and what ends a run do not matter.
  ///   - range: the first and the last learning rate.
  ///   - steps: how many.
  /// - Throws: `TrainingError` and all that training throws, but not for a loss that is no longer finite.
  public init(
    _ network: AnyLayer, loss: Loss, optimizer: Optimizer, options: TrainingOptions, data: Dataset,
    range: ClosedRange<Double> = 1e-6...10, steps: Int = 200
  ) throws {
    try require(range.lowerBound > 0 && range.upperBound.isFinite, "range", "\(range)", "numbers above 0")
    try require(range.lowerBound < range.upperBound, "range", "\(range)", "two different numbers")
    try require(steps >= 20, "steps", steps, "20 or more")
    var optimizer = optimizer
    optimizer.learningRate = range.lowerBound
    optimizer.schedule = .exponential(factor: range.upperBound / range.lowerBound, every: steps - 1)
    var options = options
    (options.steps, options.evaluationInterval) = (steps, 1)
    (options.patience, options.flatEpochs, options.stopAtAccuracy) = (nil, nil, nil)
    options.validationFraction = 0
    var measured: [(rate: Double, loss: Double)] = []
    do {
      try Trainer(network, loss: loss, optimizer: optimizer, options: options).fit(data) { progress in
        if let report = progress.endedEpoch { measured.append((report.learningRate, report.loss)) }
      }
    } catch let error as TrainingError where error.kind == .notFinite {
      // The rate has become too large, which is what the test is to find out.
    }
    points = Self.smooth(measured)
    suggestion = Self.steepest(points)
  }

  /// A running mean that is corrected for its start at 0.
  private static func smooth(_ measured: [(rate: Double, loss: Double)]) -> [Point] {
    let share = 0.9
    var (sum, weight, least) = (0.0, 0.0, Double.infinity)
    var points: [Point] = []
    for (rate, loss) in measured {
      sum = share * sum + (1 - share) * loss
      weight = share * weight + (1 - share)
      let smoothed = sum / weight
      least = min(least, smoothed)
      points.append(Point(learningRate: rate, loss: loss, smoothedLoss: smoothed))
      // Losses may be negative: the rise is judged against the range seen.
      let first = points[0].smoothedLoss
      if points.count > 10, smoothed > least + 3 * max(abs(least), abs(first - least)) { break }
    }
    return points
  }

  /// Slopes are taken over a twentieth of the steps, so that noise does not choose.
  private static func steepest(_ points: [Point]) -> Double? {
    let reach = max(2, points.count / 20)
    guard points.count > 2 * reach + 1 else { return nil }
    var best: (slope: Double, rate: Double)?
    for index in reach..<(points.count - reach) {
      let slope = points[index + reach].smoothedLoss - points[index - reach].smoothedLoss
      if slope < best?.slope ?? 0 { best = (slope, points[index].learningRate) }
    }
    return best?.rate
  }
}

import Datasets
import NeuralNetworks
import Optimizers

/// One way to learn, to be compared with others on the same data for the same time.
public struct RaceEntry: Sendable {
  /// What it is called.
  public let name: String
  /// What is trained.
  public let network: AnyLayer
  /// What is made small.
  public let loss: Loss
  /// How weights follow the gradient, or what stands for one.
  public let optimizer: Optimizer
  /// Seed, threads and algorithm; epochs are replaced by the time of the race.
  public let options: TrainingOptions

  /// An entry of a race.
  public init(_ name: String, _ network: AnyLayer, loss: Loss, optimizer: Optimizer, options: TrainingOptions) {
    self.name = name
    self.network = network
    self.loss = loss
    self.optimizer = optimizer
    self.options = options
  }
}

/// How an entry has done.
public struct RaceResult: Sendable, Codable {
  /// One moment of the race.
  public struct Point: Sendable, Codable {
    /// Seconds since the start.
    public let seconds: Double
    /// What it has cost so far, in forward passes over one example.
    public let evaluationCount: Int
    /// The mean loss of the epoch's examples so far.
    public let loss: Double
    /// The share of them that were right, from 0 to 1; nil where that means nothing.
    public let accuracy: Double?
  }

  /// What the entry is called.
  public let name: String
  /// The moments, in order; none where the entry could not start.
  public let points: [Point]
  /// The loss and accuracy on the data that were held back; nil where there are none or the entry could not start.
  public let test: Evaluation?
  /// Why the entry could not start or was stopped; nil where it ran to the end of its time.
  public let problem: String?
}

/// Lets ways to learn run for the same time, one after the other.
public struct Race: Sendable {
  /// How long each entry may learn, in seconds.
  public let seconds: Double

  /// - Throws: `TrainingError` unless the time is positive and finite.
  public init(seconds: Double) throws {
    try require(seconds > 0 && seconds.isFinite, "seconds", seconds, "a positive number of seconds")
    self.seconds = seconds
  }

  /// Runs one entry. What the entry's algorithm, network or data do not allow is told in the result.
  public func run(_ entry: RaceEntry, training: Dataset, test: Dataset?) -> RaceResult {
    var points: [RaceResult.Point] = []
    do {
      var options = entry.options
      options.epochs = options.algorithm == .exhaustive ? options.gridValues : Int(Int32.max)
      let trainer = try Trainer(entry.network, loss: entry.loss, optimizer: entry.optimizer, options: options)
      let start = ContinuousClock.now
      do {
        try trainer.fit(training) { progress in
          let elapsed = (ContinuousClock.now - start) / .seconds(1)
          points.append(RaceResult.Point(
            seconds: elapsed, evaluationCount: progress.evaluationCount, loss: progress.loss,
            accuracy: progress.accuracy))
          if elapsed >= seconds { throw TimeIsUp() }
        }
      } catch is TimeIsUp {
        // As agreed.
      }
      return RaceResult(
        name: entry.name, points: points, test: try test.map { try trainer.evaluate($0) }, problem: nil)
    } catch {
      return RaceResult(name: entry.name, points: points, test: nil, problem: "\(error)")
    }
  }
}

private struct TimeIsUp: Error {}

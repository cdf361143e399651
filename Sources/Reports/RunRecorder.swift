import Foundation
import Interchange
import Training

/// Writes down what comes of each epoch as it comes: `metrics.jsonl`, and event files for TensorBoard.
public final class RunRecorder {
  private let metrics: GrowingFile
  private let events: EventFile
  private let lossView: LossView

  /// Begins the records of a run anew.
  /// - Parameters:
  ///   - lossView: how losses are shown; in the target's units they stand beside those that are made small.
  ///   - epochs: what came of the epochs that are done already, where the run is continued.
  ///   - statistics: what was seen in the layers in them.
  /// - Throws: `FileWriteError`.
  public init(
    _ run: RunFolder, _ lossView: LossView, epochs: [EpochReport] = [], statistics: [NetworkStatistics] = []
  ) throws {
    self.lossView = lossView
    metrics = try GrowingFile(path: run.metrics)
    events = try EventFile(path: run.events, time: Date().timeIntervalSince1970)
    for epoch in epochs { try record(epoch, statistics.first { $0.step == epoch.step }) }
  }

  /// Adds an epoch.
  /// - Throws: `FileWriteError`.
  public func record(_ epoch: EpochReport, _ statistics: NetworkStatistics?) throws {
    let line = Line(epoch: LossView.EpochLine(epoch, lossView), layers: statistics)
    try metrics.append(Array((try jsonLine(line) + "\n").utf8))
    var scalars: [(name: String, value: Double)] = [("loss/training", epoch.loss)]
    func add(_ name: String, _ value: Double?) { if let value { scalars.append((name, value)) } }
    add("loss/validation", epoch.validationLoss)
    if lossView.target != nil {
      add("\(lossView.title)/training", lossView.convert(epoch.loss))
      add("\(lossView.title)/validation", epoch.validationLoss.map(lossView.convert))
    }
    add("accuracy/training", epoch.accuracy)
    add("accuracy/validation", epoch.validationAccuracy)
    add("learning rate", epoch.learningRate)
    add("steps per second", epoch.stepsPerSecond)
    add("share of time waiting for data", epoch.dataShare)
    for parameter in statistics?.parameters ?? [] {
      add("norm/\(parameter.path)", parameter.norm)
      add("gradient norm/\(parameter.path)", parameter.gradientNorm)
    }
    try events.append(scalars, step: epoch.step, time: Date().timeIntervalSince1970)
  }

  /// An epoch's numbers, with what was seen in the layers beside them.
  private struct Line: Encodable {
    let epoch: LossView.EpochLine
    let layers: NetworkStatistics?

    private enum Key: String, CodingKey { case parameters, activations }

    func encode(to encoder: any Encoder) throws {
      try epoch.encode(to: encoder)
      guard let layers else { return }
      var values = encoder.container(keyedBy: Key.self)
      try values.encode(layers.parameters, forKey: .parameters)
      try values.encode(layers.activations, forKey: .activations)
    }
  }
}

/// The same value gives the same line.
func jsonLine(
  _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .convertToSnakeCase
) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.keyEncodingStrategy = keys
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

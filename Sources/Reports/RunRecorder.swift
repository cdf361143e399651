import Foundation
import Interchange
import Training

/// Writes down what comes of each epoch as it comes: `metrics.jsonl`, and event files for TensorBoard.
public final class RunRecorder {
  private let metrics: GrowingFile
  private let events: EventFile

  /// Begins the records of a run anew.
  /// - Parameters:
  ///   - epochs: what came of the epochs that are done already, where the run is continued.
  ///   - statistics: what was seen in the layers in them.
  /// - Throws: `FileWriteError`.
  public init(_ run: RunFolder, epochs: [EpochReport] = [], statistics: [NetworkStatistics] = []) throws {
    metrics = try GrowingFile(path: run.metrics)
    events = try EventFile(path: run.events, time: Date().timeIntervalSince1970)
    for epoch in epochs { try record(epoch, statistics.first { $0.step == epoch.step }) }
  }

  /// Adds an epoch.
  /// - Throws: `FileWriteError`.
  public func record(_ epoch: EpochReport, _ statistics: NetworkStatistics?) throws {
    try metrics.append(Array((try jsonLine(Line(epoch: epoch, layers: statistics)) + "\n").utf8))
    var scalars: [(name: String, value: Double)] = [("loss/training", epoch.loss)]
    func add(_ name: String, _ value: Double?) { if let value { scalars.append((name, value)) } }
    add("loss/validation", epoch.validationLoss)
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
    let epoch: EpochReport
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

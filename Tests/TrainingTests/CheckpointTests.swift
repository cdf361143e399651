import Datasets
import Foundation
import Interchange
import NeuralNetworks
import Optimizers
import Testing
import Training

/// Runs that go on from a checkpoint end with the same bits.
struct CheckpointTests {
  private func trainer(seed: UInt64 = 3, _ change: (inout TrainingOptions) -> Void = { _ in }) throws -> Trainer {
    var options = TrainingOptions(
      epochs: 6, batchSize: 16, seed: seed, gaussianPrior: 0.1, patience: 3)
    change(&options)
    let network = Sequential {
      Dense(12, activation: .tanh)
      Dropout(0.2)
      BatchNormalization()
      Dense(2)
    }
    let optimizer = Optimizer.adam(learningRate: 0.02).scheduled(.cosine(steps: 60)).clipped(norm: 1)
    return try makeTrainer(network, optimizer: optimizer, options: options)
  }

  private func data() throws -> (training: Dataset, validation: Dataset) {
    (try Synthetic.twoMoons(count: 100, noise: 0.3, seed: 1), try Synthetic.twoMoons(count: 60, noise: 0.3, seed: 2))
  }

  /// What must not depend on an interruption: all but how long things took.
  private func untimed(_ report: TrainingReport) -> [[Double?]] {
    report.epochs.map {
      [
        Double($0.epoch), Double($0.step), $0.loss, $0.accuracy, $0.validationLoss, $0.validationAccuracy,
        $0.learningRate,
      ]
    }
  }

  @Test func `stopped after any step, a run goes on to the same bits`() throws {
    let data = try data()
    let undisturbed = try trainer()
    let report = try undisturbed.fit(data.training, validation: data.validation)
    // Seven steps an epoch: within epochs, at their ends, at the very first and last step.
    for stop in [1, 3, 7, 8, 20, 41, 42] where stop <= report.stepCount {
      try withTemporaryFile { path in
        let steps = Counter()
        let policy = CheckpointPolicy(path: path, shouldStop: { steps.next() == stop })
        let stopped = try trainer().fit(data.training, validation: data.validation, checkpoints: policy)
        #expect(stopped.stopReason == .interrupted && stopped.stepCount == stop)
        let checkpoint = try Checkpoint(contentsOf: path)
        #expect(checkpoint.stepCount == stop && checkpoint.stopReason == nil)
        let resumed = try trainer()
        let whole = try resumed.fit(data.training, validation: data.validation, resuming: checkpoint)
        #expect(untimed(whole) == untimed(report), "stopped after \(stop)")
        #expect(whole.stopReason == report.stopReason && whole.keptEpoch == report.keptEpoch)
        #expect(try resumed.model() == undisturbed.model(), "stopped after \(stop)")
        #expect(resumed.epochsDone == undisturbed.epochsDone && resumed.stepsDone == undisturbed.stepsDone)
      }
    }
  }

  @Test func `checkpoints change nothing, come as often as asked, and hold the best and the last weights`() throws {
    let data = try data()
    let plain = try trainer { $0.patience = nil }
    try plain.fit(data.training, validation: data.validation)
    try withTemporaryFile { path in
      let counter = Counter()
      var system = AtomicFile.System.posix
      let rename = system.rename
      system.rename = {
        _ = counter.next()
        return rename($0, $1)
      }
      let policy = CheckpointPolicy(path: path, checkpointSteps: 10, checkpointMinutes: nil, system: system)
      let trainer = try trainer { $0.patience = nil }
      let report = try trainer.fit(data.training, validation: data.validation, checkpoints: policy)
      // The beginning, four times ten steps in 42, and the end.
      #expect(counter.value == 6)
      #expect(try trainer.model() == plain.model() && trainer.model(.last) == trainer.model())
      #expect(try Checkpoint(contentsOf: path).stopReason == .epochsDone)
      let best = try trainer.model(.best).evaluate(data.validation, threads: 1)
      #expect(best.loss == report.epochs.compactMap(\.validationLoss).min())
    }
  }

  @Test func `any time between checkpoints serves but one that is none`() throws {
    let data = try data().training
    try withTemporaryFile { path in
      for minutes in [1e20, 1e300] {
        try trainer { ($0.epochs, $0.patience) = (1, nil) }
          .fit(data, checkpoints: CheckpointPolicy(path: path, checkpointMinutes: minutes))
        #expect(try Checkpoint(contentsOf: path).stopReason == .epochsDone)
      }
      for minutes in [Double.infinity, .nan, 0] {
        let told = message {
          try trainer { ($0.epochs, $0.patience) = (1, nil) }
            .fit(data, checkpoints: CheckpointPolicy(path: path, checkpointMinutes: minutes))
        }
        #expect(told.contains("checkpointMinutes is \(minutes)"))
      }
    }
  }

  @Test func `only the same run can be continued`() throws {
    let data = try data()
    try withTemporaryFile { path in
      try trainer().fit(
        data.training, validation: data.validation, checkpoints: CheckpointPolicy(path: path))
      let checkpoint = try Checkpoint(contentsOf: path)
      let error = #expect(throws: TrainingError.self) {
        try trainer(seed: 4).fit(data.training, validation: data.validation, resuming: checkpoint)
      }
      #expect(error?.description.contains("\"seed\":4") == true)
      let other = #expect(throws: TrainingError.self) {
        try trainer().fit(data.validation, validation: data.validation, resuming: checkpoint)
      }
      #expect(other?.description.contains("training data") == true)
    }
  }

  @Test func `every write that fails leaves the old checkpoint and ends the run with the path`() throws {
    let data = try data()
    try withTemporaryFile { path in
      let first = CheckpointPolicy(path: path, checkpointSteps: 5, shouldStop: nil)
      try trainer().fit(data.training, validation: data.validation, checkpoints: first)
      let old = try bytes(of: path)
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      for operation in 1...40 {
        for code in [ENOSPC, EIO] {
          let counter = Counter()
          let posix = AtomicFile.System.posix
          var system = posix
          system.write = { counter.next() == operation ? -Int(code) : posix.write($0, $1) }
          system.synchronize = { counter.next() == operation ? -Int(code) : posix.synchronize($0) }
          system.rename = { counter.next() == operation ? -Int(code) : posix.rename($0, $1) }
          let policy = CheckpointPolicy(path: path, checkpointSteps: 5, system: system)
          let error = #expect(throws: FileWriteError.self) {
            try trainer().fit(data.training, validation: data.validation, checkpoints: policy)
          }
          #expect(error?.path == path && error?.code == code)
          #expect(throws: Never.self) { try Checkpoint(contentsOf: path) }
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
          if operation == 1 { #expect(try bytes(of: path) == old) }
        }
      }
    }
  }

  /// A change to a checkpoint, and what the error must say.
  typealias Change = (damage: @Sendable (inout Safetensors) throws -> Void, expected: String)

  /// Of a run that was stopped after step 10, in its second epoch.
  static let changes: [Change] = [
    state("epochsBefore", "-1"), state("epochsBefore", "9223372036854775807"),
    state("stepsBefore", "9223372036854775807"), state("stepCount", "9223372036854775807"), state("stepCount", "11"),
    state("stepCount", "-1"), state("evaluationCount", "9223372036854775807"), state("seconds", #""nan""#),
    state("reports", "[]"), state("epoch.steps", "-1"), state("epoch.steps", "8"), state("epoch.loss", #""inf""#),
    state("epoch.counted", "-5"), state("stopping.epochsWithoutImprovement", "9223372036854775807"),
    state("stopping.flatEpochs", "-9223372036854775808"), state("stopping.bestEpoch", "7"),
    state("stepCount", #""x""#, expected: "cannot be read (stepCount: expected a whole number)"),
    ({ $0.tensors.removeAll { $0.name == "dense1/weight:mean" } }, "'dense1/weight:mean' is missing"),
    ({ $0.tensors[0] = .init(name: $0.tensors[0].name, values: .float32(ShapedArray([1]))) }, "is float32[1], but"),
    ({ $0.tensors.append(.init(name: "other", values: .int32(ShapedArray([1])))) }, "no variable 'other'"),
    ({ $0.tensors.removeAll { $0.name == "best@dense1/bias" } }, "'dense1/bias' is missing"),
    ({ $0.tensors.append(.init(name: "best@other", values: .int32(ShapedArray([1])))) }, "no variable 'other'"),
  ]

  private static func state(
    _ key: String, _ value: String, expected: String = "no run can be in the state that it describes"
  ) -> Change {
    ({ try change(&$0, key.split(separator: ".").map(String.init), value) }, expected)
  }

  /// Sets a value of the state.
  private static func change(_ file: inout Safetensors, _ keys: [String], _ value: String) throws {
    func changed(_ object: Any, _ keys: ArraySlice<String>) throws -> Any {
      guard let key = keys.first else {
        return try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
      }
      var object = try #require(object as? [String: Any])
      object[key] = try changed(object[key] ?? 0, keys.dropFirst())
      return object
    }
    let state = try #require(file.metadata["state"])
    let object = try changed(JSONSerialization.jsonObject(with: Data(state.utf8)), keys[...])
    file.metadata["state"] = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
  }

  @Test(arguments: changes.indices)
  func `a checkpoint that was changed is refused with its path and the reason`(index: Int) throws {
    let (damage, expected) = Self.changes[index]
    let data = try data()
    try withTemporaryFile { path in
      let steps = Counter()
      let policy = CheckpointPolicy(path: path, shouldStop: { steps.next() == 10 })
      try trainer().fit(data.training, validation: data.validation, checkpoints: policy)
      var file = try Safetensors(contentsOf: path)
      try damage(&file)
      try file.write(to: path)
      let told = message {
        try trainer().fit(data.training, validation: data.validation, resuming: Checkpoint(contentsOf: path))
      }
      #expect(told.contains(path) && told.contains(expected) && told.contains("train from the beginning"), "\(told)")
    }
  }

  @Test func `damaged checkpoints are refused with their path`() throws {
    let data = try data()
    try withTemporaryFile { path in
      try trainer().fit(data.training, validation: data.validation, checkpoints: CheckpointPolicy(path: path))
      let good = try bytes(of: path)
      for bad in [[], Array(good.prefix(100)), good.dropLast(), Array("no checkpoint".utf8)] {
        try Data(bad).write(to: URL(fileURLWithPath: path))
        #expect(message { _ = try Checkpoint(contentsOf: path) }.contains(path))
      }
    }
  }
}

/// Counts calls, from whichever thread.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  var value: Int { lock.withLock { count } }

  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}

/// Batches that are learned from in parts.
struct AccumulationTests {
  @Test func `parts of a batch give the step of the whole`() throws {
    let data = try Synthetic.twoMoons(count: 100, noise: 0.3, seed: 1)
    func weights(_ parts: Int) throws -> [Float] {
      let options = TrainingOptions(
        epochs: 3, batchSize: 40, gradientAccumulation: parts, gaussianPrior: 1)
      let trainer = try makeTrainer(
        smallNetwork(outputs: 2), optimizer: .adam(learningRate: 0.01).clipped(norm: 0.5), options: options)
      let report = try trainer.fit(data)
      #expect(report.stepCount == 9)
      return try trainer.model().weights.flatMap(\.values.scalars) + report.epochs.map { Float($0.loss) }
        + report.epochs.map { Float($0.accuracy ?? 0) }
    }
    let whole = try weights(1)
    // Three parts of 14, 14 and 12; forty of one; more than there are examples.
    for parts in [2, 3, 40, 1000] {
      let difference = try zip(weights(parts), whole).map { abs($0 - $1) }.max() ?? 1
      #expect(difference < 1e-4, "\(parts) parts: \(difference)")
    }
  }
}

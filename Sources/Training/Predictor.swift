import CPUBackend
import Datasets
import NeuralNetworks

extension Model {
  /// Compiles the model for predictions.
  /// - Parameters:
  ///   - batchSize: how many examples are computed at once: 1 for the shortest wait, hundreds for the most examples a
  ///     second. Lowered where a batch of features would take more than 256 MB.
  ///   - threads: how many threads kernels may use; the number of processors when nil.
  /// - Throws: `TrainingError` when a number is out of range.
  public func predictor(batchSize: Int, threads: Int? = nil) throws -> Predictor {
    try Predictor(self, batchSize: batchSize, threads: threads)
  }

  /// Measures the model on data.
  /// - Parameters:
  ///   - batchSize: how many examples are computed at once; what is quick when nil.
  ///   - threads: how many threads kernels may use; the number of processors when nil.
  /// - Throws: `TrainingError` when the data are not of the form that the model was trained on.
  public func evaluate(_ data: Dataset, batchSize: Int? = nil, threads: Int? = nil) throws -> Evaluation {
    try require(threads ?? 1 >= 1, "threads", threads ?? 1, "1 or more")
    try task.check(data, called: "evaluation")
    return try Evaluator(task, makeVariables(), threads: threads).evaluate(data, batchSize: batchSize)
  }

  /// Whether what the network gives for an example are numbers of a table, standardised.
  public var predictsTableNumbers: Bool { preprocessing?.target.task == .regression }

  /// What the network gives for an example, with a table's numbers in their own units: in Float64, since Float32 rounds
  /// large ones.
  public func numbers(_ outputs: [Float]) -> [Double] {
    preprocessing?.target.original(outputs) ?? outputs.map(Double.init)
  }

  func makeVariables() throws -> VariableStore {
    let variables = VariableStore()
    for weight in weights { try variables.set(weight.name, to: weight.values) }
    return variables
  }
}

/// A model's forward pass, compiled for batches of one size. Not safe to use from two threads at once; predictions wait
/// as long as a trainer of the same process fits.
public final class Predictor {
  /// Whose weights predict; they were copied when the predictor was made.
  public let model: Model
  /// The number of examples that are computed at once.
  public let batchSize: Int
  /// The compiled program, for printing and for uses that write into its input `features` and read its output
  /// `predictions` themselves, which `Model.numbers(_:)` brings into the units of a table's target.
  public let program: Program
  private let features: FeatureBuffer
  private let predictions: UnsafeBufferPointer<Float>

  init(_ model: Model, batchSize: Int, threads: Int?) throws {
    try require(batchSize >= 1, "batchSize", batchSize, "1 or more")
    try require(threads ?? 1 >= 1, "threads", threads ?? 1, "1 or more")
    self.model = model
    self.batchSize = min(batchSize, max(1, (1 << 26) / model.featureShape.count))
    let graph = Graph()
    let outputs = try model.task.trace(graph, LayerContext(graph, mode: .inference), batchSize: self.batchSize)
    graph.output("predictions", model.loss.predictions(from: outputs))
    program = try compile(graph, variables: model.makeVariables(), backend: CPUBackend(threads: threads))
    features = try FeatureBuffer(program, model.task)
    predictions = try program.outputBuffer("predictions", as: Float.self)
    // The rows of a batch that is not full are computed too.
    features.clear()
  }

  /// Predicts for examples given as their features, one after the other.
  /// - Parameter features: a whole number of examples of the model's `featureShape`, scaled as in training; see
  ///   `Model.featureScaling`.
  /// - Returns: for each example the network's outputs; with losses that take logits, probabilities; numbers that a
  ///   table's target was standardised for in that target's units, rounded; see `outputs(_:rows:)`.
  /// - Throws: `TrainingError` when the features are no whole number of examples, or the network takes whole numbers.
  public func predict(_ features: [Float]) throws -> [[Float]] {
    guard case .floats(let buffer) = self.features else { throw wrongType("real numbers") }
    return try predict(features, writingTo: buffer)
  }

  /// Predicts for examples whose features are whole numbers, such as those of tokens; else as for real ones.
  /// - Throws: `TrainingError` also when the network takes real numbers.
  public func predict(integers features: [Int32]) throws -> [[Float]] {
    guard case .integers(let buffer) = self.features else { throw wrongType("whole numbers") }
    return try predict(features, writingTo: buffer)
  }

  private func wrongType(_ given: String) -> TrainingError {
    TrainingError(
      .mismatch, "features are given as \(given), but the network takes \(model.featureType)",
      advice: "give features of the type that the network was trained on")
  }

  private func predict<Feature>(
    _ features: [Feature], writingTo buffer: UnsafeMutableBufferPointer<Feature>
  ) throws -> [[Float]] {
    let width = model.featureShape.count
    let (count, rest) = features.count.quotientAndRemainder(dividingBy: width)
    guard rest == 0 else {
      throw TrainingError(
        .mismatch, "\(features.count) features are no whole number of examples",
        advice: "give \(width) for each, of shape \(model.featureShape)")
    }
    let outputs = try outputs(count) { rows in
      for (position, feature) in features[(rows.lowerBound * width)..<(rows.upperBound * width)].enumerated() {
        buffer[position] = feature
      }
    }
    return outputs.map(inUnits)
  }

  private func inUnits(_ outputs: [Float]) -> [Float] {
    model.predictsTableNumbers ? model.numbers(outputs).map(Float.init) : outputs
  }

  /// Predicts for examples of a data set, whose targets do not matter.
  /// - Parameter rows: consecutive examples; all when nil.
  /// - Throws: `TrainingError` when examples are of another shape, `DatasetError` when there are no such rows.
  public func predict(_ data: Dataset, rows: Range<Int>? = nil) throws -> [[Float]] {
    try outputs(data, rows: rows).map(inUnits)
  }

  /// As `predict(_:rows:)`, but numbers of a table as the network gives them, which `Model.numbers(_:)` brings into the
  /// target's units in Float64.
  /// - Throws: as `predict(_:rows:)`.
  public func outputs(_ data: Dataset, rows: Range<Int>? = nil) throws -> [[Float]] {
    guard data.featureShape == model.featureShape, data.featureType == model.featureType else {
      throw TrainingError(
        .mismatch, "an example is \(TensorType(data.featureShape, data.featureType)), but the network takes "
          + "\(TensorType(model.featureShape, model.featureType))",
        advice: "use data of the form that the network was trained on")
    }
    let chosen = rows ?? 0..<data.count
    guard chosen.lowerBound >= 0, chosen.upperBound <= data.count else {
      throw TrainingError(
        .invalidOption, "there are no examples \(chosen) among \(data.count)",
        advice: "use rows from 0 to \(data.count)")
    }
    return try outputs(chosen.count) { rows in
      let start = chosen.lowerBound
      let range = (start + rows.lowerBound)..<(start + rows.upperBound)
      switch features {
      case .floats(let buffer): try data.copyFeatures(of: range, into: buffer)
      case .integers(let buffer): try data.copyIntegers(of: ArraySlice(range), into: buffer)
      }
    }
  }

  /// The index of the class that an example's predictions speak for; nil where numbers are predicted.
  public func chosenClass(_ predictions: [Float]) -> Int? { model.chosenClass(predictions) }

  /// - Parameter fill: writes the features of some of the examples.
  private func outputs(_ count: Int, _ fill: (Range<Int>) throws -> Void) throws -> [[Float]] {
    try ComputeThread.shared.perform {
      var rows: [[Float]] = []
      rows.reserveCapacity(count)
      let width = predictions.count / batchSize
      while rows.count < count {
        let batch = rows.count..<min(rows.count + batchSize, count)
        try fill(batch)
        try program.run()
        for row in 0..<batch.count { rows.append(Array(predictions[(row * width)..<((row + 1) * width)])) }
      }
      return rows
    }
  }
}

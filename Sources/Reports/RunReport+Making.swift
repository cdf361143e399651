import Datasets
import Foundation
import Tensors
import Training

extension RunReport {
  /// How many of the worst mistakes are shown.
  private static let mistakeCount = 24
  /// How many examples the importance of columns is measured on, and how many columns at most.
  private static let importanceLimit = (examples: 2000, columns: 200)

  /// Judges a trained model and sums up its run.
  /// - Parameters:
  ///   - columns: what the features of a table are called and which of them belong together; empty for other data.
  ///   - about: what else is known of the data, such as what a table's columns are.
  ///   - judged: examples to judge the model by, what that part of the data is called, and what the model came to on
  ///     them; the training data where nothing was held back.
  ///   - folds: what came of a cross-validation; nil where there was none.
  ///   - learningRate: of the optimizer.
  ///   - threads: how many threads kernels may use; the number of processors when nil.
  /// - Throws: `TrainingError` when the data are not of the model's form.
  public init(
    title: String, command: String, settings: [Fact], training: TrainingReport, trained: Dataset, model: Model,
    judged: (data: Dataset, part: String, measurement: Model.Measurement),
    columns: [(name: String, features: [Int])] = [], about: [Fact] = [], folds: FoldScores? = nil,
    learningRate: Double, threads: Int? = nil
  ) throws {
    let (data, predictions) = (judged.data, judged.measurement.predictions)
    let measured = try data.subset(0..<min(data.count, Self.importanceLimit.examples))
    let important = columns.count <= Self.importanceLimit.columns ? columns : []
    self.init(
      title: title, command: command, settings: settings,
      data: Self.facts(trained, part: judged.part, count: data.count, model) + about, training: training,
      lossView: LossView(model.loss, model.preprocessing), part: judged.part, scores: judged.measurement.scores,
      folds: folds, mistakes: try Self.mistakes(predictions, model, data),
      importance: important.isEmpty ? [] : try model.importance(of: important, on: measured, threads: threads),
      findings: Diagnosis.findings(of: training, learningRate: learningRate)
        + Diagnosis.findings(of: predictions, by: model, on: data) + (try Diagnosis.leaks(of: columns, in: trained)))
    if makesImages(model), data.count > 0 {
      reconstructions = Data(try Reports.reconstructions(of: model, data).encoded())
    }
  }

  private static func facts(
    _ data: Dataset, part: String, count: Int, _ model: Model
  ) -> [Fact] {
    var facts = [
      Fact("training examples", "\(data.count)"),
      Fact("features of an example", data.featureShape.dimensions.map(String.init).joined(separator: " × ")),
    ]
    if part != "training" { facts.append(Fact("\(part) examples", "\(count)")) }
    switch data.targets {
    case .nextTokens: facts.append(Fact("kinds of tokens", "\(data.classNames.count)"))
    case .classes(let classes):
      var counts = Array(repeating: 0, count: data.classNames.count)
      for index in classes where index >= 0 { counts[Int(index)] += 1 }
      let list = zip(data.classNames, counts).prefix(50).map { "\($0): \($1)" }.joined(separator: ", ")
      facts.append(Fact("examples of each class", list + (counts.count > 50 ? ", …" : "")))
    case .values:
      let numbers = model.trueNumbers(of: data)
      let (low, high) = (label(numbers.min() ?? 0), label(numbers.max() ?? 0))
      facts.append(Fact("numbers to predict", "\(data.targetShape.count) an example, from \(low) to \(high)"))
    }
    return facts
  }

  /// The examples about which the model is most sure and wrong; of numbers, those that are furthest off.
  private static func mistakes(_ predictions: [[Float]], _ model: Model, _ data: Dataset) throws -> [Mistake] {
    guard model.classShape.rank == 0, model.featureType == .float32 else { return [] }
    let candidates = predictions.enumerated().compactMap { index, row in
      wrongness(row, index, model, data).map { (index: index, score: $0) }
    }.sorted { ($1.score, $0.index) < ($0.score, $1.index) }
    let hasPictures = data.featureType == .float32
    var features = [Float](repeating: 0, count: data.featureShape.count)
    return try candidates.prefix(mistakeCount).map { candidate in
      if hasPictures {
        try features.withUnsafeMutableBufferPointer {
          try data.copyFeatures(of: candidate.index..<(candidate.index + 1), into: $0)
        }
      }
      let (truth, prediction) = words(predictions[candidate.index], candidate.index, model, data)
      return Mistake(
        index: candidate.index, place: data.place(ofExample: candidate.index), truth: truth,
        prediction: prediction, score: candidate.score,
        picture: hasPictures ? Picture(features, shape: data.featureShape) : nil)
    }
  }

  /// How sure the model is of a class that is not the right one, or by how much its numbers are off; nil where it is
  /// right.
  private static func wrongness(_ row: [Float], _ index: Int, _ model: Model, _ data: Dataset) -> Double? {
    switch data.targets {
    case .nextTokens: return nil
    case .classes(let classes):
      guard let choice = model.chosenClass(row), choice != Int(classes[index]),
        model.classNames.indices.contains(choice)
      else { return nil }
      return row.count == 1 ? Double(choice == 1 ? row[0] : 1 - row[0]) : Double(row[choice])
    case .values:
      let pairs = Array(zip(model.numbers(row), model.trueNumbers(ofExample: index, in: data)))
      let wrong = labels(model) == nil ? pairs : pairs.filter { ($0.0 > 0.5) != ($0.1 > 0.5) }
      return wrong.isEmpty ? nil : wrong.reduce(0) { $0 + abs($1.0 - $1.1) }
    }
  }

  /// What labels are called, of which an example may have any number; nil where there are none.
  private static func labels(_ model: Model) -> TargetEncoding? {
    model.preprocessing?.target.task == .multiLabel ? model.preprocessing?.target : nil
  }

  /// What is true of an example, and what the model says; nothing of images that it makes.
  private static func words(
    _ row: [Float], _ index: Int, _ model: Model, _ data: Dataset
  ) -> (truth: String?, prediction: String?) {
    switch data.targets {
    case .classes(let classes):
      return (model.classNames[Int(classes[index])], model.chosenClass(row).map { model.classNames[$0] })
    case .values where !makesImages(model):
      if let target = labels(model) {
        func list(_ outputs: [Float]) -> String { outputs.contains { $0 > 0.5 } ? target.labels(outputs) : "none" }
        return (list(model.trueNumbers(ofExample: index, in: data).map { Float($0) }), list(row))
      }
      func list(_ numbers: [Double]) -> String { numbers.prefix(4).map { label($0) }.joined(separator: ", ") }
      return (list(model.trueNumbers(ofExample: index, in: data)), list(model.numbers(row)))
    case .values, .nextTokens: return (nil, nil)
    }
  }
}

import NeuralNetworks
import Optimizers

extension TrainingOptions: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case epochs, batchSize, seed, threads, prior, validationFraction, earlyStopping, stopsWhenFlat, stopAtAccuracy
    case shuffles, augmentation, steps, evaluationInterval, evaluationExamples, algorithm, grid
  }

  /// - Throws: `DescriptionError` for a key that is not an option, `DecodingError` for a value of the wrong type.
  public init(from decoder: any Decoder) throws {
    try checkKeys(of: decoder, Key.self, subject: "training option")
    let values = try decoder.container(keyedBy: Key.self)
    func value<Value: Decodable>(_ key: Key, _ standard: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? standard
    }
    let standard = TrainingOptions()
    let isFull = (try? values.decodeIfPresent(String.self, forKey: .batchSize)) == "full"
    self.init(
      epochs: try value(.epochs, standard.epochs),
      batchSize: isFull ? Self.fullBatch : try value(.batchSize, standard.batchSize),
      seed: try value(.seed, standard.seed),
      threads: try values.decodeIfPresent(Int.self, forKey: .threads),
      prior: try values.decodeIfPresent(WeightPrior.self, forKey: .prior),
      validationFraction: try value(.validationFraction, standard.validationFraction),
      earlyStopping: try values.decodeIfPresent(EarlyStopping.self, forKey: .earlyStopping),
      stopsWhenFlat: try values.decodeIfPresent(Flatness.self, forKey: .stopsWhenFlat),
      stopAtAccuracy: try values.decodeIfPresent(Double.self, forKey: .stopAtAccuracy),
      shuffles: try value(.shuffles, standard.shuffles),
      augmentation: try values.decodeIfPresent(Augmentation.self, forKey: .augmentation),
      steps: try values.decodeIfPresent(Int.self, forKey: .steps),
      evaluationInterval: try values.decodeIfPresent(Int.self, forKey: .evaluationInterval),
      evaluationExamples: try values.decodeIfPresent(Int.self, forKey: .evaluationExamples),
      algorithm: try value(.algorithm, standard.algorithm),
      grid: try value(.grid, standard.grid))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(epochs, forKey: .epochs)
    if batchSize == Self.fullBatch {
      try values.encode("full", forKey: .batchSize)
    } else {
      try values.encode(batchSize, forKey: .batchSize)
    }
    try values.encode(seed, forKey: .seed)
    try values.encodeIfPresent(threads, forKey: .threads)
    try values.encodeIfPresent(prior, forKey: .prior)
    try values.encode(validationFraction, forKey: .validationFraction)
    try values.encodeIfPresent(earlyStopping, forKey: .earlyStopping)
    try values.encodeIfPresent(stopsWhenFlat, forKey: .stopsWhenFlat)
    try values.encodeIfPresent(stopAtAccuracy, forKey: .stopAtAccuracy)
    try values.encode(shuffles, forKey: .shuffles)
    try values.encodeIfPresent(augmentation, forKey: .augmentation)
    try values.encodeIfPresent(steps, forKey: .steps)
    try values.encodeIfPresent(evaluationInterval, forKey: .evaluationInterval)
    try values.encodeIfPresent(evaluationExamples, forKey: .evaluationExamples)
    try values.encode(algorithm, forKey: .algorithm)
    if algorithm == .exhaustive { try values.encode(grid, forKey: .grid) }
  }
}

extension EarlyStopping: Codable {
  private enum Key: String, CodingKey, CaseIterable { case patience, minimumImprovement }

  public init(from decoder: any Decoder) throws {
    try checkKeys(of: decoder, Key.self, subject: "setting of early stopping")
    let values = try decoder.container(keyedBy: Key.self)
    let standard = EarlyStopping()
    self.init(
      patience: try values.decodeIfPresent(Int.self, forKey: .patience) ?? standard.patience,
      minimumImprovement: try values.decodeIfPresent(Double.self, forKey: .minimumImprovement)
        ?? standard.minimumImprovement)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(patience, forKey: .patience)
    try values.encode(minimumImprovement, forKey: .minimumImprovement)
  }
}

extension Flatness: Codable {
  private enum Key: String, CodingKey, CaseIterable { case tolerance, epochs }

  public init(from decoder: any Decoder) throws {
    try checkKeys(of: decoder, Key.self, subject: "setting of flatness")
    let values = try decoder.container(keyedBy: Key.self)
    let standard = Flatness()
    self.init(
      tolerance: try values.decodeIfPresent(Double.self, forKey: .tolerance) ?? standard.tolerance,
      epochs: try values.decodeIfPresent(Int.self, forKey: .epochs) ?? standard.epochs)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(tolerance, forKey: .tolerance)
    try values.encode(epochs, forKey: .epochs)
  }
}

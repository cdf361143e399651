import Optimizers

extension TrainingOptions: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case epochs, batchSize, gradientAccumulation, seed, threads, precision, gaussianPrior, laplacePrior
    case validationFraction, patience, minimumImprovement, flatEpochs, flatTolerance, stopAtAccuracy, shuffle, shift
    case flip, steps, evaluationInterval, evaluationExamples, algorithm, gridValues, gridBounds, longestSearch
  }

  /// - Throws: `DescriptionError` for a key that is not an option, `DecodingError` for a value of the wrong type.
  public init(from decoder: any Decoder) throws {
    try checkKeys(of: decoder, Key.self, subject: "training option")
    var reader = Reader(values: try decoder.container(keyedBy: Key.self))
    try Self.visitAll(&reader)
    self = reader.options
  }

  public func encode(to encoder: any Encoder) throws {
    var writer = Writer(options: self, values: encoder.container(keyedBy: Key.self))
    try Self.visitAll(&writer)
  }

  private static func visitAll(_ visitor: inout some OptionVisitor) throws {
    try visitor.visitBatchSize()
    try visitor.visit(.epochs, \.epochs)
    try visitor.visit(.gradientAccumulation, \.gradientAccumulation)
    try visitor.visit(.seed, \.seed)
    try visitor.visit(.threads, \.threads)
    try visitor.visit(.precision, \.precision)
    try visitor.visit(.gaussianPrior, \.gaussianPrior)
    try visitor.visit(.laplacePrior, \.laplacePrior)
    try visitor.visit(.validationFraction, \.validationFraction)
    try visitor.visit(.patience, \.patience)
    try visitor.visit(.minimumImprovement, \.minimumImprovement)
    try visitor.visit(.flatEpochs, \.flatEpochs)
    try visitor.visit(.flatTolerance, \.flatTolerance)
    try visitor.visit(.stopAtAccuracy, \.stopAtAccuracy)
    try visitor.visit(.shuffle, \.shuffle)
    try visitor.visit(.shift, \.shift)
    try visitor.visit(.flip, \.flip)
    try visitor.visit(.steps, \.steps)
    try visitor.visit(.evaluationInterval, \.evaluationInterval)
    try visitor.visit(.evaluationExamples, \.evaluationExamples)
    try visitor.visit(.algorithm, \.algorithm)
    try visitor.visit(.gridValues, \.gridValues)
    try visitor.visit(.gridBounds, \.gridBounds)
    try visitor.visit(.longestSearch, \.longestSearch)
  }

  /// Reads or writes an option.
  private protocol OptionVisitor {
    mutating func visit<Value: Codable & Equatable>(
      _ key: Key, _ option: WritableKeyPath<TrainingOptions, Value>
    ) throws
    /// Which may be a word.
    mutating func visitBatchSize() throws
  }

  private struct Reader: OptionVisitor {
    var options = TrainingOptions()
    let values: KeyedDecodingContainer<Key>

    mutating func visit<Value: Codable & Equatable>(
      _ key: Key, _ option: WritableKeyPath<TrainingOptions, Value>
    ) throws {
      if let value = try values.decodeIfPresent(Value.self, forKey: key) { options[keyPath: option] = value }
    }

    mutating func visitBatchSize() throws {
      if (try? values.decodeIfPresent(String.self, forKey: .batchSize)) == "full" {
        options.batchSize = TrainingOptions.fullBatch
      } else {
        try visit(.batchSize, \.batchSize)
      }
    }
  }

  /// Leaves out what is as usual, but for the options that say most of a run.
  private struct Writer: OptionVisitor {
    let options: TrainingOptions
    let standard = TrainingOptions()
    var values: KeyedEncodingContainer<Key>

    mutating func visit<Value: Codable & Equatable>(
      _ key: Key, _ option: WritableKeyPath<TrainingOptions, Value>
    ) throws {
      let value = options[keyPath: option]
      guard value != standard[keyPath: option] || [.epochs, .batchSize, .seed].contains(key) else { return }
      try values.encode(value, forKey: key)
    }

    mutating func visitBatchSize() throws {
      if options.batchSize == TrainingOptions.fullBatch {
        try values.encode("full", forKey: .batchSize)
      } else {
        try visit(.batchSize, \.batchSize)
      }
    }
  }
}

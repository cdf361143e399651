extension Dataset {
  /// The same examples, of which each counts in the loss as much as its weight says.
  ///
  /// What is kept are weights of mean 1: losses stay of the size that they have without weights, and a batch of heavy
  /// examples pulls more than one of light ones.
  /// - Parameter weights: one for each example, finite, not negative and not all 0.
  /// - Throws: `DatasetError` when they cannot be used, or targets are sequences, whose places -1 leaves out.
  public func weighted(by weights: [Float]) throws -> Dataset {
    guard weights.count == count else {
      throw DatasetError(
        .mismatch, "there are \(weights.count) weights for \(count) examples", advice: "give one for each example")
    }
    if let index = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw DatasetError(
        .invalidValue, "the weight of example \(index) is \(weights[index])", advice: "use finite numbers of 0 or more")
    }
    guard !predictsClasses || targetShape.rank == 0 else {
      throw DatasetError(
        .wrongContent, "examples with a class at each place cannot be weighted",
        advice: "leave places out with the class -1")
    }
    let mean = weights.reduce(0) { $0 + Double($1) } / Double(max(count, 1))
    guard mean > 0 || count == 0 else {
      throw DatasetError(.invalidValue, "all weights are 0", advice: "let at least one example count")
    }
    var data = self
    data.weights = weights.map { Float(Double($0) / mean) }
    return data
  }

  /// The same examples with weights of mean 1, which those of a part need not have: a mean over weighted examples is
  /// then one by their weights. Nothing changes where all count alike, or none counts.
  public func withWeightsOfMeanOne() throws -> Dataset {
    guard let weights else { return self }
    let sum = weights.reduce(0) { $0 + Double($1) }
    // Weights of mean 1 stay as they are, but for what rounding made of it.
    guard sum > 0, abs(sum / Double(count) - 1) > 1e-6 else { return self }
    return try weighted(by: weights)
  }

  /// Writes how much some examples count, in the order of `rows`; 1 where the data have no weights.
  /// - Throws: `DatasetError` when a row does not exist or the room does not suffice.
  public func copyWeights(of rows: ArraySlice<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    guard let destination = try room(for: rows.count, 1, in: buffer) else { return }
    guard let weights else { return destination.update(repeating: 1, count: rows.count) }
    try rows.withUnsafeBufferPointer { try copy(weights, $0, 1, to: destination) }
  }
}

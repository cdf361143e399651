import Chainrule

/// How much the examples of each class count.
enum ClassWeights: Equatable {
  /// Each class as much as any other, however few its examples are.
  case balanced
  /// A weight for each class.
  case given([Double])

  /// - Throws: `UsageError` that says what it takes.
  init(_ text: String) throws {
    if text.lowercased() == "balanced" {
      self = .balanced
      return
    }
    let weights = try text.split(separator: ",", omittingEmptySubsequences: false).map {
      try Parse.notNegative(String($0))
    }
    guard weights.contains(where: { $0 > 0 }) else { throw UsageError("at least one class must count") }
    self = .given(weights)
  }

  /// One weight for each class; with balanced ones, their mean over the examples is 1.
  /// - Parameter count: the number of classes.
  /// - Throws: `UsageError` when there are not as many as classes.
  func weights(_ classes: [Int32], count: Int) throws -> [Double] {
    switch self {
    case .balanced:
      var counts = Array(repeating: 0, count: count)
      for index in classes where counts.indices.contains(Int(index)) { counts[Int(index)] += 1 }
      return counts.map { Double(classes.count) / (Double(count) * Double(max($0, 1))) }
    case .given(let weights):
      guard weights.count == count else {
        throw UsageError("--class-weights has \(weights.count) numbers, but there are \(count) classes.")
      }
      return weights
    }
  }
}

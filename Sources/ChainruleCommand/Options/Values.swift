import ArgumentParser
import Chainrule

/// Reads what options are given. Each function says what it takes when it is given something else.
enum Parse {
  /// A number above 0.
  static func positive(_ text: String) throws -> Double {
    guard let number = Double(text), number > 0, number.isFinite else {
      throw UsageError("it must be a number above 0, such as 0.001")
    }
    return number
  }

  /// A number of 0 or more.
  static func notNegative(_ text: String) throws -> Double {
    guard let number = Double(text), number >= 0, number.isFinite else {
      throw UsageError("it must be a number of 0 or more")
    }
    return number
  }

  /// A share that leaves something over.
  static func fraction(_ text: String) throws -> Double {
    guard let number = Double(text), number >= 0, number < 1 else {
      throw UsageError("it must be a number from 0 to below 1, such as 0.1")
    }
    return number
  }

  /// An accuracy to reach.
  static func accuracy(_ text: String) throws -> Double {
    guard let number = Double(text), number > 0, number <= 1 else {
      throw UsageError("it must be a number above 0 and at most 1, such as 0.98")
    }
    return number
  }

  /// A whole number of 1 or more.
  static func count(_ text: String) throws -> Int {
    guard let number = Int(text), number >= 1 else { throw UsageError("it must be a whole number of 1 or more") }
    return number
  }

  /// A whole number of 0 or more.
  static func wholeNumber(_ text: String) throws -> Int {
    guard let number = Int(text), number >= 0 else { throw UsageError("it must be a whole number of 0 or more") }
    return number
  }

  /// A whole number from a range.
  static func whole(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
    { text in
      guard let number = Int(text), range.contains(number) else {
        throw UsageError("it must be a whole number from \(grouped(range.lowerBound)) to \(grouped(range.upperBound))")
      }
      return number
    }
  }

  /// A whole number of 1 or more, or `full`.
  static func batchSize(_ text: String) throws -> Int {
    if text.lowercased() == "full" { return TrainingOptions.fullBatch }
    guard let number = Int(text), number >= 1 else {
      throw UsageError("it must be a whole number of 1 or more, or 'full' for all examples at once")
    }
    return number
  }

  /// Sizes of layers: `256` or `256,128`; `none` for no layer.
  static func layerSizes(_ text: String) throws -> [Int] {
    if text.lowercased() == "none" { return [] }
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let size = Int(part), (1...1_000_000).contains(size) else {
        throw UsageError("it must be sizes from 1 to 1,000,000, such as 256 or 256,128; or 'none'")
      }
      return size
    }
  }

  /// The shape of an example, such as `28x28` or `64:int32`, as the type of a batch of one.
  static func inputType(_ text: String) throws -> TensorType {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let extents = (parts.first ?? "").split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "," }
      .map { Int($0).flatMap { (1...1_000_000_000).contains($0) ? $0 : nil } }
    let elementType = parts.count < 2 ? .float32 : ElementType(rawValue: String(parts[1]))
    let shape = Shape([1] + extents.compactMap { $0 })
    guard !extents.contains(nil), shape.isValid, shape.count <= 1 << 28, let elementType, elementType.isGiven else {
      throw UsageError("it must be a shape such as 784, 28x28 or 64:int32, of at most 268,435,456 numbers")
    }
    return TensorType(shape, elementType)
  }

  /// One of the library's words. Capitals and hyphens make no difference: `mean-squared-error` is `meanSquaredError`.
  static func choice(_ text: String, of words: [String]) throws -> String {
    func plain(_ word: String) -> String { word.lowercased().filter { $0 != "-" && $0 != "_" } }
    guard let word = words.first(where: { plain($0) == plain(text) }) else {
      throw UsageError("it must be one of \(words.joined(separator: ", "))")
    }
    return word
  }

  static func activation(_ text: String) throws -> ActivationFunction {
    ActivationFunction(rawValue: try choice(text, of: ActivationFunction.allCases.map(\.rawValue))) ?? .identity
  }

  static func precision(_ text: String) throws -> Precision {
    Precision(rawValue: try choice(text, of: Precision.allCases.map(\.rawValue))) ?? .float32
  }

  static func initializer(_ text: String) throws -> Initializer {
    Initializer(kind: try choice(text, of: Initializer.kinds)) ?? .zeros
  }
}

/// A number for each spatial axis, or one for all of them: `2` or `[2, 1]`, in Swift as in descriptions.
public struct AxisNumbers: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// What was written; a single number stands for every axis.
  public let numbers: [Int]
  /// Whether it was written as a single number.
  public let isForAll: Bool

  /// One number for all axes.
  public init(_ number: Int) { (numbers, isForAll) = ([number], true) }

  /// A number for each axis.
  public init(_ numbers: [Int]) { (self.numbers, isForAll) = (numbers, false) }

  public init(integerLiteral number: Int) { self.init(number) }
  public init(arrayLiteral numbers: Int...) { self.init(numbers) }

  /// The numbers, one for each axis.
  /// - Parameter word: what they are, for the message.
  /// - Throws: `LayerError` when there are not as many as axes, or one is less than `least` or above 2^30.
  func resolved(_ word: String, rank: Int, least: Int, in context: LayerContext) throws -> [Int] {
    let all = isForAll ? Array(repeating: numbers[0], count: rank) : numbers
    guard all.count == rank else {
      throw context.error("\(word) has \(all.count) numbers, but there are \(rank) spatial axes")
    }
    guard all.allSatisfy({ (least...1 << 30).contains($0) }) else {
      throw context.error("\(word) must be from \(least) to 2^30, not \(all.map(String.init).joined(separator: ", "))")
    }
    return all
  }
}

extension AxisNumbers: Codable, DescribedForm {
  public static var form: String { "a whole number or a list of them" }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self.init(number)
    } else {
      self.init(try container.decode([Int].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if isForAll { try container.encode(numbers[0]) } else { try container.encode(numbers) }
  }
}

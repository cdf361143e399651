/// Where the value of each row stands in a list of texts.
struct ValuePlaces {
  /// The place of a value that is not in the list, and of a missing one.
  static let unknown: Int32 = -1
  static let missing: Int32 = -2

  private enum Content {
    /// Codes, and the place of each text of the dictionary.
    case text([Int32], [Int32])
    case numbers([Double], [Double: Int32])
    case dates([Double], [String: Int32])
  }

  private let content: Content

  /// - Parameter list: different texts, numbers and dates as people read them.
  init(of values: Table.Values, in list: [String]) {
    let places = Dictionary(list.enumerated().map { ($1, Int32($0)) }) { first, _ in first }
    switch values {
    case .text(let text): content = .text(text.codes, text.dictionary.map { places[$0] ?? Self.unknown })
    case .numbers(let numbers):
      // Of texts that mean the same number, that counts which the number is written as.
      let known = places.compactMap { text, place in
        Double(text).flatMap { numberText($0) == text ? ($0, place) : nil }
      }
      content = .numbers(numbers, Dictionary(known) { first, _ in first })
    case .dates(let seconds, _): content = .dates(seconds, places)
    }
  }

  /// The place of a row's value.
  subscript(row: Int) -> Int32 {
    switch content {
    case .text(let codes, let places):
      let code = codes[row]
      return code >= 0 ? places[Int(code)] : code == Table.TextValues.missing ? Self.missing : Self.unknown
    case .numbers(let numbers, let places):
      let number = numbers[row]
      return number.isNaN ? Self.missing : places[number] ?? Self.unknown
    case .dates(let seconds, let places):
      let time = seconds[row]
      return time.isNaN ? Self.missing : places[Timestamp(seconds: time).text] ?? Self.unknown
    }
  }
}

extension Table.Values {
  /// The different values as people read them, without missing ones; nil where there are more than so many, or texts
  /// that were not kept.
  func differentTexts(atMost limit: Int) -> Set<String>? {
    switch self {
    case .numbers(let numbers): return Self.different(numbers, limit).map { Set($0.map(numberText)) }
    case .dates(let seconds, _):
      return Self.different(seconds, limit).map { Set($0.map { Timestamp(seconds: $0).text }) }
    case .text(let text):
      guard text.isComplete else { return nil }
      let counts = text.counts(0..<text.codes.count)
      let texts = counts.indices.filter { counts[$0] > 0 }.map { text.dictionary[$0] }
      return texts.count <= limit ? Set(texts) : nil
    }
  }

  private static func different(_ numbers: [Double], _ limit: Int) -> Set<Double>? {
    var found: Set<Double> = []
    for number in numbers where !number.isNaN {
      found.insert(number)
      guard found.count <= limit else { return nil }
    }
    return found
  }
}

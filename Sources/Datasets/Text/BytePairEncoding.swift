/// Byte-pair encoding: tokens 0 to 255 are the bytes, and each later one is the pair of earlier tokens that was the
/// most frequent when it was made. Any text has an encoding.
///
/// Pairs do not reach across words, of which each takes the space before it along, as in GPT-2.
/// Sources: Gage, "A new algorithm for data compression" (1994); Sennrich, Haddow and Birch, "Neural machine
/// translation of rare words with subword units" (2016); Radford et al., "Language models are unsupervised multitask
/// learners" (2019), for bytes as the first tokens.
public struct BytePairEncoding: Hashable, Sendable {
  /// The pairs that became tokens 256, 257 and so on.
  public let merges: [[Int32]]
  /// The bytes of every token.
  public let tokens: [[UInt8]]
  /// The number of the token that a pair became.
  private let numbers: [Pair: Int32]

  /// nil unless every merge is of two earlier tokens, and of no two that were merged before.
  public init?(merges: [[Int32]]) {
    var tokens = (0...255).map { [UInt8($0)] }
    var numbers: [Pair: Int32] = [:]
    for merge in merges {
      guard merge.count == 2, merge.allSatisfy({ tokens.indices.contains(Int($0)) }) else { return nil }
      let pair = Pair(merge[0], merge[1])
      guard numbers.updateValue(Int32(clamping: tokens.count), forKey: pair) == nil else { return nil }
      tokens.append(tokens[Int(merge[0])] + tokens[Int(merge[1])])
      // Doubling again and again would fill any memory.
      guard tokens[tokens.count - 1].count <= 1 << 16 else { return nil }
    }
    (self.merges, self.tokens, self.numbers) = (merges, tokens, numbers)
  }

  /// Learns merges from a text; of pairs that are equally frequent the one with the smaller numbers comes first.
  /// - Parameter vocabularySize: the number of tokens, at least 256; fewer where no pair occurs twice any more.
  /// - Throws: `DatasetError` when the size is out of range.
  public init(trainedOn text: some Collection<UInt8>, vocabularySize: Int) throws {
    guard (256...1_000_000).contains(vocabularySize) else {
      throw DatasetError(
        .invalidArgument, "the vocabulary's size is \(vocabularySize)",
        advice: "use 256, which are the bytes alone, to 1,000,000")
    }
    var learner = PairLearner(text)
    while learner.merges.count < vocabularySize - 256, learner.mergeMostFrequent() {}
    guard let encoding = BytePairEncoding(merges: learner.merges.map { [$0.first, $0.second] }) else {
      throw DatasetError(.invalidValue, "the text repeats one pattern without end", advice: "use a smaller vocabulary")
    }
    self = encoding
  }

  /// The tokens of a text in UTF-8: in each word, the pair that was merged first is merged first.
  public func encode(_ text: [UInt8]) -> [Int32] {
    var known: [ArraySlice<UInt8>: [Int32]] = [:]
    var result: [Int32] = []
    for word in words(of: text) {
      if let tokens = known[word] {
        result += tokens
      } else {
        let tokens = encode(word: word)
        known[word] = tokens
        result += tokens
      }
    }
    return result
  }

  private func encode(word: ArraySlice<UInt8>) -> [Int32] {
    var symbols = word.map { Int32($0) }
    while true {
      var best: (number: Int32, pair: Pair)?
      for (a, b) in zip(symbols, symbols.dropFirst()) {
        if let number = numbers[Pair(a, b)], number < best?.number ?? .max { best = (number, Pair(a, b)) }
      }
      guard let best else { return symbols }
      merge(best.pair, into: best.number, in: &symbols)
    }
  }
}

/// Two tokens that follow one another.
private struct Pair: Hashable, Comparable {
  let first, second: Int32

  init(_ first: Int32, _ second: Int32) { (self.first, self.second) = (first, second) }

  static func < (a: Pair, b: Pair) -> Bool { (a.first, a.second) < (b.first, b.second) }
}

/// Replaces every occurrence of a pair, from the left.
private func merge(_ pair: Pair, into number: Int32, in symbols: inout [Int32]) {
  var (read, write) = (0, 0)
  while read < symbols.count {
    let isPair = symbols[read] == pair.first && read + 1 < symbols.count && symbols[read + 1] == pair.second
    symbols[write] = isPair ? number : symbols[read]
    read += isPair ? 2 : 1
    write += 1
  }
  symbols.removeLast(symbols.count - write)
}

/// Runs of letters (with all bytes beyond ASCII), of digits, of other signs, each with a space before it, and runs of
/// white space.
private func words<Text: Collection<UInt8>>(of text: Text) -> [Text.SubSequence] {
  func kind(_ byte: UInt8) -> Int {
    switch byte {
    case 9...13, 32: 0
    case 48...57: 1
    case 65...90, 97...122, 128...: 2
    default: 3
    }
  }
  var result: [Text.SubSequence] = []
  var start = text.startIndex
  while start < text.endIndex {
    var end = text.index(after: start)
    var first = kind(text[start])
    if text[start] == 32, end < text.endIndex, kind(text[end]) != 0 {
      first = kind(text[end])
      end = text.index(after: end)
    }
    while end < text.endIndex, kind(text[end]) == first {
      let next = text.index(after: end)
      // The last space goes with the word after it.
      if first == 0, text[end] == 32, next < text.endIndex, kind(text[next]) != 0 { break }
      end = next
    }
    result.append(text[start..<end])
    start = end
  }
  return result
}

/// Counts pairs over the different words of a text, and keeps the counts as pairs are merged.
private struct PairLearner {
  private(set) var merges: [Pair] = []
  private var words: [(symbols: [Int32], count: Int)] = []
  private var counts: [Pair: Int] = [:]
  /// The words in which a pair occurs, or did.
  private var places: [Pair: [Int]] = [:]
  /// Pairs with counts that were true once: the greatest first, and of equal ones the smaller numbers.
  private var heap: [(count: Int, pair: Pair)] = []

  init(_ text: some Collection<UInt8>) {
    var positions: [[Int32]: Int] = [:]
    for word in Datasets.words(of: text) {
      let symbols = word.map { Int32($0) }
      if let position = positions[symbols] {
        words[position].count += 1
      } else {
        positions[symbols] = words.count
        words.append((symbols, 1))
      }
    }
    for index in words.indices { count(index, sign: 1) }
    for (pair, count) in counts { push(count, pair) }
  }

  private mutating func count(_ index: Int, sign: Int) {
    let (symbols, count) = words[index]
    for (a, b) in zip(symbols, symbols.dropFirst()) {
      counts[Pair(a, b), default: 0] += sign * count
      if sign > 0, places[Pair(a, b)]?.last != index { places[Pair(a, b), default: []].append(index) }
    }
  }

  /// - Returns: whether any pair occurred more than once.
  mutating func mergeMostFrequent() -> Bool {
    while let (count, pair) = pop() {
      guard counts[pair] == count else { continue }
      guard count > 1 else { return false }
      let number = Int32(clamping: 256 + merges.count)
      merges.append(pair)
      var changed: Set<Pair> = []
      for index in Set(places.removeValue(forKey: pair) ?? []) {
        let old = words[index].symbols
        self.count(index, sign: -1)
        merge(pair, into: number, in: &words[index].symbols)
        self.count(index, sign: 1)
        for symbols in [old, words[index].symbols] {
          for (a, b) in zip(symbols, symbols.dropFirst()) { changed.insert(Pair(a, b)) }
        }
      }
      for pair in changed { push(counts[pair] ?? 0, pair) }
      return true
    }
    return false
  }

  private static func precedes(_ a: (count: Int, pair: Pair), _ b: (count: Int, pair: Pair)) -> Bool {
    a.count != b.count ? a.count > b.count : a.pair < b.pair
  }

  private mutating func push(_ count: Int, _ pair: Pair) {
    guard count > 0 else { return }
    heap.append((count, pair))
    var child = heap.count - 1
    while child > 0, Self.precedes(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func pop() -> (count: Int, pair: Pair)? {
    guard let last = heap.popLast() else { return nil }
    guard let first = heap.first else { return last }
    heap[0] = last
    var parent = 0
    while true {
      let children = (2 * parent + 1..<2 * parent + 3).filter { $0 < heap.count }
      guard let child = children.min(by: { Self.precedes(heap[$0], heap[$1]) }),
        Self.precedes(heap[child], heap[parent])
      else { return first }
      heap.swapAt(child, parent)
      parent = child
    }
  }
}

/// Which rows of a table are learned from, and which are held back to judge the model by.
public struct TableSplit: Hashable, Sendable {
  /// How rows are chosen.
  public enum Method: Hashable, Sendable {
    /// At random, in proportion of every class where there are classes.
    case random
    /// By a column that says `train` or `test` in each row, as words that begin so.
    case splitColumn(String)
    /// At random, but rows with the same value in the column stay together.
    case groupColumn(String)
    /// The latest rows by the column are held back.
    case timeColumn(String)
  }

  /// How rows are chosen.
  public var method: Method
  /// The share that is held back; 0 holds nothing back. Of no other effect on `splitColumn`.
  public var testFraction: Double
  /// From which the random choice follows.
  public var seed: UInt64

  /// A random fifth unless something else is asked for.
  public init(_ method: Method = .random, testFraction: Double = 0.2, seed: UInt64 = 0) {
    self.method = method
    self.testFraction = testFraction
    self.seed = seed
  }

  /// The column that the split goes by, which is not learned from but for time; nil where there is none.
  public var column: String? {
    switch method {
    case .random: nil
    case .splitColumn(let name), .groupColumn(let name), .timeColumn(let name): name
    }
  }

  /// Splits rows.
  /// - Parameters:
  ///   - rows: of which the target is known.
  ///   - classes: the class of each of `rows`, which are then held back in proportion; nil for none.
  /// - Throws: `DatasetError` when a part would be empty, but for the test part where nothing is held back, when the
  ///   column does not say what it should, or when there are no such rows or classes.
  public func split(
    _ table: Table, rows: [Int], classes: [Int32]?
  ) throws -> (training: [Int], test: [Int]) {
    guard testFraction >= 0, testFraction < 1 else {
      throw DatasetError(
        .invalidArgument, "testFraction is \(testFraction)", advice: "use a number from 0 to below 1")
    }
    try check(table, rows, classes)
    guard testFraction > 0 else { return (rows, []) }
    let isHeld: [Bool]
    switch method {
    case .random: isHeld = held(groups: strata(classes, count: rows.count), count: rows.count)
    case .splitColumn(let name): isHeld = try heldByWord(table.column(name), table, rows)
    case .groupColumn(let name):
      isHeld = try heldByGroup(keys(table.column(name), table, rows), count: rows.count)
    case .timeColumn(let name):
      let order = try order(table.column(name), table, rows)
      var latest = [Bool](repeating: false, count: rows.count)
      for position in order.suffix(Int((Double(rows.count) * testFraction).rounded())) { latest[position] = true }
      isHeld = latest
    }
    let training = rows.indices.filter { !isHeld[$0] }.map { rows[$0] }
    let test = rows.indices.filter { isHeld[$0] }.map { rows[$0] }
    guard !training.isEmpty, !test.isEmpty else {
      throw DatasetError(
        .invalidArgument, path: table.path,
        "of \(rows.count) rows the split leaves \(training.count) to learn from and \(test.count) to test with",
        advice: "give more rows, another --test-fraction, or hold nothing back: --test-fraction 0")
    }
    return (training, test)
  }

  /// Splits rows into parts of nearly equal size, or groups into parts of nearly as many groups, each of which is held
  /// back once.
  /// - Throws: `DatasetError` when there are fewer rows, or groups, than folds, or no such rows or classes.
  public func folds(
    _ count: Int, _ table: Table, rows: [Int], classes: [Int32]?
  ) throws -> [(training: [Int], test: [Int])] {
    guard count >= 2 else {
      throw DatasetError(.invalidArgument, "the number of folds is \(count)", advice: "use 2 or more")
    }
    guard count <= rows.count else {
      throw DatasetError(
        .invalidArgument, path: table.path, "\(rows.count) rows do not fill \(count) folds", advice: "use fewer folds")
    }
    try check(table, rows, classes)
    var foldOfRow = [Int](repeating: 0, count: rows.count)
    switch method {
    case .random:
      var position = 0
      for group in strata(classes, count: rows.count) {
        for row in group {
          foldOfRow[row] = position % count
          position += 1
        }
      }
    case .groupColumn(let name):
      let keys = try keys(table.column(name), table, rows)
      let groups = Set(keys).count
      let order = shuffledOrder(count: groups, seed: seed, epoch: 0, stream: RandomStream.split)
      for (row, key) in keys.enumerated() { foldOfRow[row] = order[key] % count }
    case .splitColumn, .timeColumn:
      throw DatasetError(
        .invalidArgument, path: table.path, "folds are chosen at random or by groups",
        advice: "leave the column out that names the split, or the folds")
    }
    return try (0..<count).map { fold in
      let test = rows.indices.filter { foldOfRow[$0] == fold }.map { rows[$0] }
      guard !test.isEmpty, test.count < rows.count else {
        throw DatasetError(
          .invalidArgument, path: table.path, "\(rows.count) rows, or their groups, do not fill \(count) folds",
          advice: "use fewer folds")
      }
      return (rows.indices.filter { foldOfRow[$0] != fold }.map { rows[$0] }, test)
    }
  }

  /// The greatest number of classes that rows are held back in proportion of.
  private static let greatestClassCount = 1 << 20

  private func check(_ table: Table, _ rows: [Int], _ classes: [Int32]?) throws {
    guard rows.allSatisfy((0..<table.rowCount).contains) else {
      throw DatasetError(
        .invalidArgument, path: table.path, "a row is none of the table's \(table.rowCount) rows",
        advice: "count rows from 0")
    }
    guard let classes else { return }
    guard classes.count == rows.count, classes.allSatisfy({ (0..<Int32(Self.greatestClassCount)).contains($0) }) else {
      throw DatasetError(
        .invalidArgument, path: table.path, "\(classes.count) classes do not fit \(rows.count) rows",
        advice: "give a class for each row, from 0 to \(Self.greatestClassCount - 1)")
    }
  }

  /// The rows in a random order, those of each class together.
  private func strata(_ classes: [Int32]?, count: Int) -> [ArraySlice<Int>] {
    let order = shuffledOrder(count: count, seed: seed, epoch: 0, stream: RandomStream.split)
    guard let classes, let greatest = classes.max() else { return [order[...]] }
    var ends = [Int](repeating: 0, count: Int(greatest) + 1)
    for label in classes { ends[Int(label)] += 1 }
    for label in ends.indices.dropFirst() { ends[label] += ends[label - 1] }
    var places = [0] + ends.dropLast()
    var groups = [Int](repeating: 0, count: count)
    for row in order {
      let label = Int(classes[row])
      groups[places[label]] = row
      places[label] += 1
    }
    return ends.indices.map { groups[($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0]] }
  }

  /// Of every group the same share, in all the share that is asked for.
  private func held(groups: [ArraySlice<Int>], count: Int) -> [Bool] {
    var isHeld = [Bool](repeating: false, count: count)
    var (seen, chosen) = (0, 0)
    for group in groups {
      seen += group.count
      let wanted = Int((Double(seen) * testFraction).rounded())
      for row in group.prefix(wanted - chosen) { isHeld[row] = true }
      chosen = wanted
    }
    return isHeld
  }

  private func heldByWord(_ column: Table.Column, _ table: Table, _ rows: [Int]) throws -> [Bool] {
    try rows.map { row in
      let word = table.text(column, row: row) ?? ""
      if word.lowercased().hasPrefix("train") { return false }
      if word.lowercased().hasPrefix("test") || word.lowercased().hasPrefix("val") { return true }
      throw DatasetError(
        .invalidValue, path: table.path,
        "\(table.place(ofRow: row)), column '\(column.name)': '\(word)' names no split",
        advice: "use 'train' and 'test', or split by --group-column")
    }
  }

  private func heldByGroup(_ keys: [Int], count: Int) -> [Bool] {
    let groupCount = (keys.max() ?? -1) + 1
    var sizes = [Int](repeating: 0, count: groupCount)
    for key in keys { sizes[key] += 1 }
    var isHeld = [Bool](repeating: false, count: groupCount)
    var held = 0
    for group in shuffledOrder(count: groupCount, seed: seed, epoch: 0, stream: RandomStream.split)
    where Double(held) + Double(sizes[group]) / 2 <= testFraction * Double(count) {
      isHeld[group] = true
      held += sizes[group]
    }
    return keys.map { isHeld[$0] }
  }

  /// A number for each row, the same for the same value.
  private func keys(_ column: Table.Column, _ table: Table, _ rows: [Int]) throws -> [Int] {
    if case .text(let text) = column.values, !text.isComplete {
      throw DatasetError(
        .wrongContent, path: table.path, "column '\(column.name)' has too many different texts to group by",
        advice: "group by a column of numbers, or of fewer than \(TextInterner.capacity) texts")
    }
    var numberOfKey: [String: Int] = [:]
    return rows.map { row in
      let key = table.text(column, row: row) ?? ""
      let number = numberOfKey[key] ?? numberOfKey.count
      numberOfKey[key] = number
      return number
    }
  }

  /// The positions of rows in the order of a column of numbers or dates.
  private func order(_ column: Table.Column, _ table: Table, _ rows: [Int]) throws -> [Int] {
    guard let values = column.values.numbers else {
      throw DatasetError(
        .wrongContent, path: table.path, "column '\(column.name)' has no dates or numbers to go by",
        advice: "name one that has")
    }
    if let row = rows.first(where: { values[$0].isNaN }) {
      throw DatasetError(
        .invalidValue, path: table.path, "\(table.place(ofRow: row)), column '\(column.name)': there is no time",
        advice: "add it or remove the row")
    }
    return rows.indices.sorted { (values[rows[$0]], $0) < (values[rows[$1]], $1) }
  }
}

/// Coded as an object such as `{"timeColumn": "day", "testFraction": 0.2, "seed": 0}`, of which every key may be left
/// out; without a column rows are chosen at random.
extension TableSplit: Codable {
  private enum CodingKeys: String, CodingKey { case splitColumn, groupColumn, timeColumn, testFraction, seed }

  /// - Throws: `DecodingError` for a value of the wrong type, or several columns.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func method(_ key: CodingKeys, _ method: (String) -> Method) throws -> Method? {
      try values.decodeIfPresent(String.self, forKey: key).map(method)
    }
    let methods = try [
      method(.splitColumn, Method.splitColumn), method(.groupColumn, Method.groupColumn),
      method(.timeColumn, Method.timeColumn),
    ].compactMap { $0 }
    guard methods.count <= 1 else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "give one of splitColumn, groupColumn and timeColumn"))
    }
    self.init(
      methods.first ?? .random, testFraction: try values.decodeIfPresent(Double.self, forKey: .testFraction) ?? 0.2,
      seed: try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch method {
    case .random: break
    case .splitColumn(let name): try values.encode(name, forKey: .splitColumn)
    case .groupColumn(let name): try values.encode(name, forKey: .groupColumn)
    case .timeColumn(let name): try values.encode(name, forKey: .timeColumn)
    }
    try values.encode(testFraction, forKey: .testFraction)
    try values.encode(seed, forKey: .seed)
  }
}

extension Table.Values {
  /// Numbers, or dates as seconds; nil for text.
  var numbers: [Double]? {
    switch self {
    case .numbers(let values), .dates(let values, _): values
    case .text: nil
    }
  }
}

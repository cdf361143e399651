/// What a table holds, and what is to be minded before a network learns from it.
public struct TableInspection: Sendable, Encodable {
  /// Something that may spoil what is learned.
  public struct Warning: Hashable, Sendable, Encodable {
    /// The kinds of warnings.
    public enum Kind: String, Hashable, Sendable, Encodable, CaseIterable {
      /// Many rows have no value.
      case missing
      /// Two columns say nearly the same.
      case duplicate
      /// A column alone tells the target nearly always: it may have been written down after the fact.
      case leak
      /// A class is rare.
      case imbalance
      /// Texts that may be numbers written otherwise.
      case notation
      /// Rows whose target is not known.
      case unknownTarget
      /// Few rows for what is to be learned.
      case fewRows

      /// What it is called in words.
      public var title: String {
        switch self {
        case .unknownTarget: "unknown target"
        case .fewRows: "few rows"
        case .missing, .duplicate, .leak, .imbalance, .notation: rawValue
        }
      }
    }

    public let kind: Kind
    /// The columns that it is about.
    public let columns: [String]
    /// What is found, and what to do.
    public let message: String
  }

  /// The file.
  public let path: String
  /// The number of rows.
  public let rowCount: Int
  /// The columns, in the file's order.
  public let columns: [ColumnSummary]
  /// What is predicted; nil where no target was named.
  public let task: TargetEncoding.Task?
  /// The names of the columns that are predicted.
  public let target: [String]
  /// How often each class or label occurs, the most frequent first; empty for numbers.
  public let classes: [ColumnSummary.Frequency]
  /// Some rows, as text; nil where a value is missing.
  public let rows: [[String?]]
  /// What is to be minded.
  public let warnings: [Warning]

  /// Looks at a table.
  /// - Parameters:
  ///   - target: the columns that are to be predicted; none where that is not known.
  ///   - exampleCount: how many rows are shown.
  /// - Throws: `DatasetError` when a column does not exist or does not suit the task.
  public init(
    _ table: Table, target: [String] = [], task: TargetEncoding.Task? = nil, labelDelimiter: String? = nil,
    column kinds: [String: ColumnKind] = [:], exampleCount: Int = 5
  ) throws {
    guard exampleCount >= 0 else {
      throw DatasetError(.invalidArgument, "exampleCount is \(exampleCount)", advice: "use 0 or more")
    }
    path = table.path
    rowCount = table.rowCount
    self.target = target
    let all = 0..<table.rowCount
    columns = onAllProcessors(table.columns.count) { index in
      let column = table.columns[index]
      return ColumnSummary(column, KnownNumbers(column.values, rows: all), rows: all, kind: kinds[column.name])
    }
    rows = all.prefix(exampleCount).map { row in table.columns.map { table.text($0, row: row) } }
    let encoding =
      target.isEmpty
      ? nil : try TargetEncoding(target, in: table, rows: Array(all), task: task, labelDelimiter: labelDelimiter)
    self.task = encoding?.task
    let classes = try encoding.map { try Self.frequencies($0, table) } ?? []
    self.classes = classes
    let learned = columns.filter { $0.kind.isLearned && !target.contains($0.name) }
    warnings =
      Self.missing(learned) + Warning.notation(table) { kinds[$0] != nil } + Self.duplicates(learned, table)
      + (encoding.map { Self.unknownTarget($0, table) } ?? [])
      + (try encoding.map { try Self.leaks(learned, $0, table) + Self.imbalance($0, classes) } ?? [])
      + Self.fewRows(table, learned)
  }

  private static func frequencies(_ target: TargetEncoding, _ table: Table) throws -> [ColumnSummary.Frequency] {
    let known = target.known(0..<table.rowCount, in: table)
    var counts = [Int](repeating: 0, count: target.names.count)
    switch target.task {
    case .regression: return []
    case .binary, .multiClass: for label in try target.classes(table, rows: known) { counts[Int(label)] += 1 }
    case .multiLabel:
      for (index, value) in try target.labels(table, rows: known).enumerated() where value > 0 {
        counts[index % counts.count] += 1
      }
    }
    return counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
      .map { ColumnSummary.Frequency(value: target.names[$0], count: counts[$0]) }
  }

  private static func unknownTarget(_ target: TargetEncoding, _ table: Table) -> [Warning] {
    let known = target.known(0..<table.rowCount, in: table).count
    return Warning.unknownTarget(table.rowCount - known, of: table.rowCount, target.columns)
  }

  private static func missing(_ columns: [ColumnSummary]) -> [Warning] {
    columns.filter { $0.missingShare > 0.3 }.map { column in
      Warning(
        kind: .missing, columns: [column.name],
        message: "\(Int((100 * column.missingShare).rounded())) % of '\(column.name)' are missing; if they tell "
          + "nothing, leave it out: --column '\(column.name)=ignore'")
    }
  }

  private static func imbalance(_ target: TargetEncoding, _ classes: [ColumnSummary.Frequency]) -> [Warning] {
    guard target.task == .binary || target.task == .multiClass, let rarest = classes.last else { return [] }
    let total = classes.reduce(0) { $0 + $1.count }
    guard rarest.count * 20 < total else { return [] }
    return [
      Warning(
        kind: .imbalance, columns: target.columns,
        message: "of \(total) rows only \(rarest.count) are '\(rarest.value)': look at each class's recall, not at the "
          + "accuracy alone")
    ]
  }

  private static func fewRows(_ table: Table, _ learned: [ColumnSummary]) -> [Warning] {
    guard table.rowCount < 10 * max(learned.count, 5) else { return [] }
    return [
      Warning(
        kind: .fewRows, columns: [],
        message: "there are only \(table.rowCount) rows for \(learned.count) columns: judge by --folds 5, and see "
          + "whether fewer columns do better")
    ]
  }
}

extension TableInspection {
  /// Looking at pairs takes time in proportion to the square of the columns.
  private static let greatestPairCount = 200
  private static let sampleCount = 5000

  private static func sample(_ table: Table) -> [Int] {
    let step = max(1, table.rowCount / sampleCount)
    return Array(stride(from: 0, to: table.rowCount, by: step))
  }

  private static func duplicates(_ columns: [ColumnSummary], _ table: Table) -> [Warning] {
    let rows = sample(table)
    guard rows.count >= 10 else { return [] }
    let values = columns.prefix(greatestPairCount).compactMap { summary in
      table[summary.name].map { (summary.name, codes(of: $0, rows)) }
    }
    var warnings: [Warning] = []
    for (index, (second, b)) in values.enumerated() {
      for (first, a) in values[..<index] {
        let isSame: Bool
        if let a = a.numbers, let b = b.numbers {
          isSame = abs(correlation(a, b)) > 0.98
        } else if a.numbers == nil, b.numbers == nil {
          isSame = isRenaming(a.codes, b.codes)
        } else {
          isSame = false
        }
        if isSame {
          warnings.append(
            Warning(
              kind: .duplicate, columns: [first, second],
              message: "'\(first)' and '\(second)' say nearly the same; one of them may do"))
        }
      }
    }
    return warnings
  }

  /// A column as numbers where it has some, and as a code for each different value.
  private static func codes(of column: Table.Column, _ rows: [Int]) -> (numbers: [Double]?, codes: [Int]) {
    switch column.values {
    case .text(let text): return (nil, rows.map { Int(text.codes[$0]) })
    case .numbers(let values), .dates(let values, _):
      // Intervals of equal counts: the parts that a single threshold could tell apart.
      let numbers = KnownNumbers(values, rows: rows)
      let edges = (1..<64).map { numbers.quantile(Double($0) / 64) }
      let codes = rows.map { row in values[row].isNaN ? -1 : edges.count { $0 <= values[row] } }
      return (rows.map { values[$0] }, codes)
    }
  }

  /// The correlation over the rows where both have a value.
  private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    var (n, meanA, meanB, aa, bb, ab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) where !x.isNaN && !y.isNaN {
      n += 1
      let (dx, dy) = (x - meanA, y - meanB)
      meanA += dx / n
      meanB += dy / n
      aa += dx * (x - meanA)
      bb += dy * (y - meanB)
      ab += dx * (y - meanB)
    }
    let product = (aa * bb).squareRoot()
    return product > 0 && n >= 10 ? ab / product : 0
  }

  /// Whether each value of one goes with one value of the other alone.
  private static func isRenaming(_ a: [Int], _ b: [Int]) -> Bool {
    var (there, back): ([Int: Int], [Int: Int]) = ([:], [:])
    for (x, y) in zip(a, b) {
      if there.updateValue(y, forKey: x) ?? y != y || back.updateValue(x, forKey: y) ?? x != x { return false }
    }
    return there.count > 1
  }

  private static func leaks(
    _ columns: [ColumnSummary], _ target: TargetEncoding, _ table: Table
  ) throws -> [Warning] {
    let rows = target.known(sample(table), in: table)
    guard rows.count >= 20, target.task != .multiLabel else { return [] }
    func warning(_ name: String, _ share: String) -> Warning {
      Warning(
        kind: .leak, columns: [name],
        message: "'\(name)' alone tells the target \(share): if it is not known when predictions are made, leave "
          + "it out: --column '\(name)=ignore'")
    }
    if target.task == .regression {
      guard let numbers = table[target.columns[0]]?.values.numbers else { return [] }
      let truth = rows.map { numbers[$0] }
      return columns.compactMap { summary in
        guard let values = table[summary.name]?.values.numbers else { return nil }
        let r = correlation(rows.map { values[$0] }, truth)
        guard abs(r) > 0.99 else { return nil }
        return warning(summary.name, "nearly exactly (correlation \(Double(Int(r * 1000)) / 1000))")
      }
    }
    let classes = try target.classes(table, rows: rows).map(Int.init)
    let baseline = majority(rows.map { _ in 0 }, classes)
    guard baseline < 0.95 else { return [] }
    return columns.compactMap { summary in
      let isCountable = summary.statistics != nil || summary.distinctCount ?? .max < rows.count / 2
      guard let column = table[summary.name], isCountable else { return nil }
      let share = majority(codes(of: column, rows).codes, classes)
      return share > 0.98 ? warning(summary.name, "in \(Int(share * 100)) % of the rows") : nil
    }
  }

  /// The share of rows that are of the most frequent class among those with the same code.
  private static func majority(_ codes: [Int], _ classes: [Int]) -> Double {
    var counts: [Int: [Int: Int]] = [:]
    for (code, label) in zip(codes, classes) { counts[code, default: [:]][label, default: 0] += 1 }
    let right = counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }
    return Double(right) / Double(max(codes.count, 1))
  }
}

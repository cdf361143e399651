import Tensors

/// What can be chosen about how columns become features. Every key may be left out.
public struct PreprocessingOptions: Hashable, Sendable, Codable {
  /// How numbers are scaled.
  public var scaling: NumberScaling.Choice
  /// Into how many intervals a number is split, each of which gets a feature besides that of the number; 0 for none.
  public var intervalCount: Int
  /// Whether categories that are whole numbers, such as ratings, are given as numbers too.
  public var keepsOrder: Bool
  /// The number of categories beyond which a vector is learned for each, in place of one feature a category.
  public var greatestOneHotCount: Int
  /// How often a category must occur to be one of its own, in data of 1,000 rows for each time; rarer ones are learned
  /// from as those that are not known.
  public var leastCategoryCount: Int

  /// What `intervalCount` may be.
  public static let intervalCounts = 0...1000
  /// What `greatestOneHotCount` may be.
  public static let greatestOneHotCounts = 0...10_000

  /// Options with usual values for all that is not given.
  public init(
    scaling: NumberScaling.Choice = .automatic, intervalCount: Int = 0, keepsOrder: Bool = true,
    greatestOneHotCount: Int = 32, leastCategoryCount: Int = 10
  ) {
    self.scaling = scaling
    self.intervalCount = intervalCount
    self.keepsOrder = keepsOrder
    self.greatestOneHotCount = greatestOneHotCount
    self.leastCategoryCount = leastCategoryCount
  }

  /// - Throws: `DecodingError` for a value of the wrong type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let standard = PreprocessingOptions()
    self.init(
      scaling: try values.decodeIfPresent(NumberScaling.Choice.self, forKey: .scaling) ?? standard.scaling,
      intervalCount: try values.decodeIfPresent(Int.self, forKey: .intervalCount) ?? standard.intervalCount,
      keepsOrder: try values.decodeIfPresent(Bool.self, forKey: .keepsOrder) ?? standard.keepsOrder,
      greatestOneHotCount: try values.decodeIfPresent(Int.self, forKey: .greatestOneHotCount)
        ?? standard.greatestOneHotCount,
      leastCategoryCount: try values.decodeIfPresent(Int.self, forKey: .leastCategoryCount)
        ?? standard.leastCategoryCount)
  }

  /// - Throws: `DatasetError` that names the option.
  public func validate() throws {
    for (name, value, range) in [
      ("intervalCount", intervalCount, Self.intervalCounts),
      ("greatestOneHotCount", greatestOneHotCount, Self.greatestOneHotCounts),
      ("leastCategoryCount", leastCategoryCount, 1...1_000_000),
    ] where !range.contains(value) {
      throw DatasetError(
        .invalidArgument, "\(name) is \(value)", advice: "use \(range.lowerBound) to \(range.upperBound)")
    }
  }
}

/// How a table becomes examples, as learned from training rows alone. It is saved with a model, so that what a network
/// is given in use is made exactly as in training.
public struct Preprocessing: Hashable, Sendable, Codable {
  /// A column that a network does not learn from.
  public struct LeftOut: Hashable, Sendable, Codable {
    /// The column's name.
    public let name: String
    /// What it is.
    public let kind: ColumnKind
    /// Why it is that.
    public let reason: String
  }

  /// The table that it was learned from.
  public struct Origin: Hashable, Sendable, Codable {
    /// Which rows were held back.
    public let split: TableSplit
    /// Tells the table from others.
    let fingerprint: UInt64
  }

  /// The columns that a network learns from, in the table's order.
  public let columns: [ColumnEncoding]
  /// The others, save the target.
  public let leftOut: [LeftOut]
  /// What is predicted.
  public let target: TargetEncoding
  /// The order in which the training data write dates; nil where they have none.
  public let dateOrder: DateOrder?
  /// How the training data were written; nil where they were from no file.
  public let notation: TableNotation?
  /// The table that it was learned from; nil where rows were chosen otherwise.
  public let origin: Origin?

  /// Learns from some rows of a table.
  /// - Parameters:
  ///   - rows: of the training split.
  ///   - target: what is predicted, whose columns are not learned from.
  ///   - kinds: what columns are, by their names, where it is not to be found out.
  ///   - leavingOut: columns that are not learned from, such as one that names the split, and why.
  ///   - split: by which the rows were chosen; nil where they were chosen otherwise.
  /// - Throws: `DatasetError` when no column is left to learn from, or a row does not exist.
  public init(
    learningFrom table: Table, rows: [Int], target: TargetEncoding, column kinds: [String: ColumnKind] = [:],
    leavingOut: [String: String] = [:], options: PreprocessingOptions = PreprocessingOptions(), split: TableSplit? = nil
  ) throws {
    try options.validate()
    try checkRows(rows, count: table.rowCount, table.path)
    let candidates = table.columns.filter { !target.columns.contains($0.name) }
    let learned = onAllProcessors(candidates.count) { index -> (encoding: ColumnEncoding?, leftOut: LeftOut?) in
      let column = candidates[index]
      if let reason = leavingOut[column.name] {
        return (nil, LeftOut(name: column.name, kind: .ignore, reason: reason))
      }
      let numbers = KnownNumbers(column.values, rows: rows)
      let summary = ColumnSummary(column, numbers, rows: rows, kind: kinds[column.name])
      guard summary.kind.isLearned, summary.missingCount < summary.rowCount else {
        return (nil, LeftOut(name: column.name, kind: summary.kind, reason: summary.reason))
      }
      return (ColumnEncoding(learningFrom: column, numbers, rows: rows, summary, options), nil)
    }
    let (columns, leftOut) = (learned.compactMap(\.encoding), learned.compactMap(\.leftOut))
    guard !columns.isEmpty else {
      let notation = TableInspection.Warning.notation(table) { kinds[$0] != nil || target.columns.contains($0) }
      throw DatasetError(
        .wrongContent, path: table.path, "no column is left to learn from",
        advice: notation.first?.message
          ?? leftOut.first.map { column in
            "'\(column.name)' is left out (\(column.reason)); --column '\(column.name)=categorical' keeps it"
          } ?? "give a table with columns besides the target")
    }
    (self.columns, self.leftOut, self.target) = (columns, leftOut, target)
    origin = split.map { Origin(split: $0, fingerprint: table.fingerprint(of: columns, target, $0)) }
    notation = table.notation
    dateOrder = table.columns.lazy.compactMap { column -> DateOrder? in
      if case .dates(_, let order) = column.values, order != .yearMonthDay { order } else { nil }
    }.first
  }

  /// How features are made of the columns of an example.
  public var expansion: ColumnExpansion { layout.expansion }

  /// Which features of an example are made of which column; features are counted from 0.
  public var featureColumns: [(name: String, features: [Int])] { layout.features }

  private var layout: (expansion: ColumnExpansion, features: [(name: String, features: [Int])]) {
    var expansion = ColumnExpansion()
    var features = columns.map { column in
      let start = expansion.width
      column.add(to: &expansion)
      return (name: column.name, features: Array(start..<expansion.width))
    }
    for (index, column) in columns.enumerated() where column.embeddingSize != nil {
      features[index].features.append(expansion.width)
      expansion.addNumber()
    }
    return (expansion, features)
  }

  /// The numbers of categories and the sizes of their vectors, for those that a vector is learned for: their codes are
  /// the last features.
  public var embeddings: [(count: Int, size: Int)] {
    columns.compactMap { column in column.embeddingSize.map { (column.slotCount, $0) } }
  }

  /// Reads a file for the model, written as the training data were: columns are of the types that they had in training,
  /// so that what is no number where there were numbers is an error that names the line.
  /// - Parameter options: those of a user, which have precedence; marks of missing values are added to those of the
  ///   training data.
  /// - Throws: `DatasetError`.
  public func table(path: String, options: TableOptions = TableOptions()) throws -> Table {
    var options = options
    options.dateOrder = options.dateOrder ?? dateOrder
    options.decimalComma = options.decimalComma ?? notation?.decimalComma
    options.header = options.header ?? notation?.header
    options.missing += (notation?.missing ?? []).filter { !options.missing.contains($0) }
    for column in columns where options.column[column.name] == nil {
      switch column.storage {
      case .numbers: options.column[column.name] = .numeric
      case .text: options.column[column.name] = .categorical
      case .dates: break
      }
    }
    options.areKindsLearned = true
    return try Table(path: path, options: options)
  }

  /// The features of some rows of a table, which need not have the target.
  /// - Parameter rows: all when nil.
  /// - Throws: `DatasetError` when a column is missing or holds something of another type, or a row does not exist.
  public func features(of table: Table, rows: [Int]? = nil) throws -> (features: Dataset.Features, shape: Shape) {
    if let rows { try checkRows(rows, count: table.rowCount, table.path) }
    let rows = rows ?? Array(0..<table.rowCount)
    let missing = columns.map(\.name).filter { table[$0] == nil }
    guard missing.isEmpty else {
      let names = missing.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
      throw DatasetError(
        .mismatch, path: table.path,
        "the model needs \(missing.count == 1 ? "the column" : "the columns") \(names), which the table does not have",
        advice: "add what is missing, with empty values where nothing is known")
    }
    var sources: [FeatureSource] = []
    var embedded: [FeatureSource] = []
    for encoding in columns {
      let parts = try encoding.sources(try table.column(encoding.name), rows: rows, in: table)
      sources += parts.columns
      if let codes = parts.embedded { embedded.append(codes) }
    }
    let expansion = expansion
    return (.columns(interleaved(sources + embedded, rows), expansion), [expansion.width])
  }

  /// Examples to learn from or to be judged by.
  /// - Parameter rows: all when nil; those without a target are left out.
  /// - Throws: `DatasetError` when a column is missing, holds something of another type, or a target is not known, or
  ///   a row does not exist.
  public func dataset(_ table: Table, rows: [Int]? = nil) throws -> Dataset {
    if let rows { try checkRows(rows, count: table.rowCount, table.path) }
    let rows = rows.map { target.known($0, in: table) } ?? target.known(0..<table.rowCount, in: table)
    guard !rows.isEmpty else {
      throw DatasetError(
        .empty, path: table.path,
        "no row has a value in the target \(target.columns.map { "'\($0)'" }.joined(separator: ", "))",
        advice: "give rows whose target is known")
    }
    let (features, shape) = try features(of: table, rows: rows)
    return try target.dataset(table, rows: rows, features: features, featureShape: shape)
  }

  /// Examples of which nothing is known but their features: their target values are 0.
  /// - Throws: as `features(of:rows:)`.
  public func examples(_ table: Table) throws -> Dataset {
    let (features, shape) = try features(of: table)
    let size = max(1, target.outputCount)
    var data = Dataset(
      count: table.rowCount, features: features, featureShape: shape,
      targets: .values([Float](repeating: 0, count: table.rowCount * size)), targetShape: [size], classNames: [])
    data.tableRows = TableRows(places: table.places, numbers: nil)
    return data
  }

  /// - Throws: `DatasetError` when a description was changed to something that cannot be used.
  public func validate() throws {
    guard !columns.isEmpty else {
      throw DatasetError(.invalidValue, "the preprocessing has no columns", advice: "train the model again")
    }
    for column in columns { try column.validate() }
    try target.validate()
  }
}

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the values of one column become numbers for a network, as learned from training examples.
public struct ColumnEncoding: Hashable, Sendable, Codable {
  /// What a file must hold in the column.
  public enum Storage: String, Hashable, Sendable, Codable { case numbers, dates, text }

  /// A share of a cycle that a date has passed, which becomes a point on a circle.
  public enum Cycle: String, Hashable, Sendable, Codable, CaseIterable { case year, week, day }

  /// The column's name.
  public let name: String
  /// What the column is.
  public let kind: ColumnKind
  /// What a file must hold in it.
  public let storage: Storage
  /// How numbers are scaled, of dates their seconds; nil for categories.
  public let scaling: NumberScaling?
  /// What stands for a missing number.
  public let replacement: Double?
  /// Between which scaled numbers there are intervals with features of their own; none where empty.
  public let edges: [Float]
  /// Whether there is a feature that tells that the number is missing.
  public let marksMissing: Bool
  /// The known categories, text or numbers as text; empty where there are none. One further slot is for all others.
  public let categories: [String]
  /// Whether a missing category has a slot, after that for others.
  public let hasMissingCategory: Bool
  /// The size of the vector that is learned for each category; nil for one feature a category.
  public let embeddingSize: Int?
  /// The cycles of a date.
  public let cycles: [Cycle]

  /// The number of different codes of a category: the known ones, others, and perhaps missing ones.
  var slotCount: Int { categories.count + (hasMissingCategory ? 2 : 1) }

  /// Learns from some rows of a column.
  /// - Parameters:
  ///   - numbers: those of the rows; nil for text.
  ///   - summary: of the same rows.
  init(
    learningFrom column: Table.Column, _ numbers: KnownNumbers?, rows: [Int], _ summary: ColumnSummary,
    _ options: PreprocessingOptions
  ) {
    name = column.name
    kind = summary.kind
    let hasMissing = summary.missingCount > 0
    var categories: [String] = []
    var scaling: NumberScaling?
    var (replacement, edges, cycles): (Double?, [Float], [Cycle]) = (nil, [], [])
    switch column.values {
    case .numbers:
      storage = .numbers
      guard let numbers else { break }
      if kind == .numeric || kind == .date {
        (scaling, replacement, edges) = Self.scaled(numbers, options)
      } else {
        let least = leastCount(of: rows.count, options)
        numbers.forEachDifferent { number, places in
          if places.count >= least { categories.append(numberText(number)) }
        }
        let isOrdered = kind == .categorical && options.keepsOrder
        if isOrdered { (scaling, replacement, _) = Self.scaled(numbers, options) }
      }
    case .dates:
      storage = .dates
      guard let numbers else { break }
      (scaling, replacement, edges) = Self.scaled(numbers, options)
      cycles = Cycle.allCases.filter { cycle in Self.varies(numbers.sorted, cycle) }
    case .text(let text):
      storage = .text
      let counts = text.counts(rows)
      let least = leastCount(of: rows.count, options)
      categories = counts.indices.filter { counts[$0] >= least }.map { text.dictionary[$0] }.sorted()
    }
    (self.scaling, self.replacement, self.edges, self.cycles) = (scaling, replacement, edges, cycles)
    self.categories = categories
    marksMissing = hasMissing && categories.isEmpty
    hasMissingCategory = hasMissing && !categories.isEmpty
    let isLarge = categories.count > options.greatestOneHotCount
    embeddingSize = isLarge ? min(32, Int((1.6 * pow(Double(categories.count), 0.56)).rounded())) : nil
  }

  private static func scaled(
    _ numbers: KnownNumbers, _ options: PreprocessingOptions
  ) -> (NumberScaling?, Double?, [Float]) {
    let scaling = NumberScaling(learningFrom: numbers, options.scaling)
    var edges: [Float] = []
    if options.intervalCount > 1 {
      for index in 0...options.intervalCount {
        let edge = scaling(numbers.quantile(Double(index) / Double(options.intervalCount)))
        if edge > edges.last ?? -.infinity { edges.append(edge) }
      }
    }
    return (scaling, numbers.quantile(0.5), edges.count > 2 ? edges : [])
  }

  /// Whether dates differ in their place in a cycle, and take up enough of it to tell.
  /// - Parameter seconds: ascending.
  private static func varies(_ seconds: [Double], _ cycle: Cycle) -> Bool {
    guard let least = seconds.first, let greatest = seconds.last else { return false }
    let length: Double =
      switch cycle {
      case .year: 200 * 86_400
      case .week: 2 * 86_400
      case .day: 3600
      }
    guard greatest - least >= length else { return false }
    let start = share(least, cycle)
    return seconds.contains { share($0, cycle) != start }
  }

  static func share(_ seconds: Double, _ cycle: Cycle) -> Double {
    let time = Timestamp(seconds: seconds)
    return switch cycle {
    case .year: time.shareOfYear
    case .week: time.shareOfWeek
    case .day: time.shareOfDay
    }
  }

  /// Adds the columns, in the order of `sources`, but for an embedded category.
  func add(to expansion: inout ColumnExpansion) {
    if scaling != nil { expansion.addNumber(intervals: edges) }
    if marksMissing { expansion.addNumber() }
    for _ in 0..<(2 * cycles.count) { expansion.addNumber() }
    if !categories.isEmpty || scaling == nil, embeddingSize == nil { expansion.addCategories(slotCount) }
  }

  /// What makes the columns of some rows; an embedded category comes apart.
  /// - Throws: `DatasetError` when the column holds something of another type.
  func sources(
    _ column: Table.Column, rows: [Int], in table: Table
  ) throws -> (columns: [FeatureSource], embedded: FeatureSource?) {
    let numbers = try numbers(column, rows, table)
    var columns: [FeatureSource] = []
    if let scaling, let numbers { columns.append(.scaled(numbers, scaling, replacement: replacement ?? 0)) }
    if marksMissing { columns.append(.isMissing(column.values)) }
    for cycle in cycles {
      for isCosine in [false, true] { columns.append(.cycle(numbers ?? [], cycle, isCosine: isCosine)) }
    }
    guard !categories.isEmpty || scaling == nil else { return (columns, nil) }
    let other = Float(categories.count)
    let codes = FeatureSource.categories(
      ValuePlaces(of: column.values, in: categories), other: other, missing: hasMissingCategory ? other + 1 : other)
    return embeddingSize == nil ? (columns + [codes], nil) : (columns, codes)
  }

  /// Numbers or seconds; nil for text.
  private func numbers(_ column: Table.Column, _ rows: [Int], _ table: Table) throws -> [Double]? {
    switch (column.values, storage) {
    case (.numbers(let values), .numbers), (.dates(let values, _), .dates): return values
    // A column without any value is read as numbers.
    case (.numbers(let values), .dates) where rows.allSatisfy({ values[$0].isNaN }): return values
    case (_, .text): return nil
    default:
      let row = rows.first { !column.values.isMissing($0) } ?? 0
      throw DatasetError(
        .wrongContent, path: table.path,
        "\(table.place(ofRow: row)), column '\(name)': '\(table.text(column, row: row) ?? "")' is found where the "
          + "model learned from \(storage == .dates ? "dates" : "numbers")",
        advice: "give the column as in the training data")
    }
  }

  /// - Throws: `DatasetError` when a description was changed to something that cannot be used.
  func validate() throws {
    try scaling?.validate(name)
    // Texts have no number, and only a date is a point of a cycle; a vector is learned for categories.
    let isConsistent = (storage != .text || scaling == nil) && (storage == .dates || cycles.isEmpty)
      && (embeddingSize == nil || !categories.isEmpty || scaling == nil)
    guard isConsistent, edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }),
      replacement?.isFinite ?? true, (1...10_000).contains(embeddingSize ?? 1),
      categories.count <= 1 << 20, cycles.count <= Cycle.allCases.count
    else {
      throw DatasetError(
        .invalidValue, "the encoding of column '\(name)' cannot be used", advice: "train the model again")
    }
  }
}

/// How often a category must occur for something to be learned of it; rarer ones share the slot of unseen ones.
private func leastCount(of rowCount: Int, _ options: PreprocessingOptions) -> Int {
  min(options.leastCategoryCount, max(1, rowCount / 1000))
}

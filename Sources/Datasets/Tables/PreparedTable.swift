/// A table made into examples: split, preprocessed as learned from its training rows, and described.
public struct PreparedTable: Sendable {
  /// What can be chosen about it.
  public struct Options: Hashable, Sendable {
    /// The columns that are predicted.
    public var target: [String]
    /// What kind of target it is; found out when nil.
    public var task: TargetEncoding.Task?
    /// What separates labels in the target; found out when nil.
    public var labelDelimiter: String?
    /// What columns are, by their names, where that is not to be found out.
    public var column: [String: ColumnKind]
    /// Which rows are held back.
    public var split: TableSplit
    /// How columns become features.
    public var preprocessing: PreprocessingOptions
    /// The column of numbers that says how much each row counts, of which nothing is learned; nil where all rows count
    /// alike.
    public var weightColumn: String?

    /// Options with usual values for all that is not given.
    public init(
      target: [String], task: TargetEncoding.Task? = nil, labelDelimiter: String? = nil,
      column: [String: ColumnKind] = [:], split: TableSplit = TableSplit(),
      preprocessing: PreprocessingOptions = PreprocessingOptions(), weightColumn: String? = nil
    ) {
      self.target = target
      self.task = task
      self.labelDelimiter = labelDelimiter
      self.column = column
      self.split = split
      self.preprocessing = preprocessing
      self.weightColumn = weightColumn
    }
  }

  /// The examples to learn from, and those held back; no test split where nothing is held back.
  public let splits: DatasetSplits
  /// How rows became examples.
  public let preprocessing: Preprocessing
  /// The number of rows that are left out because their target is missing.
  public let rowsWithoutTarget: Int
  /// What is to be minded about how the table was read.
  public let warnings: [TableInspection.Warning]

  /// Splits a table and learns from its training rows how columns become features.
  /// - Throws: `DatasetError` when a column does not exist or nothing can be learned from the table.
  public init(_ table: Table, _ options: Options) throws {
    let known = try KnownRows(table, options)
    let (training, test) = try options.split.split(table, rows: known.rows, classes: known.classes)
    try self.init(table, options, known, training: training, test: test)
  }

  /// Splits a table as often as there are folds, so that each row is held back once. Each time the preprocessing is
  /// learned from the training rows alone.
  /// - Throws: `DatasetError` as `init`, or when there are too few rows for so many folds.
  public static func folds(_ count: Int, _ table: Table, _ options: Options) throws -> [PreparedTable] {
    let known = try KnownRows(table, options)
    return try options.split.folds(count, table, rows: known.rows, classes: known.classes).map { fold in
      try PreparedTable(table, options, known, training: fold.training, test: fold.test)
    }
  }

  private init(
    _ table: Table, _ options: Options, _ known: KnownRows, training: [Int], test: [Int]
  ) throws {
    let target = try TargetEncoding(
      options.target, in: table, rows: training, task: known.target.task,
      labelDelimiter: known.target.labelDelimiter)
    let preprocessing = try Preprocessing(
      learningFrom: table, rows: training, target: target, column: options.column, leavingOut: known.leavingOut,
      options: options.preprocessing, split: options.split)
    func examples(_ rows: [Int]) throws -> Dataset {
      let data = try preprocessing.dataset(table, rows: rows)
      return try known.weights.map { weights in try data.weighted(by: rows.map { weights[$0] }) } ?? data
    }
    self.preprocessing = preprocessing
    splits = DatasetSplits(training: try examples(training), test: test.isEmpty ? nil : try examples(test))
    rowsWithoutTarget = table.rowCount - known.rows.count
    warnings = known.warnings
  }

  /// The rows whose target is known, and what is the same of them in every fold.
  private struct KnownRows {
    let rows: [Int]
    let target: TargetEncoding
    /// For splits in proportion of each class.
    let classes: [Int32]?
    /// How much each row of the table counts; nil where all count alike.
    let weights: [Float]?
    /// Why columns that are not the target are not learned from either.
    let leavingOut: [String: String]
    let warnings: [TableInspection.Warning]

    init(_ table: Table, _ options: Options) throws {
      let all = Array(0..<table.rowCount)
      let target = try TargetEncoding(
        options.target, in: table, rows: all, task: options.task, labelDelimiter: options.labelDelimiter)
      rows = target.known(all, in: table)
      classes =
        target.task == .binary || target.task == .multiClass ? try target.classes(table, rows: rows) : nil
      self.target = target
      let leavingOut = try Self.leavingOut(table, options)
      self.leavingOut = leavingOut
      weights = try options.weightColumn.map { try table.weights($0) }
      warnings =
        TableInspection.Warning.unknownTarget(table.rowCount - rows.count, of: table.rowCount, options.target)
        + TableInspection.Warning.notation(table) { name in
          options.column[name] != nil || leavingOut[name] != nil
            || (options.task != nil && options.target.contains(name))
        }
    }

    private static func leavingOut(_ table: Table, _ options: Options) throws -> [String: String] {
      var leavingOut: [String: String] = [:]
      switch options.split.method {
      case .splitColumn(let name): leavingOut[name] = "it names the split"
      case .groupColumn(let name): leavingOut[name] = "it names the groups of the split"
      case .random, .timeColumn: break
      }
      if let weight = options.weightColumn {
        guard !options.target.contains(weight) else {
          throw DatasetError(
            .invalidArgument, path: table.path, "column '\(weight)' cannot be both the target and the weight",
            advice: "name another column")
        }
        leavingOut[weight] = "it says how much rows count"
      }
      return leavingOut
    }
  }
}

extension Preprocessing {
  /// The rows of a table that were held back when the model was trained; nil where it is another table than that one,
  /// or nothing was held back.
  /// - Throws: `DatasetError` when a column is missing.
  public func heldBackRows(of table: Table) throws -> (training: [Int], test: [Int])? {
    guard let origin, origin.split.testFraction > 0, target.isIn(table),
      origin.fingerprint == table.fingerprint(of: columns, target, origin.split)
    else { return nil }
    let rows = target.known(0..<table.rowCount, in: table)
    let hasClasses = target.task == .binary || target.task == .multiClass
    return try origin.split.split(
      table, rows: rows, classes: hasClasses ? target.classes(table, rows: rows) : nil)
  }
}

extension Table {
  /// A column of weights.
  /// - Throws: `DatasetError` that names the row of what is none.
  fileprivate func weights(_ name: String) throws -> [Float] {
    let column = try column(name)
    guard case .numbers(let values) = column.values else {
      throw DatasetError(
        .wrongContent, path: path, "column '\(name)' has no numbers to weight rows by", advice: "name one that has")
    }
    if let row = values.firstIndex(where: { !($0 >= 0 && Float($0).isFinite) }) {
      let value = text(column, row: row).map { "'\($0)' is no weight" } ?? "there is no weight"
      throw DatasetError(
        .invalidValue, path: path, "\(place(ofRow: row)), column '\(name)': \(value)",
        advice: "use numbers of 0 or more, or remove the row")
    }
    return values.map { Float($0) }
  }

  /// A number that is the same for tables of the same size which have the same values in about a thousand rows of the
  /// columns that are learned from, are predicted or name the split: what is not read may differ, or be left out.
  /// Source: FNV-1a of Fowler, Noll and Vo, 64 bits.
  func fingerprint(of learned: [ColumnEncoding], _ target: TargetEncoding, _ split: TableSplit) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ text: String) {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    add("\(rowCount)")
    let step = max(1, rowCount / 1000)
    let names = learned.map(\.name) + target.columns + [split.column].compactMap { $0 }
    for column in names.compactMap({ self[$0] }) {
      add(column.name)
      for row in stride(from: 0, to: rowCount, by: step) { add(text(column, row: row) ?? "") }
    }
    return hash
  }
}

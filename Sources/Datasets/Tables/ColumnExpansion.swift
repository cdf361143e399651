import CBatches

/// How the columns of an example become its features: numbers as they are, categories as one 1 among zeros, and how far
/// a number has come in each of some intervals. It is done when a batch is filled, so that a table takes four bytes a
/// value in memory however many features it makes.
public struct ColumnExpansion: Sendable {
  /// The number of columns.
  public private(set) var columnCount = 0
  /// The number of features.
  public private(set) var width = 0
  private var steps: [chainrule_expansion] = []
  private var edges: [Float] = []

  init() {}

  /// A column that is a feature.
  mutating func addNumber() {
    append(CHAINRULE_COPY, width: 1)
    columnCount += 1
  }

  /// A column of whole numbers from 0 to below `count`, of which each gets a feature.
  mutating func addCategories(_ count: Int) {
    append(CHAINRULE_ONE_HOT, width: count)
    columnCount += 1
  }

  /// A column that is a feature, and of which each interval between neighbouring edges makes another one.
  /// - Parameter intervals: ascending.
  mutating func addNumber(intervals: [Float]) {
    append(CHAINRULE_COPY, width: 1)
    if intervals.count > 1 {
      append(CHAINRULE_INTERVALS, width: intervals.count - 1)
      edges += intervals
    }
    columnCount += 1
  }

  private mutating func append(_ kind: chainrule_expansion_kind, width: Int) {
    steps.append(
      chainrule_expansion(
        kind: kind, column: Int32(columnCount), offset: Int32(self.width), width: Int32(width),
        first_edge: Int32(edges.count)))
    self.width += width
  }

  /// Writes the features of rows that are known to exist, where there is room for them.
  func expand(_ columns: [Float], _ rows: UnsafeBufferPointer<Int>, to destination: UnsafeMutablePointer<Float>) {
    chainrule_expand_rows(
      columns, rows.baseAddress, rows.count, columnCount, steps, steps.count, edges, width, destination)
  }
}

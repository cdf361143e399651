/// A table of numbers as colours: how often each class (row) is taken for each (column), for instance.
public struct HeatMap: Sendable {
  /// What the plot shows.
  public let title: String
  /// What the rows are called, from top to bottom.
  public let rows: [String]
  /// What the columns are called, from left to right.
  public let columns: [String]
  /// For each row a number for each column.
  public let values: [[Double]]

  /// A plot of a table; cells that are missing or not finite stay empty.
  public init(_ title: String, rows: [String], columns: [String], _ values: [[Double]]) {
    self.title = title
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A cell's share of its row, by which it is coloured: rows of many examples do not outshine the others.
  private func share(_ row: Int, _ column: Int) -> Double? {
    guard values.indices.contains(row), values[row].indices.contains(column), values[row][column].isFinite else {
      return nil
    }
    let sum = values[row].filter(\.isFinite).reduce(0) { $0 + abs($1) }
    return sum > 0 ? abs(values[row][column]) / sum : 0
  }

  /// The plot as an SVG document.
  public func svg() -> String {
    let cell = rows.count <= 12 ? 40.0 : max(8, 480 / Double(rows.count))
    let margin = 16 + 6.6 * Double(min(rows.map(\.count).max() ?? 0, 16))
    var svg = SVG(
      width: max(margin + cell * Double(columns.count) + 12, 300), height: 44 + margin + cell * Double(rows.count))
    svg.text(8, 20, title, size: 14, color: "#000")
    for (column, name) in columns.enumerated() where cell >= 12 {
      svg.text(margin + cell * (Double(column) + 0.5) + 4, 36 + margin - 8, String(name.prefix(16)), turned: true)
    }
    for (row, name) in rows.enumerated() {
      let y = 36 + margin + cell * Double(row)
      if cell >= 12 { svg.text(margin - 6, y + cell / 2 + 4, String(name.prefix(16)), anchor: .end) }
      for column in columns.indices {
        guard let share = share(row, column) else { continue }
        let (x, value) = (margin + cell * Double(column), values[row][column])
        svg.rectangle(
          x, y, cell - 1, cell - 1, color: color(share, isDiagonal: row == column),
          title: "\(name) taken for \(columns[column]): \(label(value))")
        guard cell >= 24, value != 0 else { continue }
        svg.text(
          x + cell / 2, y + cell / 2 + 4, label(value), anchor: .middle, size: 11, color: share > 0.6 ? "#fff" : "#222")
      }
    }
    return svg.document
  }

  /// White to blue on the diagonal, white to orange elsewhere; small shares are made visible.
  private func color(_ share: Double, isDiagonal: Bool) -> String {
    let depth = share.squareRoot()
    let full = isDiagonal ? (0.0, 114.0, 178.0) : (213.0, 94.0, 0.0)
    func mix(_ end: Double) -> Int { Int(245 + (end - 245) * depth) }
    return "rgb(\(mix(full.0)),\(mix(full.1)),\(mix(full.2)))"
  }

  /// The plot in characters: the numbers, with shades where there is room for no digits.
  public func text() -> String {
    let cells = rows.indices.map { row in
      columns.indices.map { share(row, $0) == nil || values[row][$0] == 0 ? "·" : label(values[row][$0]) }
    }
    let width = max(cells.joined().map(\.count).max() ?? 1, min(columns.map(\.count).max() ?? 1, 6)) + 1
    let nameWidth = min(rows.map(\.count).max() ?? 0, 16)
    func padded(_ text: String, _ width: Int) -> String {
      let text = String(text.prefix(width))
      return String(repeating: " ", count: width - text.count) + text
    }
    let header = padded("", nameWidth) + columns.map { padded(String($0.prefix(width - 1)), width) }.joined()
    let lines = zip(rows, cells).map { padded($0, nameWidth) + $1.map { padded($0, width) }.joined() }
    return ([title, header] + lines).joined(separator: "\n") + "\n"
  }
}

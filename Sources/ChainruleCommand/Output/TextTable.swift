import Foundation

/// Rows of cells as lines of text, the first of which has the titles; columns stand below each other.
/// - Parameter rightAligned: the columns of numbers.
func aligned(_ rows: [[String]], rightAligned: Set<Int>) -> String {
  let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  let lines = rows.map { row in
    var line = row.enumerated().map { index, cell in
      rightAligned.contains(index) ? cell.padded(to: widths[index]) : cell.leading(widths[index])
    }.joined(separator: "  ")
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }
  return lines.enumerated().map { ($0 == 0 ? Terminal.current.dim($1) : $1) + "\n" }.joined()
}

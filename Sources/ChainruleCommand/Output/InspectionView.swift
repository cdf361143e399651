import Chainrule
import Foundation

/// What a table holds, for people.
struct InspectionView {
  private let inspection: TableInspection
  private let terminal = Terminal.current

  init(_ inspection: TableInspection) { self.inspection = inspection }

  var text: String {
    var text = "\(terminal.bold(inspection.path)): \(counted(inspection.rowCount, "row")), "
      + "\(counted(inspection.columns.count, "column"))\n\n"
    text += columnTable
    if let task = inspection.task { text += "\n" + targetText(task) }
    text += "\n" + rowTable
    text += inspection.warnings.isEmpty ? "\nNothing to mind.\n" : "\n\(terminal.bold("Mind"))\n"
    for warning in inspection.warnings { text += "  \(terminal.red(warning.kind.title)): \(warning.message)\n" }
    return text
  }

  private var columnTable: String {
    let rows = inspection.columns.map { column in
      [
        shortened(column.name, 32), inspection.target.contains(column.name) ? "target" : column.kind.rawValue,
        column.missingCount == 0 ? "" : percent(column.missingShare), column.distinctCount.map(grouped) ?? "many",
        content(column),
      ]
    }
    return aligned([["column", "kind", "missing", "different", "values"]] + rows, rightAligned: [2, 3])
  }

  /// The span of numbers, or the most frequent values; of a column that is left out, why.
  private func content(_ column: ColumnSummary) -> String {
    if !column.kind.isLearned, !inspection.target.contains(column.name) { return "left out: \(column.reason)" }
    if column.kind == .date, let first = column.statistics?.minimum, let last = column.statistics?.maximum {
      return "\(dateText(seconds: first)) to \(dateText(seconds: last))"
    }
    if column.kind == .numeric, let statistics = column.statistics {
      let span = "\(short(statistics.minimum)) to \(short(statistics.maximum)), median \(short(statistics.median))"
      return span + ", mean \(short(statistics.mean)) ± \(short(statistics.standardDeviation))"
    }
    let shown = column.frequencies.prefix(4).map { frequency in
      let share = Double(frequency.count) / Double(max(1, column.rowCount))
      return "\(shortened(frequency.value, 24)) \(fixed(share * 100, 0)) %"
    }
    return shown.joined(separator: ", ") + (column.distinctCount ?? .max > 4 ? ", …" : "")
  }

  private func targetText(_ task: TargetEncoding.Task) -> String {
    let names = inspection.target.map { "'\($0)'" }.joined(separator: ", ")
    let what =
      switch task {
      case .binary: "one of two classes"
      case .multiClass: "one of \(inspection.classes.count) classes"
      case .multiLabel: "any of \(inspection.classes.count) labels"
      case .regression: inspection.target.count == 1 ? "a number" : "\(inspection.target.count) numbers"
      }
    var text = "\(terminal.bold("Target"))  \(names): \(what)\n"
    for label in inspection.classes.prefix(12) {
      let share = Double(label.count) / Double(max(1, inspection.rowCount))
      let bar = String(repeating: "━", count: Int((share * 30).rounded()))
      text += "  \(shortened(label.value, 32).leading(32))  \(percent(share).padded(to: 7))  \(terminal.green(bar))\n"
    }
    if inspection.classes.count > 12 { text += "  … and \(inspection.classes.count - 12) more\n" }
    return text
  }

  /// The first rows, each column on a line of its own: tables are wider than terminals.
  private var rowTable: String {
    let rows = inspection.columns.enumerated().map { index, column in
      [shortened(column.name, 32)] + inspection.rows.map { shortened($0[index] ?? "", 24) }
    }
    let titles = ["row"] + inspection.rows.indices.map { "\($0 + 1)" }
    return aligned([titles] + rows, rightAligned: [])
  }

  private func shortened(_ text: String, _ width: Int) -> String {
    let line = text.replacingOccurrences(of: "\n", with: " ")
    return line.count > width ? line.prefix(width - 1) + "…" : line
  }

  /// Few digits, since values are to be compared at a glance.
  private func short(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return "\(value == 0 ? "0" : "\(value)")" }
    let magnitude = abs(value)
    if magnitude >= 1e7 || magnitude < 1e-4 { return loss(value) }
    if value == value.rounded() { return "\(Int(value))" }
    return fixed(value, magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 4)
  }
}

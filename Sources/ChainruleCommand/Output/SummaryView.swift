import Chainrule

/// What a network consists of, as a table.
struct SummaryView {
  private let summary: NetworkSummary
  private let terminal = Terminal.current

  init(_ summary: NetworkSummary) { self.summary = summary }

  var text: String {
    let shapes = { (shapes: [Shape]) in shapes.map(shape).joined(separator: ", ") }
    return """
      \(terminal.bold("Input"))       \(shapes(summary.inputs))
      \(terminal.bold("Output"))      \(shapes(summary.outputs))
      \(terminal.bold("Parameters"))  \(grouped(summary.parameterCount)), \(byteCount(4 * summary.parameterCount))
      \(terminal.bold("Operations"))  \(grouped(summary.operations)) on real numbers for one example
      \(terminal.bold("Memory"))      \(byteCount(summary.bytes)) read and written for one example, \
      \(byteCount(summary.arenaByteCount)) of working memory


      """ + table
  }

  private var table: String {
    guard !summary.layers.isEmpty else { return "" }
    var rows = [["layer", "kind", "output", "parameters", "operations"]]
    for layer in summary.layers {
      let indent = String(repeating: "  ", count: layer.path.filter { $0 == "/" }.count)
      let name = layer.path.split(separator: "/").last.map(String.init) ?? layer.path
      rows.append([
        indent + name, layer.kind, layer.outputs.map(shape).joined(separator: ", "), grouped(layer.parameterCount),
        grouped(layer.operations),
      ])
    }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.enumerated().map { index, row in
      let cells = (0..<3).map { row[$0].leading(widths[$0]) } + (3..<5).map { row[$0].padded(to: widths[$0]) }
      let line = cells.joined(separator: "   ")
      return (index == 0 ? terminal.dim(line) : line) + "\n"
    }.joined()
  }

  private func shape(_ shape: Shape) -> String {
    shape.rank == 0 ? "1" : shape.dimensions.map { grouped($0) }.joined(separator: "x")
  }
}

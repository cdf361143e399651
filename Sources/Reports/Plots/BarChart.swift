/// A number for each of some names, as bars to the right.
public struct BarChart: Sendable {
  /// What the plot shows.
  public let title: String
  /// From top to bottom. A bar to the left stands for a negative value.
  public let bars: [(name: String, value: Double)]

  /// A plot of bars; values that are not finite have none.
  public init(_ title: String, _ bars: [(name: String, value: Double)]) {
    self.title = title
    self.bars = bars
  }

  private var axis: Axis { Axis(showing: bars.map(\.value) + [0], isLogarithmic: false) }

  /// The plot as an SVG document.
  public func svg(width: Double = 520) -> String {
    var svg = SVG(width: width, height: 40 + 22 * Double(bars.count))
    let left = 12 + 6.6 * Double(min(bars.map(\.name.count).max() ?? 0, 32))
    let right = width - 60
    let axis = axis
    func x(_ value: Double) -> Double { left + (axis.position(value) ?? 0) * (right - left) }
    svg.text(8, 20, title, size: 14, color: "#000")
    for (index, bar) in bars.enumerated() {
      let y = 32 + 22 * Double(index)
      svg.text(left - 6, y + 13, String(bar.name.prefix(32)), anchor: .end)
      let ends = (min(x(0), x(bar.value)), max(x(0), x(bar.value)))
      svg.rectangle(ends.0, y + 2, max(ends.1 - ends.0, 1), 14, color: SVG.color(0), title: "\(bar.name): \(bar.value)")
      svg.text(ends.1 + 5, y + 13, label(bar.value), size: 11)
    }
    return svg.document
  }

  /// The plot in characters.
  /// - Parameter columns: the greatest width, up to 1,000.
  public func text(columns: Int = 72) -> String {
    let columns = min(max(columns, 0), 1000)
    let nameWidth = min(bars.map(\.name.count).max() ?? 0, 28)
    let room = Double(max(columns - nameWidth - 12, 4))
    let greatest = bars.map { abs($0.value) }.filter(\.isFinite).max() ?? 0
    let lines = bars.map { bar in
      let share = greatest > 0 && bar.value.isFinite ? abs(bar.value) / greatest : 0
      let name = String(bar.name.prefix(nameWidth))
      return String(repeating: " ", count: nameWidth - name.count) + name + " "
        + String(repeating: bar.value < 0 ? "▒" : "█", count: Int((share * room).rounded())) + " " + label(bar.value)
    }
    return ([title] + lines).joined(separator: "\n") + "\n"
  }
}

import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Plots as drawings and as text.
struct PlotTests {
  private func isWellFormed(_ svg: String) -> Bool {
    svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\"") && XMLParser(data: Data(svg.utf8)).parse()
  }

  @Test(arguments: [.min, 0, .max])
  func `plots in characters are of a size that can be read`(size: Int) {
    let line = LineChart("t", xTitle: "x", [LineChart.Series("s", [(1, 1), (2, 3)])]).text(columns: size, rows: size)
    let bars = BarChart("t", [("a", 1), ("b", -1)]).text(columns: size)
    for line in (line + bars).split(separator: "\n") { #expect(line.count <= 1010) }
  }

  @Test func `line charts draw every curve, and leave out what is not finite`() throws {
    let chart = LineChart(
      "Loss <&>", xTitle: "epoch",
      [
        LineChart.Series("training", [(1, 2), (2, 1), (3, .nan), (4, 0.5)]),
        LineChart.Series("one point", [(2, 1.5)]), LineChart.Series("empty", []),
      ])
    #expect(chart.series.map(\.name) == ["training", "one point"])
    let svg = chart.svg()
    #expect(isWellFormed(svg))
    #expect(svg.contains("Loss &lt;&amp;&gt;") && svg.contains("<circle") && !svg.contains("nan"))
    // A piece of each curve beside its name, and the one curve that has more than a point.
    #expect(svg.components(separatedBy: "<polyline").count - 1 == 3)
    let lines = chart.text(columns: 40, rows: 6).split(separator: "\n")
    #expect(lines.count == 8 && lines.allSatisfy { $0.count <= 42 })
    #expect(lines[1].contains("2 │") && lines[6].contains("0.5 │"))
  }

  @Test func `no two of many curves look alike`() {
    let series = (0..<20).map { LineChart.Series("\($0)", [(0, Double($0)), (1, 2)]) }
    let svg = LineChart("norms", xTitle: "step", series).svg()
    let styles = svg.matches(of: /<polyline [^>]*stroke="([^"]+)" stroke-width="2" (?:stroke-dasharray="([^"]+)")?/)
    #expect(Set(styles.map { "\($0.output.1) \($0.output.2 ?? "")" }).count == 20)
  }

  @Test func `the names of many curves are added below them`() {
    func heights(_ count: Int) -> [Double] {
      let series = (0..<count).map { LineChart.Series("a layer of a long name \($0)", [(0, 1), (1, 2)]) }
      let svg = LineChart("norms", xTitle: "step", series).svg()
      return svg.matches(of: /(?:height|y1)="([0-9.]+)"/).compactMap { Double($0.output.1) }
    }
    let (few, many) = (heights(1), heights(12))
    #expect(few[0] == 300 && many[0] == 390)
    #expect(few[1] == many[1], "where the lowest line of the grid lies")
  }

  @Test(arguments: [
    (0.3, 4.0, [0.5, 1, 2]), (0.2, 90, [0.2, 0.5, 1, 2, 5, 10, 20, 50]), (0.1, 2000, [0.1, 1, 10, 100, 1000]),
  ])
  func `logarithmic axes have several numbers`(lower: Double, upper: Double, ticks: [Double]) {
    let series = LineChart.Series("norm", [(0, lower), (1, upper)])
    let svg = LineChart("norms", xTitle: "step", [series], isLogarithmicY: true).svg()
    let labels = svg.matches(of: /text-anchor="end"[^>]*>([0-9.]+)</).compactMap { Double($0.output.1) }
    #expect(labels == ticks)
  }

  @Test func `numbers on axes are written in full up to ten million`() {
    func svg(to greatest: Double) -> String {
      LineChart("steps", xTitle: "step", [LineChart.Series("loss", [(0, 0), (greatest, 1)])]).svg()
    }
    #expect(svg(to: 2_000_000).contains(">2000000<"))
    #expect(svg(to: 20_000_000).contains(">2e7<"))
  }

  @Test(arguments: [
    [], [(1.0, 1.0)], [(1, 5), (2, 5)], [(0, 0), (1, 1e300)], [(1, -1e-300), (2, .infinity)],
    [(1, .leastNonzeroMagnitude)], [(1, 1.7e308)],
  ])
  func `odd values neither trap nor draw nonsense`(points: [(Double, Double)]) {
    for isLogarithmic in [false, true] {
      let chart = LineChart(
        "odd", xTitle: "x", [LineChart.Series("y", points.map { (x: $0.0, y: $0.1) })], isLogarithmicX: isLogarithmic,
        isLogarithmicY: isLogarithmic)
      #expect(isWellFormed(chart.svg()) && !chart.svg().contains("nan") && !chart.svg().contains("inf"))
      #expect(!chart.text().isEmpty)
    }
    let values = points.map(\.1)
    let bars = BarChart("odd", values.map { (name: "bar", value: $0) })
    #expect(isWellFormed(bars.svg()) && !bars.text().isEmpty)
    let map = HeatMap("odd", rows: ["a", "b"], columns: ["c"], [values])
    #expect(isWellFormed(map.svg()) && !map.text().isEmpty)
  }

  @Test func `bars are as long as their values`() {
    let chart = BarChart("importance", [("income", 4), ("age", 2), ("noise", -1)])
    let lines = chart.text(columns: 42).split(separator: "\n")
    #expect(lines.count == 4)
    let lengths = lines.dropFirst().map { line in line.count { "█▒".contains($0) } }
    #expect(lengths[0] == 2 * lengths[1] && lengths[1] == 2 * lengths[2])
  }

  @Test func `heat maps have every cell, by class`() {
    let map = HeatMap("confusion", rows: ["cat", "dog"], columns: ["cat", "dog"], [[5, 1], [0, 7]])
    #expect(map.svg().contains("cat taken for dog: 1"))
    #expect(map.text() == "confusion\n    cat dog\ncat   5   1\ndog   ·   7\n")
  }
}

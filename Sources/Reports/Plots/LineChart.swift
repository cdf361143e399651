/// Curves over a common axis.
public struct LineChart: Sendable {
  /// One curve.
  public struct Series: Sendable {
    /// What it is called.
    public let name: String
    /// Its points, in the order in which they are joined; those that are not finite are left out.
    public let points: [(x: Double, y: Double)]

    /// A curve through points.
    public init(_ name: String, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  /// What the plot shows.
  public let title: String
  /// What runs along the horizontal axis.
  public let xTitle: String
  /// The curves.
  public let series: [Series]
  /// Whether equal ratios are equal distances along the horizontal axis.
  public let isLogarithmicX: Bool
  /// Whether equal ratios are equal distances along the vertical axis.
  public let isLogarithmicY: Bool

  /// A plot of curves; on logarithmic axes only positive numbers are shown.
  public init(
    _ title: String, xTitle: String, _ series: [Series], isLogarithmicX: Bool = false, isLogarithmicY: Bool = false
  ) {
    self.title = title
    self.xTitle = xTitle
    self.series = series.filter { !$0.points.isEmpty }
    self.isLogarithmicX = isLogarithmicX
    self.isLogarithmicY = isLogarithmicY
  }

  var xAxis: Axis { Axis(showing: series.flatMap { $0.points.map(\.x) }, isLogarithmic: isLogarithmicX) }
  var yAxis: Axis { Axis(showing: series.flatMap { $0.points.map(\.y) }, isLogarithmic: isLogarithmicY) }

  /// How many names stand in a line: as many as the longest leaves room for, at six points a character, after a piece
  /// of its curve.
  private func namesAcross(_ width: Double) -> Int {
    let longest = Double(series.map(\.name.count).max() ?? 0)
    return max(1, min(3, Int((width - 132) / (6 * longest + 30))))
  }

  /// The height of the whole picture: lines of names beyond the first are added to what the curves were given.
  func pictureHeight(width: Double, height: Double) -> Double {
    height + 18 * Double(max(0, series.count - 1) / namesAcross(width))
  }

  /// The plot as an SVG document.
  /// - Parameter height: with one line of names under the curves; further ones are added to it.
  public func svg(width: Double = 520, height: Double = 300) -> String {
    var svg = SVG(width: width, height: pictureHeight(width: width, height: height))
    let across = namesAcross(width)
    let (left, right, top, bottom) = (58.0, width - 14, 34.0, height - 44)
    let (xAxis, yAxis) = (xAxis, yAxis)
    func x(_ place: Double) -> Double { left + place * (right - left) }
    func y(_ place: Double) -> Double { bottom - place * (bottom - top) }
    svg.text(left, 20, title, size: 14, color: "#000")
    for tick in yAxis.ticks {
      guard let place = yAxis.position(tick) else { continue }
      svg.line(left, y(place), right, y(place))
      svg.text(left - 6, y(place) + 4, label(tick), anchor: .end, size: 11)
    }
    for tick in xAxis.ticks {
      guard let place = xAxis.position(tick) else { continue }
      svg.line(x(place), bottom, x(place), bottom + 4, color: "#888")
      svg.text(x(place), bottom + 16, label(tick), anchor: .middle, size: 11)
    }
    svg.line(left, bottom, right, bottom, color: "#888")
    svg.text(right, bottom + 30, xTitle, anchor: .end, size: 11)
    for (index, curve) in series.enumerated() {
      let points = curve.points.compactMap { point in
        xAxis.position(point.x).flatMap { px in yAxis.position(point.y).map { (x: x(px), y: y($0)) } }
      }
      svg.polyline(points, color: SVG.color(index), dashes: SVG.dashes(index))
      let column = left + Double(index % across) * (right - left - 60) / Double(across)
      let row = bottom + 30 + 18 * Double(index / across)
      let swatch = [(x: column, y: row - 4), (x: column + 18, y: row - 4)]
      svg.polyline(swatch, color: SVG.color(index), dashes: SVG.dashes(index))
      svg.text(column + 23, row, curve.name, size: 11)
    }
    return svg.document
  }

  /// The plot in characters, each of which holds two by four dots.
  /// - Parameters:
  ///   - columns: the greatest width, labels included, up to 1,000.
  ///   - rows: the height of the curves, up to 1,000; a title and a line of labels are added.
  public func text(columns: Int = 72, rows: Int = 12) -> String {
    let (xAxis, yAxis) = (xAxis, yAxis)
    let middle = isLogarithmicY ? (yAxis.lower * yAxis.upper).squareRoot() : (yAxis.lower + yAxis.upper) / 2
    let labels = [label(yAxis.upper), label(middle), label(yAxis.lower)]
    let margin = labels.map(\.count).max() ?? 0
    let (width, height) = (max(min(max(columns, 0), 1000) - margin - 2, 8), min(max(rows, 3), 1000))
    var canvas = Dots(width: width, height: height)
    for curve in series {
      let points = curve.points.compactMap { point in
        xAxis.position(point.x).flatMap { px in yAxis.position(point.y).map { (x: px, y: $0) } }
      }
      canvas.draw(points)
    }
    var lines = ["\(title): \(series.map(\.name).joined(separator: ", "))"]
    for (row, dots) in canvas.lines.enumerated() {
      let text = row == 0 ? labels[0] : row == height / 2 ? labels[1] : row == height - 1 ? labels[2] : ""
      lines.append(String(repeating: " ", count: margin - text.count) + text + " │" + dots)
    }
    let ends = (label(xAxis.lower), "\(label(xAxis.upper)) \(xTitle)")
    let gap = max(1, width - ends.0.count - ends.1.count)
    lines.append(String(repeating: " ", count: margin + 2) + ends.0 + String(repeating: " ", count: gap) + ends.1)
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Dots in characters of two by four, as braille has them (Unicode, block 2800).
private struct Dots {
  let width: Int
  let height: Int
  private var cells: [UInt8]

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    cells = Array(repeating: 0, count: width * height)
  }

  /// Joins points, which lie between 0 and 1 in both directions.
  mutating func draw(_ points: [(x: Double, y: Double)]) {
    let dots = points.map { (x: $0.x * Double(2 * width - 1), y: (1 - $0.y) * Double(4 * height - 1)) }
    if let only = dots.first { set(only.x, only.y) }
    for (start, end) in zip(dots, dots.dropFirst()) {
      let count = max(1, Int(max(abs(end.x - start.x), abs(end.y - start.y)).rounded(.up)))
      for step in 0...count {
        let share = Double(step) / Double(count)
        set(start.x + share * (end.x - start.x), start.y + share * (end.y - start.y))
      }
    }
  }

  private mutating func set(_ x: Double, _ y: Double) {
    let (column, row) = (Int(x.rounded()), Int(y.rounded()))
    guard (0..<(2 * width)).contains(column), (0..<(4 * height)).contains(row) else { return }
    let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    cells[row / 4 * width + column / 2] |= bits[row % 4][column % 2]
  }

  var lines: [String] {
    (0..<height).map { row in
      String(String.UnicodeScalarView(cells[(row * width)..<((row + 1) * width)].map { bits in
        bits == 0 ? " " : Unicode.Scalar(0x2800 + UInt32(bits)) ?? " "
      }))
    }
  }
}

/// Text as it must stand in HTML and SVG.
func escaped(_ text: String) -> String {
  var result = ""
  for character in text.unicodeScalars {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.unicodeScalars.append(character)
    }
  }
  return result
}

/// The elements of a drawing; lengths are pixels from the top left corner.
struct SVG {
  let width: Double
  let height: Double
  private var body = ""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// Colours that are told apart by people who do not see all of them. Source: Okabe and Ito, "Color Universal Design"
  /// (2008).
  static let palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#000000"]

  static func color(_ index: Int) -> String { palette[index % palette.count] }

  /// How a line is broken that has the colour of an earlier one: lengths drawn and left out; empty for the first ones.
  static func dashes(_ index: Int) -> String { ["", "7 4", "2 3", "9 3 2 3"][index / palette.count % 4] }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String = "#ddd") {
    body += "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" stroke=\"\(color)\"/>\n"
  }

  mutating func polyline(_ points: [(x: Double, y: Double)], color: String, dashes: String = "") {
    if points.count == 1 {
      body += "<circle cx=\"\(n(points[0].x))\" cy=\"\(n(points[0].y))\" r=\"3\" fill=\"\(color)\"/>\n"
    }
    guard points.count > 1 else { return }
    let list = points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
    body += "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" "
      + (dashes.isEmpty ? "" : "stroke-dasharray=\"\(dashes)\" ") + "stroke-linejoin=\"round\"/>\n"
  }

  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, color: String, title: String? = nil
  ) {
    body += "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" fill=\"\(color)\">"
      + (title.map { "<title>\(escaped($0))</title>" } ?? "") + "</rect>\n"
  }

  /// A rectangle with round corners and an outline.
  mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, color: String) {
    body += "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" rx=\"6\" "
      + "fill=\"\(color)\" stroke=\"#666\"/>\n"
  }

  /// A smooth line from top to bottom, with a head at its end.
  mutating func arrow(through points: [(x: Double, y: Double)], color: String = "#666") {
    guard let first = points.first, let last = points.last else { return }
    var data = "M\(n(first.x)) \(n(first.y))"
    for (a, b) in zip(points, points.dropFirst()) {
      let middle = (a.y + b.y) / 2
      data += " C\(n(a.x)) \(n(middle)) \(n(b.x)) \(n(middle)) \(n(b.x)) \(n(b.y))"
    }
    stroke(data, color: color)
    head(last, [(-4, -8), (4, -8)], color: color)
  }

  /// A dashed line that leaves to the right as far as `turn`, and comes back from there, with a head at its end.
  mutating func detour(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), by turn: Double, label: String,
    color: String = "#d55e00"
  ) {
    let data = "M\(n(start.x)) \(n(start.y)) H\(n(turn - 8)) Q\(n(turn)) \(n(start.y)) \(n(turn)) "
      + "\(n(start.y + (end.y < start.y ? -8 : 8))) V\(n(end.y + (end.y < start.y ? 8 : -8))) "
      + "Q\(n(turn)) \(n(end.y)) \(n(turn - 8)) \(n(end.y)) H\(n(end.x))"
    stroke(data, color: color, isDashed: true)
    head(end, [(8, -4), (8, 4)], color: color)
    text(turn + 5, (start.y + end.y) / 2 + 4, label, color: color)
  }

  private mutating func stroke(_ data: String, color: String, isDashed: Bool = false) {
    body += "<path d=\"\(data)\" fill=\"none\" stroke=\"\(color)\""
      + (isDashed ? " stroke-dasharray=\"5 4\"" : "") + "/>\n"
  }

  private mutating func head(_ tip: (x: Double, y: Double), _ others: [(x: Double, y: Double)], color: String) {
    let corners = [tip] + others.map { (x: tip.x + $0.x, y: tip.y + $0.y) }
    let list = corners.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
    body += "<polygon points=\"\(list)\" fill=\"\(color)\"/>\n"
  }

  enum Anchor: String { case start, middle, end }

  mutating func text(
    _ x: Double, _ y: Double, _ text: String, anchor: Anchor = .start, size: Double = 12, color: String = "#333",
    turned: Bool = false
  ) {
    let turn = turned ? " transform=\"rotate(-90 \(n(x)) \(n(y)))\"" : ""
    body += "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor.rawValue)\" font-size=\"\(n(size))\" "
      + "fill=\"\(color)\"\(turn)>\(escaped(text))</text>\n"
  }

  var document: String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(n(width)) \(n(height))\" width=\"\(n(width))\" "
      + "height=\"\(n(height))\" font-family=\"system-ui, sans-serif\">\n" + body + "</svg>\n"
  }

  /// A length with at most one digit after the point.
  private func n(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
  }
}

import NeuralNetworks

extension NetworkDiagram {
  private static let boxHeight = 52.0
  private static let characterWidth = 7.2

  /// The drawing, as the text of an SVG file: what is computed first stands at the top; connections with a delay are
  /// dashed.
  public var svg: String {
    let widths = boxes.map { box in
      max(70, Double(lines(box).map(\.count).max() ?? 0) * Self.characterWidth + 20)
    }
    let immediate = edges.filter { $0.delay == 0 }
    let delayed = edges.filter { $0.delay > 0 }
    let layout = LayeredLayout(
      widths: widths, heights: boxes.map { _ in Self.boxHeight }, edges: immediate.map { ($0.from, $0.to) })
    let lane = 64.0
    let margin = delayed.isEmpty ? 0 : lane * Double(delayed.count) + 40
    var svg = SVG(width: layout.width + margin, height: layout.height)
    svg.rectangle(0, 0, svg.width, svg.height, color: "white")
    for (edge, bends) in zip(immediate, layout.bends) {
      let (start, end) = (layout.centers[edge.from], layout.centers[edge.to])
      var path = [LayeredLayout.Point(x: start.x, y: start.y + Self.boxHeight / 2)]
      for bend in bends {
        path.append(.init(x: bend.x, y: bend.y - Self.boxHeight / 2))
        path.append(.init(x: bend.x, y: bend.y + Self.boxHeight / 2))
      }
      path.append(.init(x: end.x, y: end.y - Self.boxHeight / 2))
      svg.arrow(through: path.map { ($0.x, $0.y) })
    }
    let right = zip(layout.centers, widths).map { $0.x + $1 / 2 }.max() ?? 0
    for (index, edge) in delayed.enumerated() {
      let (start, end) = (layout.centers[edge.from], layout.centers[edge.to])
      let turn = right + 24 + lane * Double(index)
      svg.detour(
        from: (start.x + widths[edge.from] / 2, start.y + 8), to: (end.x + widths[edge.to] / 2, end.y - 8), by: turn,
        label: "delay \(edge.delay)")
    }
    for (index, box) in boxes.enumerated() {
      let (center, width) = (layout.centers[index], widths[index])
      let (left, top) = (center.x - width / 2, center.y - Self.boxHeight / 2)
      svg.box(left, top, width, Self.boxHeight, color: color(box))
      let lines = lines(box)
      for (line, text) in lines.enumerated() {
        let baseline = center.y + 5 + 14.5 * (Double(line) - Double(lines.count - 1) / 2)
        let (isTitle, isShape) = (line == 0, line == lines.count - 1)
        svg.text(
          center.x, baseline, text, anchor: .middle, size: isTitle ? 13 : 12,
          color: isTitle ? "#000" : isShape ? "#555" : "#333")
      }
    }
    return svg.document
  }

  /// What stands in a box: its name, its kind where the name does not say it, its shape.
  private func lines(_ box: Box) -> [String] {
    let word = String((box.name.split(separator: "/").last ?? "").reversed().drop(while: \.isNumber).reversed())
    return (box.name.isEmpty ? [] : [box.name]) + (word == box.kind ? [] : [box.kind]) + [box.shape]
  }

  private func color(_ box: Box) -> String {
    switch box.kind {
    case "input", "output": "#fff2cc"
    case _ where Combination(rawValue: box.kind) != nil: "#f0f0f0"
    default: "#dae8fc"
    }
  }
}

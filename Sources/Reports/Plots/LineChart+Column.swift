extension LineChart {
  /// Several plots under one another, as one SVG document.
  public static func column(_ charts: [LineChart], width: Double = 640, height: Double = 320) -> String {
    let parts = charts.enumerated().map { index, chart in
      "<g transform=\"translate(0 \(Double(index) * height))\">\n\(chart.svg(width: width, height: height))</g>\n"
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height * Double(charts.count))\">\n"
      + parts.joined() + "</svg>\n"
  }
}

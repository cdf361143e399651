extension LineChart {
  /// Several plots under one another, as one SVG document.
  public static func column(_ charts: [LineChart], width: Double = 640, height: Double = 320) -> String {
    var (parts, top) = ("", 0.0)
    for chart in charts {
      parts += "<g transform=\"translate(0 \(top))\">\n\(chart.svg(width: width, height: height))</g>\n"
      top += chart.pictureHeight(width: width, height: height)
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(top)\">\n\(parts)</svg>\n"
  }
}

extension DecodedImage {
  /// The image in another size: interpolated linearly where it grows, averaged over the area that each pixel stands
  /// for, with weights that fall off linearly, where it shrinks.
  /// - Throws: `DatasetError` unless width and height are from 1 to 65,535.
  public func resized(width newWidth: Int, height newHeight: Int) throws -> DecodedImage {
    guard min(newWidth, newHeight) >= 1, max(newWidth, newHeight) <= 65_535 else {
      throw DatasetError(
        .invalidArgument, "an image cannot be \(newWidth)x\(newHeight) pixels large",
        advice: "use sizes of 1 to 65,535")
    }
    guard newWidth != width || newHeight != height else { return self }
    let columns = Self.weights(from: width, to: newWidth)
    let rows = Self.weights(from: height, to: newHeight)
    var narrowed = [Float](repeating: 0, count: height * newWidth * channels)
    for row in 0..<height {
      for (column, (first, weights)) in columns.enumerated() {
        let target = (row * newWidth + column) * channels
        for (offset, weight) in weights.enumerated() {
          let source = (row * width + first + offset) * channels
          for channel in 0..<channels { narrowed[target + channel] += weight * Float(pixels[source + channel]) }
        }
      }
    }
    let rowLength = newWidth * channels
    var sums = [Float](repeating: 0, count: newHeight * rowLength)
    for (row, (first, weights)) in rows.enumerated() {
      for (offset, weight) in weights.enumerated() {
        let (target, source) = (row * rowLength, (first + offset) * rowLength)
        for index in 0..<rowLength { sums[target + index] += weight * narrowed[source + index] }
      }
    }
    return DecodedImage(
      width: newWidth, height: newHeight, channels: channels,
      pixels: sums.map { UInt8(min(max($0.rounded(), 0), 255)) })
  }

  /// For each new place, the first old place that it is made of, and the weights of that and the following ones, which
  /// add up to 1.
  private static func weights(from old: Int, to new: Int) -> [(first: Int, weights: [Float])] {
    let scale = Double(old) / Double(new)
    let reach = max(scale, 1)
    return (0..<new).map { place in
      let center = (Double(place) + 0.5) * scale
      let first = max(Int((center - reach + 0.5).rounded(.down)), 0)
      let end = min(Int((center + reach + 0.5).rounded(.down)), old)
      let raw = (first..<max(end, first + 1)).map { max(1 - abs((Double($0) + 0.5 - center) / reach), 0) }
      let sum = raw.reduce(0, +)
      return (first, raw.map { Float($0 / sum) })
    }
  }
}

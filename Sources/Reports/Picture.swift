import Foundation
import Tensors
import Training

/// A small image, as a page can show it.
public struct Picture: Codable, Sendable, Hashable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Red, green and blue of each pixel, row by row from the top.
  public let pixels: Data

  /// An example's features as an image, its least value black and its greatest white; nil where their shape is that of
  /// no image.
  /// - Parameter shape: `[height, width]` or `[height, width, channels]` with 1 or 3 channels.
  public init?(_ features: [Float], shape: Shape) {
    let channels = shape.rank == 3 ? shape[2] : 1
    guard shape.rank == 2 || shape.rank == 3, channels == 1 || channels == 3, shape[0] > 1, shape[1] > 1,
      shape[0] <= 1024, shape[1] <= 1024, features.count == shape.count,
      let low = features.min(), let high = features.max(), low.isFinite, high.isFinite
    else { return nil }
    (height, width) = (shape[0], shape[1])
    // The difference of two floats may be no float, nor what divides by a very small one.
    let range = Double(high) - Double(low)
    let bytes = features.map { range > 0 ? UInt8((Double($0) - Double(low)) / range * 255) : 0 }
    pixels = Data(channels == 3 ? bytes : bytes.flatMap { [$0, $0, $0] })
  }

  /// The image as an address that holds it: a Windows bitmap without compression, which every browser shows.
  var address: String {
    let rowLength = (3 * width + 3) / 4 * 4
    func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
    var bytes: [UInt8] = [0x42, 0x4D] + little(54 + rowLength * height, 4) + little(0, 4) + little(54, 4)
    bytes += little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2) + little(0, 24)
    let source = [UInt8](pixels)
    guard source.count == 3 * width * height else { return "data:," }
    // Rows from the bottom, colours from blue to red.
    for row in stride(from: height - 1, through: 0, by: -1) {
      for column in 0..<width {
        let start = 3 * (row * width + column)
        bytes += [source[start + 2], source[start + 1], source[start]]
      }
      bytes += [UInt8](repeating: 0, count: rowLength - 3 * width)
    }
    return "data:image/bmp;base64," + Data(bytes).base64EncodedString()
  }
}

import CImages

/// A picture to be written as a PNG file: red, green and blue of each pixel.
public struct PNGImage: Sendable, Equatable {
  /// A colour, each part from 0 to 255.
  public struct Color: Sendable, Equatable {
    /// Red, green and blue.
    public let red, green, blue: UInt8

    /// A colour of three parts.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

    /// The colour on the way from this one to another: 0 is this one, 1 the other.
    public func mixed(with other: Color, share: Float) -> Color {
      func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
        UInt8(max(0, min(255, Float(a) + (Float(b) - Float(a)) * (share.isNaN ? 0 : share))))
      }
      return Color(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
    }
  }

  /// The greatest number of pixels along an axis.
  public static let greatestSize = 16_384

  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Red, green and blue of each pixel, row by row from the top.
  public private(set) var pixels: [UInt8]

  /// A picture of one colour.
  /// - Throws: `DatasetError` when it is empty or larger than `greatestSize`.
  public init(width: Int, height: Int, color: Color = Color(255, 255, 255)) throws {
    guard (1...Self.greatestSize).contains(width), (1...Self.greatestSize).contains(height) else {
      throw DatasetError(
        .invalidArgument, "a picture cannot be of \(width)x\(height) pixels", advice: "use 1 to \(Self.greatestSize)")
    }
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { buffer, count in
      for index in 0..<(width * height) {
        buffer[3 * index] = color.red
        buffer[3 * index + 1] = color.green
        buffer[3 * index + 2] = color.blue
      }
      count = 3 * width * height
    }
  }

  /// Colours a pixel, counted from the top left corner; those outside of the picture are left out.
  public mutating func set(_ x: Int, _ y: Int, to color: Color) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let start = 3 * (y * width + x)
    pixels[start] = color.red
    pixels[start + 1] = color.green
    pixels[start + 2] = color.blue
  }

  /// Colours the pixels whose middles lie within a circle.
  public mutating func fillCircle(_ x: Double, _ y: Double, radius: Double, color: Color) {
    guard x.isFinite, y.isFinite, abs(x) < 1e6, abs(y) < 1e6, radius > 0, radius < 1e4 else { return }
    for row in Int((y - radius).rounded(.down))...Int((y + radius).rounded(.up)) {
      for column in Int((x - radius).rounded(.down))...Int((x + radius).rounded(.up)) {
        let (dx, dy) = (Double(column) - x, Double(row) - y)
        if dx * dx + dy * dy <= radius * radius { set(column, row, to: color) }
      }
    }
  }

  /// The bytes of a PNG file.
  /// - Throws: `DatasetError` when there is not enough memory.
  public func encoded() throws -> [UInt8] {
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard ci_encode_png(pixels, Int32(width), Int32(height), 3, &file, &count) == 0, let file else {
      throw DatasetError(
        .tooLarge, "a picture of \(width)x\(height) pixels cannot be encoded", advice: "make it smaller")
    }
    defer { ci_free_bytes(file) }
    return Array(UnsafeBufferPointer(start: file, count: count))
  }
}

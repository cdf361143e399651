import CImages

/// An image as bytes: `height × width × channels`, row by row, where grey has 1 channel and colour 3.
public struct DecodedImage: Sendable, Equatable {
  /// The number of pixels in a row.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// 1 for grey; 3 for red, green and blue.
  public let channels: Int
  /// `height * width * channels` bytes.
  public let pixels: [UInt8]

  /// Reads a PNG or JPEG file. Transparent places are white.
  /// - Throws: `DatasetError` when the file cannot be read, is damaged, or is of another format.
  public init(contentsOf path: String) throws {
    let (descriptor, byteCount) = try openForReading(path)
    defer { closeFile(descriptor) }
    // More than any image that fits into memory needs.
    guard let byteCount, byteCount <= 1 << 30 else {
      throw DatasetError(.unreadable, path: path, "this is no file of an image", advice: "give a PNG or JPEG image")
    }
    let file = UnsafeMutableRawBufferPointer.allocate(byteCount: max(byteCount, 1), alignment: 16)
    defer { file.deallocate() }
    let count = try fill(UnsafeMutableRawBufferPointer(rebasing: file[..<byteCount]), from: descriptor, path: path)
    var image = ci_image()
    guard ci_decode(file.baseAddress, count, Self.greatestByteCount, &image) == 0, let pixels = image.pixels else {
      throw DatasetError(
        .corrupt, path: path, "the image cannot be decoded (\(Self.message(of: image)))",
        advice: "replace or remove it, or skip damaged images")
    }
    defer { ci_free(&image) }
    self.init(
      width: Int(image.width), height: Int(image.height), channels: Int(image.channels),
      pixels: Array(UnsafeBufferPointer(start: pixels, count: Int(image.width * image.height * image.channels))))
  }

  init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  private static let greatestByteCount = 1 << 29

  private static func message(of image: ci_image) -> String {
    withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The image in grey (1) or colour (3); grey is the brightness that ITU-R BT.601 gives to the colours.
  public func converted(toChannels wanted: Int) -> DecodedImage {
    guard wanted != channels else { return self }
    var converted: [UInt8] = []
    converted.reserveCapacity(width * height * wanted)
    if wanted == 1 {
      for start in stride(from: 0, to: pixels.count - 2, by: 3) {
        let (red, green, blue) = (Int(pixels[start]), Int(pixels[start + 1]), Int(pixels[start + 2]))
        converted.append(UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000))
      }
    } else {
      for grey in pixels { converted.append(contentsOf: [grey, grey, grey]) }
    }
    return DecodedImage(width: width, height: height, channels: wanted, pixels: converted)
  }
}

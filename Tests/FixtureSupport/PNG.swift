import CZlib

/// The bytes of a PNG file of 8 bits a channel.
/// - Parameters:
///   - channels: 1 for grey, 2 for grey with opacity, 3 for colour, 4 for colour with opacity.
///   - pixels: `height * width * channels` bytes, row by row.
public func png(width: Int, height: Int, channels: Int, _ pixels: [UInt8]) -> [UInt8] {
  let rowLength = width * channels
  var rows: [UInt8] = []
  for row in 0..<height { rows += [0] + pixels[row * rowLength..<(row + 1) * rowLength] }
  var length = compressBound(UInt(rows.count))
  var compressed = [UInt8](repeating: 0, count: Int(length))
  compress(&compressed, &length, rows, UInt(rows.count))
  let colorType = [1: 0, 2: 4, 3: 2, 4: 6][channels] ?? 0
  let header: [UInt8] = bigEndian(width) + bigEndian(height) + [8, UInt8(colorType), 0, 0, 0]
  let signature: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10]
  let chunks = [chunk("IHDR", header), chunk("IDAT", Array(compressed.prefix(Int(length)))), chunk("IEND", [])]
  return signature + chunks.joined()
}

private func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
  let named = Array(name.utf8) + content
  return bigEndian(content.count) + named + bigEndian(Int(crc32(0, named, UInt32(named.count))))
}

private func bigEndian(_ number: Int) -> [UInt8] {
  withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).bigEndian) { Array($0) }
}

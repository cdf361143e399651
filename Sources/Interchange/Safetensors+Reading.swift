import Tensors

extension Safetensors {
  /// Reads a file. Numbers of type F64, F16 and BF16 become 32-bit floats; what is too large for one
  /// becomes infinite.
  /// - Throws: `SafetensorsError` when the file cannot be read or is not exactly what the format asks for.
  public init(contentsOf path: String) throws {
    try self.init(bytes: readFile(path), path: path)
  }

  /// Reads the bytes of a file.
  /// - Parameter path: names the bytes in errors.
  public init(bytes: [UInt8], path: String = "") throws {
    self = try bytes.withUnsafeBytes { bytes in
      let (header, data) = try Self.sections(bytes, path)
      let entries = try SafetensorsHeader(header, path: path)
      try Self.checkOffsets(entries.tensors, dataByteCount: data.count, path)
      return Safetensors(
        tensors: try entries.tensors.map { entry in
          let slice = UnsafeRawBufferPointer(rebasing: data[entry.begin..<entry.end])
          return NamedTensor(name: entry.name, values: try Self.decode(entry, slice, path))
        },
        metadata: entries.metadata)
    }
  }

  private static func sections(
    _ bytes: UnsafeRawBufferPointer, _ path: String
  ) throws -> (header: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer) {
    guard bytes.count >= 8 else {
      throw SafetensorsError(
        .truncated, path: path, "the file has \(bytes.count) bytes, fewer than the 8 that it must begin with",
        advice: "copy or download it again")
    }
    let stated = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard stated <= UInt64(greatestHeaderByteCount) else {
      throw SafetensorsError(
        .invalidHeader, path: path, "the header would be \(stated) bytes long, more than \(greatestHeaderByteCount)",
        advice: "give a file in the safetensors format")
    }
    let end = 8 + Int(stated)
    guard end <= bytes.count else {
      throw SafetensorsError(
        .truncated, path: path, "the header should be \(stated) bytes long, but \(bytes.count - 8) follow",
        advice: "the file is cut short or of another format: copy or download it again")
    }
    return (UnsafeRawBufferPointer(rebasing: bytes[8..<end]), UnsafeRawBufferPointer(rebasing: bytes[end...]))
  }

  /// The arrays must fill the data without gaps or overlaps; `entries` are in the order of their offsets.
  private static func checkOffsets(_ entries: [SafetensorsHeader.Entry], dataByteCount: Int, _ path: String) throws {
    var offset = 0
    for entry in entries {
      guard entry.begin == offset, entry.end >= entry.begin else {
        throw SafetensorsError(
          .invalidTensor, path: path, tensor: entry.name,
          "its data are at \(entry.begin)..<\(entry.end), but should begin at \(offset)",
          advice: "arrays must follow each other without gaps or overlaps: write the file anew")
      }
      guard entry.end <= dataByteCount else {
        throw SafetensorsError(
          .truncated, path: path, tensor: entry.name,
          "its data are at \(entry.begin)..<\(entry.end), but the file has only \(dataByteCount) bytes of data",
          advice: "the file is cut short: copy or download it again")
      }
      offset = entry.end
    }
    guard offset == dataByteCount else {
      throw SafetensorsError(
        .trailingBytes, path: path, "\(dataByteCount - offset) bytes follow the last array",
        advice: "the header and the data do not belong together: copy or download the file again")
    }
  }

  private static func decode(
    _ entry: SafetensorsHeader.Entry, _ bytes: UnsafeRawBufferPointer, _ path: String
  ) throws -> Values {
    func floats<Bits: FixedWidthInteger>(_ type: Bits.Type, _ value: (Bits) -> Float) throws -> Values {
      .float32(ShapedArray(shape: entry.shape, unchecked: try elements(entry, bytes, path, value)))
    }
    switch entry.type {
    case "F32": return try floats(UInt32.self) { Float(bitPattern: $0) }
    case "F64": return try floats(UInt64.self) { Float(Double(bitPattern: $0)) }
    case "F16": return try floats(UInt16.self, float(half:))
    case "BF16": return try floats(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case "I32":
      let scalars = try elements(entry, bytes, path) { (bits: UInt32) in Int32(bitPattern: bits) }
      return .int32(ShapedArray(shape: entry.shape, unchecked: scalars))
    default:
      throw SafetensorsError(
        .unsupportedType, path: path, tensor: entry.name, "the type '\(entry.type)' is not read here",
        advice: "convert it to one of F32, F64, F16, BF16, I32")
    }
  }

  private static func elements<Bits: FixedWidthInteger, Element>(
    _ entry: SafetensorsHeader.Entry, _ bytes: UnsafeRawBufferPointer, _ path: String, _ value: (Bits) -> Element
  ) throws -> [Element] {
    let size = MemoryLayout<Bits>.size
    let (byteCount, overflow) = entry.shape.count.multipliedReportingOverflow(by: size)
    guard !overflow, byteCount == bytes.count else {
      throw SafetensorsError(
        .invalidTensor, path: path, tensor: entry.name,
        "\(entry.type) \(entry.shape) does not take the \(bytes.count) bytes that its offsets give it",
        advice: "the header is damaged: write the file anew")
    }
    return (0..<entry.shape.count).map {
      value(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)))
    }
  }
}

/// A number of IEEE 754's 16-bit format: 1 bit for the sign, 5 for the exponent, 10 for the fraction.
private func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10 & 0x1F)
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}

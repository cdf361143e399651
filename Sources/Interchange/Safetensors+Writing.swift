import Tensors

extension Safetensors {
  /// Writes the file, which is replaced as a whole or, on any error, not at all. The same content gives the same bytes.
  /// - Throws: `SafetensorsError` for names and shapes that cannot be written, `FileWriteError` when the file cannot
  ///   be.
  public func write(to path: String) throws {
    try write(to: AtomicFile(path: path))
  }

  /// Writes the file through `file`.
  public func write(to file: AtomicFile) throws {
    let header = try header(path: file.path)
    try file.write { writer in
      try emit(header) { try writer.write($0) }
    }
  }

  /// The bytes of the file.
  /// - Throws: `SafetensorsError` for names and shapes that cannot be written.
  public func serialized() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try emit(header(path: "")) { bytes.append(contentsOf: $0) }
    return bytes
  }

  private func emit(_ header: [UInt8], _ consume: (UnsafeRawBufferPointer) throws -> Void) throws {
    try withUnsafeBytes(of: UInt64(header.count).littleEndian, consume)
    try header.withUnsafeBytes(consume)
    for tensor in tensors {
      switch tensor.values {
      case .float32(let array): try Self.emit(array.scalars, consume) { $0.bitPattern.littleEndian }
      case .int32(let array): try Self.emit(array.scalars, consume) { $0.littleEndian }
      }
    }
  }

  /// On machines whose numbers are stored as in the file, they need no copy.
  private static func emit<Scalar, Bits: FixedWidthInteger>(
    _ scalars: [Scalar], _ consume: (UnsafeRawBufferPointer) throws -> Void, _ bits: (Scalar) -> Bits
  ) throws {
    let isStoredAlike = UInt32(1).littleEndian == 1
    if isStoredAlike { try scalars.withUnsafeBytes(consume) } else { try scalars.map(bits).withUnsafeBytes(consume) }
  }

  /// The header, padded with spaces so that the data begin at a multiple of 8 bytes.
  private func header(path: String) throws -> [UInt8] {
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      entries.append("\(quoted(Self.metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    var names: Set<String> = []
    var offset = 0
    for tensor in tensors {
      let (type, count) =
        switch tensor.values {
        case .float32(let array): ("F32", array.scalars.count)
        case .int32(let array): ("I32", array.scalars.count)
        }
      let shape = tensor.values.shape
      guard tensor.name != Self.metadataKey, names.insert(tensor.name).inserted else {
        throw SafetensorsError(
          .invalidArgument, path: path, tensor: tensor.name, "the name is taken",
          advice: "give every array a name of its own")
      }
      guard shape.isValid, shape.count == count else {
        throw SafetensorsError(
          .invalidArgument, path: path, tensor: tensor.name, "\(count) elements do not fill the shape \(shape)",
          advice: "give as many elements as the shape has")
      }
      let end = offset + 4 * count
      let extents = shape.dimensions.map(String.init).joined(separator: ",")
      entries.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(type)\",\"shape\":[\(extents)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
    guard header.count <= Self.greatestHeaderByteCount else {
      throw SafetensorsError(
        .tooLarge, path: path, "the header would take \(header.count) bytes, more than readers accept",
        advice: "store less metadata or fewer arrays")
    }
    return header
  }
}

/// A JSON string (RFC 8259, section 7).
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

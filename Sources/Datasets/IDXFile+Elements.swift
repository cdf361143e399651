import Tensors

extension IDXFile {
  /// The greatest number of classes that labels may name; more is taken for a damaged or mislabelled file.
  public static let greatestClassCount = 65_536

  /// The elements as features: bytes as the share of 255 that they are, other types as they are.
  /// - Throws: `DatasetError` when a number is not finite as a `Float`.
  public func features() throws -> Dataset.Features {
    if elementType == .uint8 { return .bytes(bytes, scale: 1 / 255, offset: 0) }
    let floats: [Float] = bytes.withUnsafeBytes { bytes in
      switch elementType {
      case .uint8: bytes.map { Float($0) }
      case .int8: bytes.map { Float(Int8(bitPattern: $0)) }
      case .int16: decode(bytes, UInt16.self) { Float(Int16(bitPattern: $0)) }
      case .int32: decode(bytes, UInt32.self) { Float(Int32(bitPattern: $0)) }
      case .float32: decode(bytes, UInt32.self) { Float(bitPattern: $0) }
      case .float64: decode(bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
      }
    }
    if let index = floats.firstIndex(where: { !$0.isFinite }) {
      throw DatasetError(
        .invalidValue, path: path, "element \(index) is \(floats[index]) as a 32-bit float",
        advice: "replace or remove what is not a finite number")
    }
    return .floats(floats)
  }

  /// The elements as labels of classes.
  /// - Throws: `DatasetError` when there is more than one axis, the elements are not integers, or a label is negative
  ///   or not below `greatestClassCount`.
  public func classes() throws -> [Int32] {
    guard shape.rank == 1 else {
      throw DatasetError(
        .wrongContent, path: path, "labels are expected, one an example, but the file holds an array of shape \(shape)",
        advice: "have the images and the labels file been swapped?")
    }
    let classes: [Int32] = try bytes.withUnsafeBytes { bytes in
      switch elementType {
      case .uint8: bytes.map { Int32($0) }
      case .int8: bytes.map { Int32(Int8(bitPattern: $0)) }
      case .int16: decode(bytes, UInt16.self) { Int32(Int16(bitPattern: $0)) }
      case .int32: decode(bytes, UInt32.self) { Int32(bitPattern: $0) }
      case .float32, .float64:
        throw DatasetError(
          .wrongContent, path: path, "labels are expected, but the file holds real numbers (\(elementType))",
          advice: "give a file of integers")
      }
    }
    if let index = classes.firstIndex(where: { $0 < 0 || $0 >= Self.greatestClassCount }) {
      throw DatasetError(
        .invalidValue, path: path, "label \(index) is \(classes[index])",
        advice: "number the classes from 0, up to \(Self.greatestClassCount - 1)")
    }
    return classes
  }

  private func decode<Bits: FixedWidthInteger, Element>(
    _ bytes: UnsafeRawBufferPointer, _ type: Bits.Type, _ transform: (Bits) -> Element
  ) -> [Element] {
    stride(from: 0, to: bytes.count, by: MemoryLayout<Bits>.size).map { offset in
      transform(Bits(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self)))
    }
  }
}

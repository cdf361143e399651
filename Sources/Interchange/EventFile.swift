/// A file of numbers over time that TensorBoard shows.
///
/// The format: records of a length, a check sum of the length, the data and their check sum; the data are messages
/// `Event` of TensorFlow's `event.proto` in the wire format of protocol buffers. Sources: TensorFlow,
/// `core/lib/io/record_writer.h`, `core/util/event.proto` and `core/framework/summary.proto`;
/// https://protobuf.dev/programming-guides/encoding.
public struct EventFile {
  private let file: GrowingFile

  /// Makes the file; TensorBoard finds files whose name contains `tfevents`.
  /// - Parameter time: seconds since 1970.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public init(path: String, time: Double, system: AtomicFile.System = .posix) throws {
    file = try GrowingFile(path: path, system: system)
    var event = Message()
    event.add(1, time)
    event.add(3, Array("brain.Event:2".utf8))
    try append(event)
  }

  /// Adds the values that some curves have at a step.
  /// - Parameters:
  ///   - scalars: the name of each curve and its value; a stroke in a name makes a group, as in `loss/training`.
  ///   - time: seconds since 1970.
  /// - Throws: `FileWriteError` that names the path and the reason.
  public func append(_ scalars: [(name: String, value: Double)], step: Int, time: Double) throws {
    var summary = Message()
    for scalar in scalars {
      var value = Message()
      value.add(1, Array(scalar.name.utf8))
      value.add(2, Float(scalar.value))
      summary.add(1, value.bytes)
    }
    var event = Message()
    event.add(1, time)
    event.add(2, UInt64(max(step, 0)))
    event.add(5, summary.bytes)
    try append(event)
  }

  private func append(_ event: Message) throws {
    let length = littleEndian(UInt64(event.bytes.count))
    try file.append(length + checksum(length) + event.bytes + checksum(event.bytes))
  }

  /// TensorFlow stores check sums turned by 15 bits and shifted, since check sums of check sums are weak.
  private func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let sum = castagnoli(bytes)
    return littleEndian((sum >> 15 | sum << 17) &+ 0xA282_EAD8)
  }
}

/// The bytes of a protocol-buffer message.
private struct Message {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: UInt64, _ value: Double) {
    add(varint: field << 3 | 1)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func add(_ field: UInt64, _ value: Float) {
    add(varint: field << 3 | 5)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func add(_ field: UInt64, _ value: UInt64) {
    add(varint: field << 3)
    add(varint: value)
  }

  mutating func add(_ field: UInt64, _ value: [UInt8]) {
    add(varint: field << 3 | 2)
    add(varint: UInt64(value.count))
    bytes += value
  }

  private mutating func add(varint: UInt64) {
    var rest = varint
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The 32-bit cyclic redundancy check with Castagnoli's polynomial (CRC-32C, RFC 3720, appendix B.4).
private func castagnoli(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(UInt32.max) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0x82F6_3B78 : rest >> 1 }
  }
}

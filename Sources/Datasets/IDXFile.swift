import Tensors

/// An array in the IDX format of the MNIST files, raw or compressed with gzip.
///
/// The format: two zero bytes, a byte for the element type, a byte for the rank, each extent as a big-endian 32-bit
/// number, and the elements, big-endian, the last axis running fastest. Source: LeCun, Cortes and Burges, "The MNIST
/// database of handwritten digits", section "File formats".
public struct IDXFile: Sendable {
  /// The type of the elements, by its code in the file.
  public enum ElementType: UInt8, Sendable, CaseIterable {
    case uint8 = 0x08
    case int8 = 0x09
    case int16 = 0x0B
    case int32 = 0x0C
    case float32 = 0x0D
    case float64 = 0x0E

    /// The bytes of one element, 1 to 8.
    public var byteCount: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// The file that was read.
  public let path: String
  /// How `bytes` are to be read, as the header says.
  public let elementType: ElementType
  /// The extents that the header states, outermost first.
  public let shape: Shape
  /// The elements as they stand in the file.
  public let bytes: [UInt8]

  /// Reads a whole file; gzip is recognised by content.
  /// - Throws: `DatasetError` when the file cannot be read, is not IDX, or does not hold exactly what its header says.
  public init(path: String) throws {
    let stream = try ByteStream(path: path)
    let header = try Header(stream)
    self.path = path
    (elementType, shape) = (header.elementType, header.shape)
    bytes = try Self.readBytes(header.dataByteCount, stream, header.text)
    try stream.expectEnd(after: header.text)
  }

  /// What a file says of its elements.
  struct Header {
    let elementType: ElementType
    let shape: Shape

    var byteCount: Int { 4 + 4 * shape.rank }
    var dataByteCount: Int { shape.count * elementType.byteCount }
    var text: String { "the \(dataByteCount) bytes of data that the header states (\(elementType) \(shape))" }

    /// - Throws: `DatasetError` when the file is not IDX, or certainly too short.
    init(_ stream: ByteStream) throws {
      (elementType, shape) = try IDXFile.readHeader(stream)
      if let greatest = stream.greatestByteCount, greatest - byteCount < dataByteCount {
        throw DatasetError(
          .truncated, path: stream.path, "the file is too short for \(text)",
          advice: "it is cut short: copy or download it again")
      }
    }
  }

  private static func readHeader(_ stream: ByteStream) throws -> (ElementType, Shape) {
    let start = try readSome(4, stream)
    guard !start.isEmpty else {
      throw DatasetError(.empty, path: stream.path, "the file is empty", advice: "copy or download it again")
    }
    let advice = "give a file in the IDX format, such as train-images-idx3-ubyte.gz"
    guard start.prefix(2).allSatisfy({ $0 == 0 }) else {
      throw DatasetError(
        .wrongFormat, path: stream.path,
        "an IDX file begins with two zero bytes, but this one begins with \(hex(start))",
        advice: advice)
    }
    guard start.count == 4 else { throw truncatedHeader(stream) }
    guard let elementType = ElementType(rawValue: start[2]), start[3] > 0 else {
      throw DatasetError(
        .wrongFormat, path: stream.path,
        "the header \(hex(start)) names no IDX element type (08, 09, 0B, 0C, 0D, 0E) with a rank of 1 or more",
        advice: advice)
    }
    let rank = Int(start[3])
    let extents = try readSome(4 * rank, stream)
    guard extents.count == 4 * rank else { throw truncatedHeader(stream) }
    let shape = Shape(
      (0..<rank).map { axis in
        extents[(4 * axis)..<(4 * axis + 4)].reduce(0) { $0 << 8 | Int($1) }
      })
    guard shape.isValid else {
      throw DatasetError(
        .tooLarge, path: stream.path, "the header states the shape \(shape), which cannot be addressed",
        advice: "the header is damaged: copy or download the file again")
    }
    return (elementType, shape)
  }

  private static func readSome(_ count: Int, _ stream: ByteStream) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      initializedCount = try stream.read(
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
    }
  }

  private static func readBytes(_ count: Int, _ stream: ByteStream, _ text: String) throws -> [UInt8] {
    // An array that cannot be allocated ends the program; so ask first.
    guard canAllocate(count) else { throw tooLarge(stream, text) }
    let bytes = try readSome(count, stream)
    guard bytes.count == count else { throw truncated(stream, after: bytes.count, text) }
    return bytes
  }

  static func tooLarge(_ stream: ByteStream, _ text: String) -> DatasetError {
    DatasetError(
      .tooLarge, path: stream.path, "there is no memory for \(text)",
      advice: "use a machine with more memory or a smaller file")
  }

  static func truncated(_ stream: ByteStream, after count: Int, _ text: String) -> DatasetError {
    DatasetError(
      .truncated, path: stream.path, "the file ends after \(count) of \(text)",
      advice: "it is cut short: copy or download it again")
  }

  private static func truncatedHeader(_ stream: ByteStream) -> DatasetError {
    DatasetError(
      .truncated, path: stream.path, "the file ends within its header",
      advice: "it is cut short: copy or download it again")
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
  }
}

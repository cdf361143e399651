/// An array in NumPy's format.
///
/// Source: NumPy's "NEP 1 — A Simple File Format for NumPy Arrays", versions 1.0 to 3.0.
public struct NumPyArray: Sendable {
  static let mark: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let greatestHeader = 1 << 20

  /// The extents, outermost first; none for a single number.
  public let shape: [Int]
  /// The elements, the last axis running fastest.
  public let values: [Double]

  /// Reads a file.
  /// - Throws: `DatasetError` when it is damaged or holds something other than numbers and booleans.
  public init(path: String) throws {
    let stream = try ByteStream(path: path)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try chunk.withUnsafeMutableBytes { try stream.read(into: $0) }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    try self.init(bytes: bytes, path: path)
  }

  /// - Parameter path: the file, and the array in it, for errors.
  init(bytes: [UInt8], path: String) throws {
    func fault(_ kind: DatasetError.Kind, _ message: String, _ advice: String) -> DatasetError {
      DatasetError(kind, path: path, message, advice: advice)
    }
    guard bytes.count >= 12, bytes.starts(with: Self.mark) else {
      throw fault(.wrongFormat, "this is no NPY array", "save it with numpy.save")
    }
    let isLong = bytes[6] > 1
    let headerStart = isLong ? 12 : 10
    let headerCount =
      isLong
      ? (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) } : Int(bytes[8]) | Int(bytes[9]) << 8
    guard (1...3).contains(bytes[6]), headerCount < Self.greatestHeader, headerStart + headerCount <= bytes.count else {
      throw fault(.truncated, "the header of the array is cut short or of an unknown version", "save it again")
    }
    let header = String(decoding: bytes[headerStart..<(headerStart + headerCount)], as: UTF8.self)
    guard let description = Self.text(after: "'descr':", in: header),
      let order = Self.value(after: "'fortran_order':", in: header), let shape = Self.shape(in: header)
    else { throw fault(.wrongFormat, "the header of the array cannot be read: \(header)", "save it with numpy.save") }
    guard order == "False" else {
      throw fault(
        .wrongContent, "the array is stored column by column",
        "save it row by row: numpy.save(path, numpy.ascontiguousarray(a))")
    }
    guard let element = Element(description) else {
      throw fault(
        .wrongContent, "the elements are of type '\(description)'", "save numbers or booleans, such as float32")
    }
    let (count, isTooLarge) = shape.reduce((1, false)) { product, extent in
      let (next, overflow) = product.0.multipliedReportingOverflow(by: extent)
      return (next, product.1 || overflow)
    }
    let data = bytes[(headerStart + headerCount)...]
    guard !isTooLarge, count <= data.count / element.byteCount, count * element.byteCount == data.count else {
      throw fault(
        isTooLarge || count > data.count / element.byteCount ? .truncated : .trailingBytes,
        "the header states \(shape) elements of \(element.byteCount) bytes, but there are \(data.count) bytes",
        "copy or save it again")
    }
    self.shape = shape
    values = data.withUnsafeBytes { bytes in (0..<count).map { element.value(bytes, $0) } }
  }

  /// The type of the elements: `<f4` is a little-endian float of 4 bytes.
  private struct Element {
    let isBigEndian: Bool
    let type: Character
    let byteCount: Int

    init?(_ text: String) {
      let signs = Array(text)
      guard signs.count == 3, "<>|=".contains(signs[0]), let size = signs[2].wholeNumberValue else { return nil }
      let sizes: [Character: [Int]] = ["f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1]]
      guard sizes[signs[1]]?.contains(size) == true else { return nil }
      (isBigEndian, type, byteCount) = (signs[0] == ">", signs[1], size)
    }

    func value(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Double {
      var bits: UInt64 = 0
      for position in 0..<byteCount {
        let place = index * byteCount + (isBigEndian ? position : byteCount - 1 - position)
        bits = bits << 8 | UInt64(bytes[place])
      }
      let unused = UInt64(64 - 8 * byteCount)
      return switch (type, byteCount) {
      case ("f", 8): Double(bitPattern: bits)
      case ("f", 4): Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case ("f", _): halfPrecision(UInt16(truncatingIfNeeded: bits))
      case ("i", _): Double(Int64(bitPattern: bits << unused) >> Int64(unused))
      default: Double(bits)
      }
    }
  }

  private static func rest(after key: String, in header: String) -> Substring? {
    header.split(separator: key, maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
      .map { $0.drop { $0 == " " } }
  }

  private static func value(after key: String, in header: String) -> String? {
    rest(after: key, in: header).map { String($0.prefix { $0.isLetter }) }
  }

  private static func text(after key: String, in header: String) -> String? {
    guard let rest = rest(after: key, in: header), rest.first == "'" else { return nil }
    return String(rest.dropFirst().prefix { $0 != "'" })
  }

  private static func shape(in header: String) -> [Int]? {
    guard let rest = rest(after: "'shape':", in: header), rest.first == "(" else { return nil }
    let extents = rest.dropFirst().prefix { $0 != ")" }.split(separator: ",").map { part in
      Int(part.filter { $0 != " " })
    }
    let known = extents.compactMap { $0 }.filter { $0 >= 0 }
    return known.count == extents.count ? known : nil
  }
}

/// A number of IEEE 754's binary16.
private func halfPrecision(_ bits: UInt16) -> Double {
  let sign = bits >> 15 == 1 ? -1.0 : 1.0
  let exponent = Int(bits >> 10 & 31)
  let fraction = Double(bits & 1023) / 1024
  switch exponent {
  case 0: return sign * fraction * 0x1p-14
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
  }
}

/// Arrays as columns.
enum NumPyTable {
  /// Vectors are columns by their names; of a matrix each column gets its number, from 1. NaN is a missing value.
  static func read(arrays: [(name: String, array: NumPyArray)], _ path: String, _ options: TableOptions) throws -> Table
  {
    var columns: [Table.Column] = []
    for (name, array) in arrays {
      guard (1...2).contains(array.shape.count) else {
        throw DatasetError(
          .wrongContent, path: path, "the array '\(name)' is of shape \(array.shape)",
          advice: "give vectors, or matrices with one row an example")
      }
      guard array.values.allSatisfy({ !$0.isInfinite }) else {
        throw DatasetError(
          .invalidValue, path: path, "the array '\(name)' has infinite values",
          advice: "replace them, with NaN where a value is missing")
      }
      let width = array.shape.count == 2 ? array.shape[1] : 1
      for column in 0..<width {
        let full = array.shape.count == 2 ? "\(name) \(column + 1)" : name
        guard options.column[full] != .ignore else { continue }
        let values = stride(from: column, to: array.values.count, by: width).map { array.values[$0] }
        columns.append(Table.Column(name: full, values: .numbers(values)))
      }
    }
    return try Table(path: path, columns: columns)
  }
}

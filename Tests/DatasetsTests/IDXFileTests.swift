import Datasets
import Foundation
import Tensors
import Testing

@Suite struct IDXFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func readsRawAndCompressedByContentWhateverTheName() throws {
    let raw = try IDXFile(path: folder.write("raw.gz", imageBytes))
    let compressed = try IDXFile(path: folder.write("compressed", gzip(imageBytes)))
    for file in [raw, compressed] {
      #expect(file.elementType == .uint8)
      #expect(file.shape == [2, 2, 3])
      #expect(file.bytes == (0..<12).map { UInt8($0 * 20) })
    }
  }

  @Test func readsMoreThanOneChunkAndSeveralMembers() throws {
    let data = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let bytes = idx([1000, 1000], data)
    #expect(try IDXFile(path: folder.write("raw", bytes)).bytes == data)
    #expect(try IDXFile(path: folder.write("one", gzip(bytes))).bytes == data)
    let parts = try gzip(Array(bytes[..<333_333])) + gzip(Array(bytes[333_333...]))
    #expect(try IDXFile(path: folder.write("two", parts)).bytes == data)
  }

  @Test func decodesEveryElementType() throws {
    let numbers: [Double] = [-2, 0, 100]
    let data: [IDXFile.ElementType: [UInt8]] = [
      .int8: numbers.map { UInt8(bitPattern: Int8($0)) },
      .int16: numbers.flatMap { bigEndian(Int16($0)) },
      .int32: numbers.flatMap { bigEndian(Int32($0)) },
      .float32: numbers.flatMap { bigEndian(Float($0).bitPattern) },
      .float64: numbers.flatMap { bigEndian($0.bitPattern) },
    ]
    for type in IDXFile.ElementType.allCases where type != .uint8 {
      let bytes = try #require(data[type])
      let file = try IDXFile(path: folder.write("\(type)", idx(type, [1, 3], bytes)))
      guard case .floats(let floats) = try file.features() else {
        Issue.record("\(type) is not read as floats")
        continue
      }
      #expect(floats == numbers.map { Float($0) }, "\(type)")
    }
    let bytes = try IDXFile(path: folder.write("bytes", idx([1, 3], [0, 7, 255])))
    guard case .bytes([0, 7, 255], scale: 1 / 255, offset: 0) = try bytes.features() else {
      Issue.record("bytes do not stay bytes")
      return
    }
  }

  @Test func decodesLabelsOfEveryIntegerType() throws {
    let data: [(IDXFile.ElementType, [UInt8])] = [
      (.uint8, [3, 200]), (.int8, [3, 100]), (.int16, bigEndian(Int16(3)) + bigEndian(Int16(300))),
      (.int32, bigEndian(Int32(3)) + bigEndian(Int32(65_535))),
    ]
    let expected: [[Int32]] = [[3, 200], [3, 100], [3, 300], [3, 65_535]]
    for ((type, bytes), labels) in zip(data, expected) {
      #expect(try IDXFile(path: folder.write("\(type)", idx(type, [2], bytes))).classes() == labels)
    }
  }

  @Test func refusesLabelsThatAreNoClasses() throws {
    let negative = try folder.write("negative", idx(.int8, [2], [0, 0xFF]))
    expect(.invalidValue, at: negative, mentioning: "label 1 is -1") { try IDXFile(path: negative).classes() }
    let large = try folder.write("large", idx(.int32, [1], bigEndian(Int32(65_536))))
    expect(.invalidValue, at: large, mentioning: "label 0 is 65536") { try IDXFile(path: large).classes() }
    let real = try folder.write("real", idx(.float32, [1], bigEndian(Float(1).bitPattern)))
    expect(.wrongContent, at: real, mentioning: "real numbers") { try IDXFile(path: real).classes() }
    let images = try folder.write("images", imageBytes)
    expect(.wrongContent, at: images, mentioning: "swapped") { try IDXFile(path: images).classes() }
  }

  @Test func refusesNumbersThatAreNotFinite() throws {
    let nan = try folder.write(
      "nan", idx(.float32, [1, 2], bigEndian(Float(1).bitPattern) + bigEndian(Float.nan.bitPattern)))
    expect(.invalidValue, at: nan, mentioning: "element 1 is nan") { try IDXFile(path: nan).features() }
    let large = try folder.write("large", idx(.float64, [1, 1], bigEndian(1e300.bitPattern)))
    expect(.invalidValue, at: large, mentioning: "element 0 is inf") { try IDXFile(path: large).features() }
  }

  @Test func refusesEveryTruncation() throws {
    for count in 1..<imageBytes.count {
      let path = try folder.write("raw", Array(imageBytes.prefix(count)))
      expect(.truncated, at: path, mentioning: "copy or download it again") { try IDXFile(path: path) }
    }
    let compressed = try gzip(imageBytes)
    for count in 2..<compressed.count {
      let path = try folder.write("compressed", Array(compressed.prefix(count)))
      expect(.truncated, at: path, mentioning: "copy or download") { try IDXFile(path: path) }
    }
  }

  @Test func refusesCompressedDataShorterThanTheHeaderSays() throws {
    // Of a size that the compressed bytes could well hold, so that only decompressing shows it.
    let path = try folder.write("short.gz", gzip(idx([2, 50], [UInt8](repeating: 0, count: 99))))
    expect(.truncated, at: path, mentioning: "ends after 99 of the 100 bytes") { try IDXFile(path: path) }
  }

  @Test func refusesTrailingBytes() throws {
    let raw = try folder.write("raw", imageBytes + [0])
    expect(.trailingBytes, at: raw, mentioning: "12 bytes") { try IDXFile(path: raw) }
    let inside = try folder.write("inside", gzip(imageBytes + [0]))
    expect(.trailingBytes, at: inside, mentioning: "12 bytes") { try IDXFile(path: inside) }
    let behind = try folder.write("behind", gzip(imageBytes) + [1, 2, 3])
    expect(.trailingBytes, at: behind, mentioning: "no gzip") { try IDXFile(path: behind) }
  }

  @Test func refusesDamagedCompression() throws {
    let compressed = try gzip(imageBytes)
    var checksum = compressed
    checksum[checksum.count - 8] ^= 1
    let path = try folder.write("checksum", checksum)
    expect(.corrupt, at: path, mentioning: "incorrect data check") { try IDXFile(path: path) }
    var length = compressed
    length[length.count - 1] ^= 1
    let lengthPath = try folder.write("length", length)
    expect(.corrupt, at: lengthPath, mentioning: "incorrect length check") { try IDXFile(path: lengthPath) }
    var block = compressed
    block[10] = 0xFF
    let blockPath = try folder.write("block", block)
    expect(.corrupt, at: blockPath, mentioning: "damaged") { try IDXFile(path: blockPath) }
  }

  /// Whatever single byte is changed, reading ends: with an error, or with as many elements as the shape says.
  @Test func endsForEveryChangedByte() throws {
    for bytes in [imageBytes, try gzip(imageBytes)] {
      for position in bytes.indices {
        for mask: UInt8 in [0x01, 0x80, 0xFF] {
          var changed = bytes
          changed[position] ^= mask
          let path = try folder.write("changed", changed)
          do {
            let file = try IDXFile(path: path)
            #expect(file.bytes.count == file.shape.count * file.elementType.byteCount)
          } catch {
            #expect(error is DatasetError)
          }
        }
      }
    }
  }

  @Test func refusesWhatIsNoIDX() throws {
    let text = try folder.write("text", Array("label,pixel\n".utf8))
    expect(.wrongFormat, at: text, mentioning: "6C 61 62 65") { try IDXFile(path: text) }
    for header: [UInt8] in [[0, 0, 7, 1], [0, 0, 0x0A, 3], [0, 0, 0x0F, 1], [0, 0, 8, 0]] {
      let path = try folder.write("header", header + [0, 0, 0, 0])
      expect(.wrongFormat, at: path, mentioning: "names no IDX element type") { try IDXFile(path: path) }
    }
  }

  @Test func refusesExtentsThatOverflow() throws {
    let overflow = try folder.write("overflow", idx([.max, .max, .max], []))
    expect(.tooLarge, at: overflow, mentioning: "cannot be addressed") { try IDXFile(path: overflow) }
    let product = try folder.write("product", [0, 0, 8, 255] + [UInt8](repeating: 0xFF, count: 4 * 255))
    expect(.tooLarge, at: product, mentioning: "cannot be addressed") { try IDXFile(path: product) }
    let large = try folder.write("large", idx(.float64, [.max, 8192], []))
    expect(.truncated, at: large, mentioning: "too short") { try IDXFile(path: large) }
    let compressed = try folder.write("compressed", gzip(idx([.max, 1000], [])))
    expect(.truncated, at: compressed, mentioning: "too short") { try IDXFile(path: compressed) }
  }

  @Test func refusesWhatCannotBeRead() throws {
    let empty = try folder.write("empty", [])
    expect(.empty, at: empty, mentioning: "empty") { try IDXFile(path: empty) }
    let emptyInside = try folder.write("empty.gz", gzip([]))
    expect(.empty, at: emptyInside, mentioning: "empty") { try IDXFile(path: emptyInside) }
    let absent = "\(folder.path)/absent"
    expect(.missing, at: absent, mentioning: "no such file") { try IDXFile(path: absent) }
    let beneath = "\(empty)/absent"
    expect(.missing, at: beneath, mentioning: "no such file") { try IDXFile(path: beneath) }
    expect(.unreadable, at: folder.path, mentioning: "folder") { try IDXFile(path: folder.path) }
    let zero = "\(empty)\0suffix"
    expect(.missing, at: zero, mentioning: "not a path") { try IDXFile(path: zero) }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func refusesWhatMayNotBeRead() throws {
    let path = try folder.write("secret", imageBytes)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    expect(.unreadable, at: path, mentioning: "ermission") { try IDXFile(path: path) }
  }
}

import Foundation
import Interchange
import Tensors
import Testing

@Suite struct SafetensorsErrorTests {
  /// Checks that a file with a header as it stands, and `count` bytes of data, is refused.
  private func expectRefusal(
    _ kind: SafetensorsError.Kind, tensor: String? = nil, mentioning text: String, header: String,
    dataByteCount: Int = 4,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expect(kind, tensor: tensor, mentioning: text, sourceLocation: sourceLocation) { path in
      try Safetensors(bytes: file(header, data: [UInt8](repeating: 0, count: dataByteCount)), path: path)
    }
  }

  private func entry(_ type: String = "F32", shape: String = "[1]", offsets: String = "[0,4]") -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  @Test func headersOfWrongLength() {
    for count in 0..<8 {
      expect(.truncated, mentioning: "\(count) bytes") {
        try Safetensors(bytes: [UInt8](repeating: 0, count: count), path: $0)
      }
    }
    for length: UInt64 in [100_000_001, .max, 1 << 63] {
      expect(.invalidHeader, mentioning: "\(length) bytes long") {
        try Safetensors(bytes: littleEndian(length), path: $0)
      }
    }
    expect(.truncated, mentioning: "3 bytes long, but 2 follow") {
      try Safetensors(bytes: littleEndian(UInt64(3)) + [123, 125], path: $0)
    }
  }

  @Test func headersThatAreNoJSONObject() {
    for header in ["", "[]", " {}", "null", "7", "\"x\"", "\u{FEFF}{}"] {
      expectRefusal(.invalidHeader, mentioning: "not a JSON object", header: header)
    }
    for header in ["{", "{}}", "{} x", "{\"a\":}", "{a:1}", "{\"a\" 1}", "{'a':{}}"] {
      expectRefusal(.invalidHeader, mentioning: "not well-formed JSON", header: header)
    }
    let deep = String(repeating: "{\"a\":", count: 100_000) + "1" + String(repeating: "}", count: 100_000)
    expectRefusal(.invalidHeader, mentioning: "not well-formed JSON", header: deep)
    expect(.invalidHeader, mentioning: "not well-formed JSON") {
      try Safetensors(bytes: littleEndian(UInt64(5)) + [0x7B, 0x22, 0xFF, 0x22, 0x7D], path: $0)
    }
  }

  @Test func entriesOfWrongForm() {
    for value in [
      "1", "null", "[]", "\"x\"", "{}", #"{"dtype":"F32","shape":[1]}"#,
      #"{"dtype":7,"shape":[],"data_offsets":[0,4]}"#,
    ] {
      expectRefusal(.invalidTensor, tensor: "w", mentioning: "entry in the header is wrong", header: "{\"w\":\(value)}")
    }
    for shape in ["[1.5]", "[\"1\"]", "[99999999999999999999]", "7", "[null]"] {
      expectRefusal(
        .invalidTensor, tensor: "w", mentioning: "entry in the header is wrong",
        header: "{\"w\":\(entry(shape: shape))}")
    }
    for metadata in ["7", "[]", "{\"a\":1}", "{\"a\":null}"] {
      expectRefusal(
        .invalidTensor, tensor: "__metadata__", mentioning: "entry in the header is wrong",
        header: "{\"__metadata__\":\(metadata)}")
    }
  }

  /// No names of types, but what is expected and where.
  @Test func whatIsExpectedIsSaid() {
    for (value, expected) in [
      (#"{"dtype":"F32","shape":[1]}"#, "wrong (w: the setting 'data_offsets' is missing"),
      (#"{"dtype":7,"shape":[],"data_offsets":[0,4]}"#, "wrong (w.dtype: expected text)"),
      (entry(shape: "[\"1\"]"), "wrong (w.shape[0]: expected a whole number)"), ("[]", "wrong (w: expected an object"),
    ] {
      expectRefusal(.invalidTensor, tensor: "w", mentioning: expected, header: "{\"w\":\(value)}")
    }
    expect(.invalidTensor, tensor: "__metadata__", mentioning: "the text is not well-formed") {
      let header = Array(#"{"__metadata__":{"a":""#.utf8) + [0xFF] + Array(#""}}"#.utf8)
      return try Safetensors(bytes: littleEndian(UInt64(header.count)) + header, path: $0)
    }
  }

  @Test func shapesThatAreNone() {
    for shape in ["[-1]", "[4611686018427387904,4]", "[9223372036854775807]", "[-1,-1]", "[65536,65536,65536,65536]"] {
      expectRefusal(
        .invalidTensor, tensor: "w", mentioning: "negative or too large", header: "{\"w\":\(entry(shape: shape))}")
    }
    for shape in ["[2]", "[0]", "[1,3]", "[281474976710656]"] {
      expectRefusal(
        .invalidTensor, tensor: "w", mentioning: "does not take the 4 bytes", header: "{\"w\":\(entry(shape: shape))}")
    }
    expectRefusal(.invalidTensor, tensor: "w", mentioning: "does not take", header: "{\"w\":\(entry("F64"))}")
    expectRefusal(.invalidTensor, tensor: "w", mentioning: "does not take", header: "{\"w\":\(entry("BF16"))}")
  }

  @Test func offsetsThatAreNone() {
    for offsets in ["[]", "[0]", "[0,4,8]", "[-4,0]", "[0,-4]"] {
      expectRefusal(
        .invalidTensor, tensor: "w", mentioning: "not a beginning and an end",
        header: "{\"w\":\(entry(offsets: offsets))}")
    }
    for offsets in ["[4,0]", "[4,8]", "[1,5]", "[9223372036854775807,9223372036854775807]"] {
      expectRefusal(
        .invalidTensor, tensor: "w", mentioning: "should begin at 0", header: "{\"w\":\(entry(offsets: offsets))}",
        dataByteCount: 8)
    }
    for end in ["8", "9223372036854775807"] {
      expectRefusal(
        .truncated, tensor: "w", mentioning: "only 4 bytes of data",
        header: "{\"w\":\(entry(shape: "[2]", offsets: "[0,\(end)]"))}")
    }
    expectRefusal(.trailingBytes, mentioning: "1 bytes follow", header: "{\"w\":\(entry())}", dataByteCount: 5)
    expectRefusal(.trailingBytes, mentioning: "4 bytes follow", header: "{}")
  }

  @Test func gapsAndOverlaps() {
    for second in ["[0,4]", "[2,6]", "[8,12]"] {
      expectRefusal(
        .invalidTensor, tensor: "w", mentioning: "should begin at 4",
        header: "{\"v\":\(entry()),\"w\":\(entry(offsets: second))}", dataByteCount: 12)
    }
  }

  @Test func typesThatAreNotRead() {
    for type in ["I64", "BOOL", "F8_E4M3", "f32", "", "X"] {
      expectRefusal(
        .unsupportedType, tensor: "w", mentioning: "'\(type)' is not read", header: "{\"w\":\(entry(type))}")
    }
  }

  @Test func filesThatCannotBeRead() throws {
    let folder = try TemporaryFolder()
    func refused(_ kind: SafetensorsError.Kind, _ path: String, _ text: String) {
      expect(kind, mentioning: text) { _ in try Safetensors(contentsOf: path) }
    }
    refused(.missing, "\(folder.path)/absent", "no such file")
    refused(.unreadable, folder.path, "not a regular file")
    refused(.missing, "", "not a path")
    refused(.truncated, try folder.write("empty", []), "0 bytes")
    let file = try folder.write("file", [1])
    refused(.missing, "\(file)/absent", "no such file")
    refused(.missing, "\(file)\0", "not a path")
  }

  /// Whatever is cut off or changed, reading ends, and what is cut off is always noticed.
  @Test func everyTruncationAndChangedByte() throws {
    let bytes = try Safetensors(
      tensors: [
        .init(name: "w", values: .float32(ShapedArray([1, 2, 3]))),
        .init(name: "step", values: .int32(ShapedArray(scalar: 1))),
      ], metadata: ["a": "b"]
    ).serialized()
    for count in bytes.indices {
      #expect(throws: SafetensorsError.self) { try Safetensors(bytes: Array(bytes.prefix(count))) }
    }
    for position in bytes.indices {
      for mask: UInt8 in [0x01, 0x10, 0x80, 0xFF] {
        var changed = bytes
        changed[position] ^= mask
        do {
          let read = try Safetensors(bytes: changed)
          #expect(read.tensors.allSatisfy { $0.values.shape.isValid })
        } catch {
          #expect(error is SafetensorsError)
        }
      }
    }
  }
}

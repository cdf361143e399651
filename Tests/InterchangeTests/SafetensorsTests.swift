import Foundation
import Interchange
import Tensors
import Testing

@Suite struct SafetensorsTests {
  /// Arrays of every kind that is written, among them a scalar and an empty one, and text that JSON must escape.
  private func sample() throws -> Safetensors {
    Safetensors(
      tensors: [
        .init(
          name: "layer/weight",
          values: .float32(
            try ShapedArray(shape: [2, 3], scalars: [1, -2, 0.5, .leastNonzeroMagnitude, .infinity, 3e38]))),
        .init(name: "step", values: .int32(ShapedArray(scalar: -7))),
        .init(name: "nothing", values: .float32(ShapedArray(repeating: 0, shape: [0, 4]))),
        .init(name: "größe \"\\\n\u{1}", values: .int32(ShapedArray([.min, .max]))),
      ],
      metadata: ["network": "{\"layers\": [1, 2]}\n", "b": "", "\u{7}": "日本 👋\\/"])
  }

  @Test func readsWhatItWrites() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/model.safetensors"
    let sample = try sample()
    try sample.write(to: path)
    #expect(try Safetensors(contentsOf: path) == sample)
    #expect(try bytes(at: path) == sample.serialized())
    #expect(folder.names == ["model.safetensors"])
    #expect(sample["step"] == .int32(ShapedArray(scalar: -7)))
    #expect(sample["absent"] == nil)
  }

  @Test func writesTheStatedBytes() throws {
    let one = Safetensors(
      tensors: [.init(name: "w", values: .float32(ShapedArray([1, -2])))], metadata: ["z": "1", "a": "2"])
    let header = #"{"__metadata__":{"a":"2","z":"1"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(try one.serialized() == file(padded, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]))
    #expect(try Safetensors(tensors: []).serialized() == file("{}      "))
  }

  @Test func alignsTheData() throws {
    for length in 0..<17 {
      let name = String(repeating: "n", count: length)
      let bytes = try Safetensors(tensors: [.init(name: name, values: .int32(ShapedArray(scalar: 5)))]).serialized()
      #expect((bytes.count - 4).isMultiple(of: 8))
      #expect(bytes.suffix(4) == [5, 0, 0, 0])
      #expect(try Safetensors(bytes: bytes)[name] == .int32(ShapedArray(scalar: 5)))
    }
  }

  @Test func keepsEveryBitOfAFloat() throws {
    let patterns: [UInt32] = [0x8000_0000, 0x7FC0_0001, 0xFF80_0000, 1, 0x3F80_0001]
    let array = ShapedArray(patterns.map { Float(bitPattern: $0) })
    let read = try Safetensors(bytes: Safetensors(tensors: [.init(name: "x", values: .float32(array))]).serialized())
    guard case .float32(let values) = read["x"] else {
      Issue.record("floats are not read as floats")
      return
    }
    #expect(values.scalars.map(\.bitPattern) == patterns)
  }

  @Test func refusesToWriteWhatCannotBeRead() throws {
    let scalar = Safetensors.Values.int32(ShapedArray(scalar: 1))
    for names in [["a", "a"], ["__metadata__"]] {
      expect(.invalidArgument, tensor: names[0], mentioning: "the name is taken") { _ in
        try Safetensors(tensors: names.map { .init(name: $0, values: scalar) }).serialized()
      }
    }
    var array = ShapedArray<Float>([1, 2])
    array.scalars.append(3)
    expect(.invalidArgument, tensor: "x", mentioning: "3 elements do not fill the shape [2]") { _ in
      try Safetensors(tensors: [.init(name: "x", values: .float32(array))]).serialized()
    }
  }

  @Test func leavesTheOldFileWhenTheDiskIsFull() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model", [1])
    var system = AtomicFile.System.posix
    system.write = { _, bytes in bytes.count > 8 ? -Int(ENOSPC) : bytes.count }
    let error = #expect(throws: FileWriteError.self) { try sample().write(to: AtomicFile(path: path, system: system)) }
    #expect(error?.code == ENOSPC)
    #expect(bytes(at: path) == [1])
    #expect(folder.names == ["model"])
  }

  @Test func readsWiderAndNarrowerFloats() throws {
    func read(_ type: String, _ data: [UInt8], count: Int) throws -> [Float] {
      let header = #"{"x":{"dtype":"\#(type)","shape":[\#(count)],"data_offsets":[0,\#(data.count)]}}"#
      guard case .float32(let array) = try Safetensors(bytes: file(header, data: data))["x"] else { return [] }
      return array.scalars
    }
    let doubles: [Double] = [1, -0.1, 1e300, -.infinity]
    #expect(
      try read("F64", doubles.flatMap { littleEndian($0.bitPattern) }, count: 4) == [1, -0.1, .infinity, -.infinity])
    // One, minus two, the greatest, the least normal, the greatest and the least subnormal, both infinities, minus
    // zero.
    let halves: [UInt16] = [0x3C00, 0xC000, 0x7BFF, 0x0400, 0x03FF, 0x8001, 0x7C00, 0xFC00, 0x8000]
    let expected: [Float] = [1, -2, 65504, 0x1p-14, 0x1.FF8p-15, -0x1p-24, .infinity, -.infinity, -0.0]
    let read16 = try read("F16", halves.flatMap(littleEndian), count: halves.count)
    #expect(read16.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(try read("F16", littleEndian(UInt16(0x7E01)), count: 1).first?.isNaN == true)
    #expect(try read("BF16", [0x3F80, 0xC049].flatMap { littleEndian(UInt16($0)) }, count: 2) == [1, -3.140625])
  }

  @Test func readsSpacesOrderAndUnknownFieldsAsTheFormatAllows() throws {
    let first = #"{"b" : {"shape": [1], "data_offsets":[4, 8], "dtype":"I32", "note": {}},"#
    let second = #""a":{"dtype":"F32","shape":[],"data_offsets":[0,4]} }  "#
    let read = try Safetensors(bytes: file(first + second, data: [0, 0, 0x80, 0x3F, 2, 0, 0, 0]))
    #expect(read.tensors.map(\.name) == ["a", "b"])
    #expect(read["a"] == .float32(ShapedArray(scalar: 1)))
    #expect(read["b"] == .int32(ShapedArray([2])))
    #expect(read.metadata == [:])
  }
}

import Datasets
import Foundation
import Testing

struct PictureTests {
  @Test func `a picture that was written is read as it was`() throws {
    var image = try PNGImage(width: 7, height: 5, color: .init(10, 20, 30))
    image.set(6, 4, to: .init(255, 0, 128))
    image.set(7, 0, to: .init(1, 1, 1))
    image.set(0, -1, to: .init(1, 1, 1))
    image.fillCircle(2, 2, radius: 1, color: .init(0, 255, 0))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).png")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(image.encoded()).write(to: file)
    let read = try Dataset.images([file.path], ImageOptions()).data
    #expect(read.featureShape == [5, 7, 3])
    let pixels = try #require(read.features(at: 0)?.scalars).map { UInt8(($0 * 255).rounded()) }
    #expect(pixels == image.pixels)
    #expect(Array(pixels.suffix(3)) == [255, 0, 128])
    let green = stride(from: 0, to: pixels.count, by: 3).filter { pixels[$0 + 1] == 255 }
    #expect(green.map { [$0 / 3 % 7, $0 / 21] } == [[2, 1], [1, 2], [2, 2], [3, 2], [2, 3]])
  }

  @Test func `colours mix, and sizes have bounds`() {
    #expect(PNGImage.Color(0, 100, 200).mixed(with: .init(100, 100, 0), share: 0.5) == .init(50, 100, 100))
    #expect(PNGImage.Color(0, 0, 0).mixed(with: .init(9, 9, 9), share: .nan) == .init(0, 0, 0))
    #expect(throws: DatasetError.self) { try PNGImage(width: 0, height: 5) }
    #expect(throws: DatasetError.self) { try PNGImage(width: 5, height: .max) }
  }

  @Test func `sequences follow their rules`() throws {
    let xor = try Synthetic.temporalXOR(count: 20, length: 9, seed: 3)
    let echo = try Synthetic.echo(count: 20, length: 9, delay: 2, seed: 3)
    let parity = try Synthetic.parity(count: 20, length: 9, seed: 3)
    guard case .floats(let bits) = xor.features, case .values(let changes) = xor.targets,
      case .values(let echoes) = echo.targets, case .values(let parities) = parity.targets
    else {
      Issue.record("features and targets must be numbers")
      return
    }
    #expect(xor.featureShape == [9, 1] && xor.targetShape == [9, 1] && bits.count == 180)
    #expect(Set(bits) == [0, 1])
    for index in bits.indices {
      let step = index % 9
      #expect(changes[index] == (step == 0 ? bits[index] : bits[index] == bits[index - 1] ? 0 : 1))
      let count = bits[(index - step)...index].reduce(0, +)
      #expect(parities[index] == count.truncatingRemainder(dividingBy: 2))
      #expect(echoes[index] == (step < 2 ? 0 : bits[index - 2]))
    }
    #expect(throws: DatasetError.self) { try Synthetic.echo(count: 1, delay: -1, seed: 0) }
    #expect(throws: DatasetError.self) { try Synthetic.temporalXOR(count: 0, seed: 0) }
    #expect(throws: DatasetError.self) { try Synthetic.temporalXOR(count: .max, length: .max, seed: 0) }
  }

  @Test func `examples can be their own targets`() throws {
    let data = try Dataset(
      features: .bytes([0, 10, 20, 30], scale: 0.5, offset: 1), featureShape: [1, 2], classes: [0, 1],
      classNames: ["a", "b"])
    let own = try data.reconstructing()
    guard case .values(let values) = own.targets else {
      Issue.record("targets must be numbers")
      return
    }
    #expect(values == [1, 6, 11, 16] && own.targetShape == [2] && own.classNames.isEmpty && own.count == 2)
  }
}

import CDigits
import Tensors

/// The UCI optical digits that are part of the package: 1,797 handwritten digits as 8x8 images.
///
/// Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (1998), UCI Machine Learning
/// Repository, https://doi.org/10.24432/C50P49, CC BY 4.0, as scikit-learn distributes them.
public enum Digits {
  private static let pixelCount = 64
  private static let name = "optical-digits.csv.gz (part of the package)"

  /// All digits, in the order of the source; a pixel is in 0...1.
  /// - Throws: `DatasetError` when the package is damaged.
  public static func loadAll() throws -> Dataset {
    let embedded = UnsafeRawBufferPointer(
      start: chainrule_optical_digits(), count: chainrule_optical_digits_byte_count())
    let stream = try ByteStream(bytes: embedded, name: name)
    var pixels: [UInt8] = []
    var classes: [Int32] = []
    for (index, line) in try text(of: stream).split(separator: UInt8(ascii: "\n")).enumerated() {
      let numbers = line.split(separator: UInt8(ascii: ",")).compactMap(number)
      guard numbers.count == pixelCount + 1, let label = numbers.last, label < 10, numbers.allSatisfy({ $0 <= 16 })
      else {
        throw DatasetError(
          .wrongFormat, path: name, "line \(index + 1) is not 64 pixels of 0 to 16 and a digit",
          advice: "build the package anew")
      }
      pixels.append(contentsOf: numbers.dropLast())
      classes.append(Int32(label))
    }
    return try Dataset(
      features: .bytes(pixels, scale: 1 / 16, offset: 0), featureShape: [8, 8], classes: classes,
      classNames: (0..<10).map(String.init))
  }

  /// Four fifths of the digits to learn from, and one fifth held back, the same in proportion of every digit.
  /// - Parameter seed: chooses which are held back; results can be compared only for the same one.
  /// - Throws: `DatasetError` when the package is damaged.
  public static func load(seed: UInt64 = 0) throws -> (training: Dataset, test: Dataset) {
    let (training, test) = try loadAll().split(validationFraction: 0.2, seed: seed, isStratified: true)
    return (training, test)
  }

  private static func text(of stream: ByteStream) throws -> [UInt8] {
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try chunk.withUnsafeMutableBytes { try stream.read(into: $0) }
      if count == 0 { return text }
      text.append(contentsOf: chunk[..<count])
    }
  }

  /// A number of one or two digits.
  private static func number(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard (1...2).contains(digits.count) else { return nil }
    return digits.reduce(UInt8?.some(0)) { value, digit in
      guard let value, (48...57).contains(digit) else { return nil }
      return value * 10 + (digit - 48)
    }
  }
}

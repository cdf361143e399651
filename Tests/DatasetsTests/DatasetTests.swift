import Datasets
import Tensors
import Testing

@Suite struct DatasetTests {
  /// Five examples of two bytes, in two classes.
  let bytes: Dataset
  /// Three examples of three floats, with two target values each.
  let floats: Dataset

  init() throws {
    bytes = try Dataset(
      features: .bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 255], scale: 0.5, offset: -1), featureShape: [2],
      classes: [0, 1, 0, 1, 1], classNames: ["even", "odd"])
    floats = try Dataset(
      features: .floats([1, 2, 3, 4, 5, 6, 7, 8, 9]), featureShape: [3, 1], values: [10, 11, 20, 21, 30, 31],
      targetShape: [2])
  }

  /// What a call writes into a buffer of `count` elements that were 99.
  private func filled<Element: ExpressibleByIntegerLiteral>(
    _ count: Int, _ body: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) rethrows -> [Element] {
    var elements = [Element](repeating: 99, count: count)
    try elements.withUnsafeMutableBufferPointer { try body($0) }
    return elements
  }

  @Test func fillsBatchesOfBytes() throws {
    let rows = [4, 0, 4, 2][...]
    #expect(try filled(9) { try bytes.copyFeatures(of: rows, into: $0) } == [3, 126.5, -1, -0.5, 3, 126.5, 1, 1.5, 99])
    #expect(try filled(4) { try bytes.copyFeatures(of: 1..<3, into: $0) } == [0, 0.5, 1, 1.5])
    #expect(try filled(5) { try bytes.copyClasses(of: rows, into: $0) } == [1, 0, 1, 0, 99] as [Int32])
  }

  @Test func fillsBatchesOfFloats() throws {
    let rows = [2, 1][...]
    #expect(try filled(6) { try floats.copyFeatures(of: rows, into: $0) } == [7, 8, 9, 4, 5, 6])
    #expect(try filled(6) { try floats.copyFeatures(of: 0..<2, into: $0) } == [1, 2, 3, 4, 5, 6])
    #expect(try filled(5) { try floats.copyValues(of: rows, into: $0) } == [30, 31, 20, 21, 99])
  }

  @Test func fillsNothingFromNoRows() throws {
    #expect(try filled(1) { try bytes.copyFeatures(of: [][...], into: $0) } == [99])
    #expect(try filled(1) { try bytes.copyFeatures(of: 9..<9, into: $0) } == [99])
    #expect(try filled(0) { try floats.copyValues(of: [][...], into: $0) } == [])
  }

  @Test func convertsEveryByteInEveryPosition() throws {
    for width in [1, 7, 16, 63, 64, 65, 257] {
      let count = 300
      let source = (0..<(width * count)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let data = try Dataset(
        features: .bytes(source, scale: 1 / 255, offset: 0), featureShape: [width],
        classes: [Int32](repeating: 0, count: count), classNames: ["one"])
      let rows = (0..<count).map { $0 * 7 % count }
      let expected = rows.flatMap { row in source[(row * width)..<((row + 1) * width)].map { Float($0) * (1 / 255) } }
      #expect(try filled(width * count) { try data.copyFeatures(of: rows[...], into: $0) } == expected)
    }
  }

  @Test func scalesWhiteToExactlyOne() throws {
    let white = try Dataset(
      features: .bytes([255], scale: 1 / 255, offset: 0), featureShape: [1], classes: [0], classNames: ["white"])
    #expect(white.features(at: 0)?.scalars == [1])
  }

  @Test func refusesRowsAndBuffersThatDoNotFit() {
    for rows in [[5], [-1], [0, 1, 5], [Int.max], [Int.min]] {
      expect(.invalidArgument, mentioning: "there is no example") {
        try filled(6) { try bytes.copyFeatures(of: rows[...], into: $0) }
      }
      expect(.invalidArgument, mentioning: "there is no example") {
        try filled(6) { try bytes.copyClasses(of: rows[...], into: $0) as Void } as [Int32]
      }
      expect(.invalidArgument, mentioning: "there is no example") {
        try filled(9) { try floats.copyFeatures(of: rows[...], into: $0) }
      }
    }
    expect(.invalidArgument, mentioning: "there is no example 5") {
      try filled(99) { try bytes.copyFeatures(of: 3..<6, into: $0) }
    }
    expect(.invalidArgument, mentioning: "do not fit a buffer of 3") {
      try filled(3) { try bytes.copyFeatures(of: [0, 1][...], into: $0) }
    }
    expect(.invalidArgument, mentioning: "do not fit a buffer of 3") {
      try filled(3) { try bytes.copyFeatures(of: 0..<Int.max, into: $0) }
    }
    #expect(bytes.features(at: 5) == nil)
    #expect(bytes.features(at: -1) == nil)
  }

  @Test func refusesTargetsOfTheOtherKind() {
    expect(.wrongContent, mentioning: "not classes") {
      try filled(9) { try floats.copyClasses(of: [0][...], into: $0) as Void } as [Int32]
    }
    expect(.wrongContent, mentioning: "not numbers") { try filled(9) { try bytes.copyValues(of: [0][...], into: $0) } }
  }

  @Test func refusesPartsThatDoNotFit() {
    let four = Dataset.Features.floats([1, 2, 3, 4])
    expect(.mismatch, mentioning: "2 examples of shape [3]") {
      try Dataset(features: four, featureShape: [3], classes: [0, 1], classNames: ["a", "b"])
    }
    expect(.invalidValue, mentioning: "label 1 is 2") {
      try Dataset(features: four, featureShape: [2], classes: [0, 2], classNames: ["a", "b"])
    }
    expect(.invalidValue, mentioning: "label 0 is -1") {
      try Dataset(features: four, featureShape: [2], classes: [-1, 0], classNames: ["a", "b"])
    }
    for shape: Shape in [[0], [-2], [.max, .max]] {
      expect(.invalidArgument, mentioning: "cannot be of shape") {
        try Dataset(features: four, featureShape: shape, classes: [0, 1], classNames: ["a", "b"])
      }
    }
    expect(.invalidValue, mentioning: "feature 1 of example 1 is nan") {
      try Dataset(features: .floats([1, 2, 3, .nan]), featureShape: [2], classes: [0, 1], classNames: ["a", "b"])
    }
    expect(.invalidArgument, mentioning: "scaled by inf") {
      try Dataset(
        features: .bytes([1], scale: .infinity, offset: 0), featureShape: [1], classes: [0], classNames: ["a"])
    }
    expect(.mismatch, mentioning: "3 target values") {
      try Dataset(features: four, featureShape: [2], values: [1, 2, 3], targetShape: [2])
    }
    expect(.invalidValue, mentioning: "target value 1 is inf") {
      try Dataset(features: four, featureShape: [2], values: [1, .infinity])
    }
  }

  @Test func takesSubsets() throws {
    let part = try bytes.subset([4, 1, 1])
    #expect(part.count == 3)
    #expect(part.classes == [1, 1, 1])
    #expect(part.classNames == ["even", "odd"])
    #expect(part.features(at: 0)?.scalars == [3, 126.5])
    #expect(part.features(at: 2)?.scalars == [0, 0.5])
    #expect(try filled(2) { try floats.subset([2]).copyValues(of: [0][...], into: $0) } == [30, 31])
    #expect(try bytes.subset([]).count == 0)
    expect(.invalidArgument, mentioning: "there is no example 5") { try bytes.subset([0, 5]) }
    expect(.invalidArgument, mentioning: "there is no example -1") { try bytes.subset([-1]) }
  }

  @Test func replacesClassesByNumbers() throws {
    let signs = try bytes.replacingClasses(with: [-1, 1])
    #expect(try filled(5) { try signs.copyValues(of: [0, 1, 2, 3, 4][...], into: $0) } == [-1, 1, -1, 1, 1])
    #expect(signs.targetShape == [1])
    #expect(signs.classes == nil)
    expect(.mismatch, mentioning: "3 numbers cannot stand for 2 classes") {
      try bytes.replacingClasses(with: [1, 2, 3])
    }
    expect(.mismatch, mentioning: "cannot stand for 0 classes") { try floats.replacingClasses(with: [1]) }
  }
}

@Suite struct SplitTests {
  /// As many examples as asked for, whose only feature is their number; every tenth is of class 1.
  private func numbered(_ count: Int) throws -> Dataset {
    try Dataset(
      features: .floats((0..<count).map { Float($0) }), featureShape: [1],
      classes: (0..<count).map { $0 % 10 == 0 ? 1 : 0 }, classNames: ["many", "few"])
  }

  private func numbers(_ data: Dataset) -> [Float] {
    (0..<data.count).compactMap { data.features(at: $0)?.scalars.first }
  }

  @Test(arguments: [false, true])
  func partsAreTheWhole(isStratified: Bool) throws {
    let data = try numbered(1000)
    let (training, validation) = try data.split(validationFraction: 0.15, seed: 3, isStratified: isStratified)
    #expect(validation.count == 150)
    #expect(training.count == 850)
    #expect((numbers(training) + numbers(validation)).sorted() == numbers(data))
    #expect(numbers(validation) == numbers(validation).sorted())
    #expect(training.classNames == data.classNames)
    for part in [training, validation] {
      #expect(part.classes == numbers(part).map { Int($0) % 10 == 0 ? 1 : 0 })
    }
  }

  @Test func stratifiesToWithinOneExample() throws {
    for seed: UInt64 in 0..<20 {
      let (_, validation) = try numbered(1000).split(validationFraction: 0.155, seed: seed, isStratified: true)
      let few = validation.classes?.filter { $0 == 1 }.count ?? 0
      #expect(validation.count == 155)
      #expect((15...16).contains(few))
    }
  }

  @Test(arguments: [false, true])
  func dependsOnTheSeedAlone(isStratified: Bool) throws {
    let data = try numbered(200)
    func held(_ seed: UInt64) throws -> [Float] {
      numbers(try data.split(validationFraction: 0.5, seed: seed, isStratified: isStratified).validation)
    }
    #expect(try held(7) == held(7))
    #expect(try held(7) != held(8))
  }

  @Test func everyExampleIsHeldAboutAsOften() throws {
    let data = try numbered(20)
    var times = [Int](repeating: 0, count: 20)
    for seed: UInt64 in 0..<1000 {
      for number in numbers(try data.split(validationFraction: 0.25, seed: seed).validation) { times[Int(number)] += 1 }
    }
    // Binomial with 1000 draws of 1/4: five standard deviations are 69.
    #expect(times.allSatisfy { abs($0 - 250) < 69 }, "\(times)")
  }

  @Test func refusesFractionsThatLeaveNothing() throws {
    let data = try numbered(4)
    for fraction in [0, 1, -0.5, 1.5, .nan, .infinity, 0.01, 0.99] {
      expect(.invalidArgument, mentioning: "\(fraction)") { try data.split(validationFraction: fraction, seed: 0) }
    }
    let line = try Synthetic.line(count: 10, seed: 0)
    expect(.invalidArgument, mentioning: "classes") {
      try line.split(validationFraction: 0.5, seed: 0, isStratified: true)
    }
    #expect(try line.split(validationFraction: 0.5, seed: 0).validation.count == 5)
  }
}
